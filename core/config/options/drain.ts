import { z } from "zod";
import { section } from "./schema-parts.ts";
import { durationOrZero } from "./units.ts";

export interface DrainConfig {
  readonly code: 1001 | 1012;
  readonly spreadMs: number;
  /** From the last Close on; 0: unlimited. */
  readonly timeoutMs: number;
}

export const drainSchema = section(
  "DrainInput",
  {
    code: z
      .literal([1001, 1012], { error: "1001 or 1012" })
      .prefault(1001)
      .describe("Code of the Close that each open session gets: 1001 going away, 1012 restarting."),
    spread: durationOrZero("all at once")
      .prefault("0s")
      .describe(
        "Time over which these Closes are spread evenly, so that not all clients come back at once; 0: all at once.",
      ),
    timeout: durationOrZero()
      .prefault("10s")
      .describe(
        "How long the sessions have to close after the last of these Closes, before they are cut; 0: as long as they take.",
      ),
  },
  'an object such as { code: 1012, spread: "30s" }',
);

export function resolveDrain({ code, spread, timeout }: z.output<typeof drainSchema>): DrainConfig {
  return { code, spreadMs: spread, timeoutMs: timeout };
}
