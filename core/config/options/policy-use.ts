import { z } from "zod";
import { choice, flag } from "./schema-parts.ts";

/** Switches of one use of a policy. */
export const policySwitches = {
  enabled: flag()
    .prefault(true)
    .describe("Whether the policy is in the chain; one that is not stays configured."),
  hooks: z
    .array(choice(["upgrade", "client", "server", "close"]), {
      error: 'a list of hooks such as ["upgrade", "client"]',
    })
    .optional()
    .describe("Which of the policy's hooks run in this chain. Default: all that it exports."),
};
