import { z } from "zod";
import { readPublicKey } from "../../../policies/pack/signature.ts";
import type { PackRules } from "../../../policies/pack/trust.ts";
import type { ConfigProblem } from "../errors.ts";
import type { Isolation } from "./isolation.ts";
import { choice, section } from "./schema-parts.ts";

const EXPECTED_KEY =
  'a public key such as `framegate pack keygen` prints: "ed25519:" and 44 characters of base64';

export const packsSchema = section(
  "PacksInput",
  {
    require: choice(["signed", "locked", "none"])
      .prefault("locked")
      .describe(
        "What a pack must be to be loaded: signed by one of `keys` and named by policies.lock.json, named by it, or neither.",
      ),
    keys: z
      .record(z.string(), z.string({ error: EXPECTED_KEY }).refine(isPublicKey, { error: EXPECTED_KEY }), {
        error: 'an object such as { acme: "ed25519:…" }',
      })
      .prefault({})
      .describe(
        "Public keys (Ed25519) of those whose packs are believed, by a name of your own. Default: none.",
      ),
    isolation: choice(["shared", "pack", "own"])
      .prefault("pack")
      .describe(
        'Which host process policies of packs run in, in each worker, unless their use says it: with those of the same "pack", each in its "own", or "shared" with the folder\'s. The packs that come with the gateway count as the folder\'s.',
      ),
  },
  'an object such as { require: "signed", keys: { acme: "ed25519:…" } }',
);

export interface PacksConfig extends PackRules {
  /** Of policies of packs, where their use does not say it. */
  readonly isolation: Isolation | "pack";
}

/** Keys in one form, so that they can be compared. */
export function resolvePacks(
  { require, keys, isolation }: z.output<typeof packsSchema>,
  problems: ConfigProblem[],
): PacksConfig {
  if (require === "signed" && Object.keys(keys).length === 0) {
    const message =
      'expected a key of those who sign below packs.keys beside "signed", got none: no pack could ever be taken';
    problems.push({ path: "packs.require", message });
  }
  const named = Object.entries(keys).map(([name, key]) => [name, readPublicKey(key).publicKey]);
  return { require, keys: Object.fromEntries(named), frozen: false, isolation };
}

function isPublicKey(text: string): boolean {
  try {
    return readPublicKey(text).publicKey !== "";
  } catch {
    return false;
  }
}
