/** What the admin API gives of where policies come from. */
import { z } from "zod";

const time = z.number().describe("Milliseconds since 1970; 0: never.");
const versionSchema = z.object({
  digest: z.string().describe('Of its content: "sha256:…".'),
  revision: z.string().describe("What the source calls it: a commit, the digest of an archive or manifest."),
  madeOf: z
    .string()
    .describe(
      "What it was made of, as `framegate push --revision` said; empty: nobody said. No signature is over it.",
    ),
  origin: z.string(),
  fetchedAt: time,
  activatedAt: time,
  signedBy: z.string().describe("Id of the key that is believed; empty: none."),
});
const sourceSchema = z.object({
  origin: z.string().describe("Where it is."),
  phase: z.enum(["idle", "fetching", "verifying", "checking", "activating"]),
  active: versionSchema.nullable().describe("The one that runs; null: none yet."),
  offered: versionSchema.nullable().describe("It has passed all checks, and does not run yet."),
  versions: z
    .array(versionSchema)
    .describe("Those that are on disk, newest first: any of them can be activated."),
  seenAt: time.describe("When it last gave an answer."),
  failures: z.number().describe("Looks that came to nothing, one after the other."),
  problem: z
    .object({ kind: z.enum(["failed", "refused"]), message: z.string() })
    .nullable()
    .describe("Failed looks are tried again; a version that was refused is not, until there is another."),
});
export const sourceAnswerSchema = z.object({
  source: sourceSchema.nullable().describe("Null: policies are a folder of this machine."),
});

export type SourceAnswer = z.output<typeof sourceAnswerSchema>;
