import { basename, dirname, resolve } from "node:path";
import { z } from "zod";
import { readShare, shareText } from "./rollout.ts";
import { flag, section, text } from "./schema-parts.ts";

/** Another version of a policy, or of a chain, that gets copies of the same calls. */
export interface ShadowConfig {
  /** As it is written in the config. */
  readonly from: string;
  /** Where its policies are: absolute. */
  readonly folder: string;
  /** Its name in there; absent: that of the policy itself. */
  readonly policy?: string;
  /** Which share of the sessions has it, from 0 to 1. */
  readonly sample: number;
  /** Whether it may send requests, as far as the policy itself is granted to. */
  readonly fetch: boolean;
}

const FROM_TEXT =
  'the path of a policy\'s file or of a folder, such as "next/chat.ts" or "../branch/policies"';
const ERROR = `${FROM_TEXT}, { from, sample, fetch }, or false`;
const POLICY_FILE = /\.(?:ts|mts|js|mjs)$/;

const shadowObject = section(
  "ShadowInput",
  {
    from: text(FROM_TEXT).describe(
      "Where the other version is, relative to the config file: a policy's file, or a folder that has policies of the same names, those of its packs among them. For a whole chain a folder.",
    ),
    sample: shareText()
      .prefault("100%")
      .describe("Which share of the sessions has a shadow, each from its beginning to its end."),
    fetch: flag()
      .prefault(false)
      .describe(
        "Whether it may `fetch` what the policy itself is granted: those requests are sent twice then.",
      ),
  },
  ERROR,
);

export function shadowOption() {
  return z.union([z.literal(false, { error: ERROR }), text(ERROR), shadowObject], { error: ERROR });
}

/** @param dir what it is relative to */
export function resolveShadow(
  parsed: z.output<ReturnType<typeof shadowOption>>,
  dir: string,
): ShadowConfig | false {
  if (parsed === false) return false;
  const { from, sample, fetch } =
    typeof parsed === "string" ? { from: parsed, sample: "100%", fetch: false } : parsed;
  const path = resolve(dir, from);
  const policy = POLICY_FILE.test(path) && basename(path).replace(POLICY_FILE, "");
  return {
    from,
    folder: policy ? dirname(path) : path,
    ...(policy && { policy }),
    sample: readShare(sample),
    fetch,
  };
}
