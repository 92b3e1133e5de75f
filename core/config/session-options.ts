import { z } from "zod";
import type { Duration } from "./input.ts";
import { flag, section } from "./schema-parts.ts";
import { duration, limitedDuration } from "./units.ts";

/** The options of a route that hold for its open sessions, as a config file has them. */
export interface SessionInput {
  /** Longest life of a connection, which ends it even if active (1001), up to 10 % earlier so that not all leave at once; 0: unlimited. Default: 0. */
  readonly expire?: Duration | 0;
  /** Close (1001) when no message has passed in either direction for so long; 0: never. Default: 0. */
  readonly idle?: Duration | 0 | IdleInput;
}

export interface IdleInput {
  /** Longest time without a message. */
  readonly timeout: Duration;
  /** Whether the peers' pings and pongs count as well. Default: false. */
  readonly countPings?: boolean;
}

/** The same as the sessions read them: plain JSON. Times and sizes of 0 mean unlimited. */
export interface SessionConfig {
  readonly expireMs: number;
  readonly idle: IdleConfig;
}

export interface IdleConfig {
  readonly timeoutMs: number;
  readonly countPings: boolean;
}

const idleSchema = section(
  {
    timeout: limitedDuration().describe("Longest time without a message."),
    countPings: flag()
      .prefault(false)
      .describe("Whether the peers' pings and pongs count as well. Default: false."),
  },
  "{ timeout, countPings }",
);

export const sessionShape = {
  expire: duration()
    .prefault(0)
    .describe(
      "Longest life of a connection, which ends it even if active (1001), up to 10 % earlier so that not all leave at once; 0: unlimited. Default: 0.",
    ),
  idle: z
    .union([duration(), idleSchema], { error: 'a duration such as "5m", 0, or { timeout, countPings }' })
    .prefault(0)
    .describe(
      "Close (1001) when no message has passed in either direction for so long; 0: never. Default: 0.",
    ),
};

type ParsedSession = z.output<z.ZodObject<typeof sessionShape>>;

export function resolveSession(parsed: ParsedSession): SessionConfig {
  const { idle } = parsed;
  return {
    expireMs: parsed.expire,
    idle:
      typeof idle === "number"
        ? { timeoutMs: idle, countPings: false }
        : { timeoutMs: idle.timeout, countPings: idle.countPings },
  };
}
