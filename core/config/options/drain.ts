import { z } from "zod";
import { section } from "./schema-parts.ts";
import { durationOrZero, rateOrZero } from "./units.ts";

export interface DrainConfig extends WorkerDrain {
  /** Over all workers; 0: no limit. */
  readonly perSecond: number;
  /** Before anything else: connections are still taken. */
  readonly delayMs: number;
}

/** What a Close says to a session whose process stops. */
export interface Goodbye {
  readonly code: 1001 | 1012;
  /** Each Close names a time to come again that is within so long; absent, or 0: none. */
  readonly reconnectMs?: number;
}

/** What of it a worker does by itself. */
export interface WorkerDrain extends Goodbye {
  readonly spreadMs: number;
  /** From 0 to 1; absent: 0. */
  readonly jitter?: number;
  /** From the last Close on; 0: unlimited. */
  readonly timeoutMs: number;
}

const JITTER_TEXT = "a number from 0 to 1";

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
    jitter: z
      .number({ error: JITTER_TEXT })
      .min(0, { error: JITTER_TEXT })
      .max(1, { error: JITTER_TEXT })
      .prefault(0)
      .describe(
        "By how much of its distance to the next each of these Closes may come late, so that gateways that stop together are not in step; from 0 to 1.",
      ),
    reconnect: durationOrZero("nothing")
      .prefault("0s")
      .describe(
        'The reason of each Close ends with a number of seconds to wait before coming again, such as "; retry-after=2.4", another one for each session and none longer than this; 0: it says nothing.',
      ),
    rate: rateOrZero("no limit")
      .prefault(0)
      .describe(
        'Most Closes in a time, over all workers, such as "200/s"; the drain takes longer than `spread` where it must; 0: no limit.',
      ),
    delay: durationOrZero("none")
      .prefault(0)
      .describe(
        "Time before anything is closed, in which `/readyz` says 503 and connections are still taken: until load balancers send them elsewhere; 0: none.",
      ),
    timeout: durationOrZero()
      .prefault("10s")
      .describe(
        "How long the sessions have to close after the last of these Closes, before they are cut; 0: as long as they take.",
      ),
  },
  'an object such as { code: 1012, spread: "30s" }',
);

export function resolveDrain(parsed: z.output<typeof drainSchema>): DrainConfig {
  const { code, spread, jitter, reconnect, rate, delay, timeout } = parsed;
  return {
    code,
    spreadMs: spread,
    jitter,
    reconnectMs: reconnect,
    perSecond: rate,
    delayMs: delay,
    timeoutMs: timeout,
  };
}
