import { z } from "zod";
import type { Duration, Size } from "./input.ts";
import { choice, flag, section } from "./schema-parts.ts";
import { duration, limitedDuration, size } from "./units.ts";

/** The options of a route that hold for its open sessions, as a config file has them. */
export interface SessionInput {
  /** Longest life of a connection, which ends it even if active (1001), up to 10 % earlier so that not all leave at once; 0: unlimited. Default: 0. */
  readonly expire?: Duration | 0;
  /** Close (1001) when no message has passed in either direction for so long; 0: never. Default: 0. */
  readonly idle?: Duration | 0 | IdleInput;
  /** Pings of the gateway's own, which find peers that have vanished without a word; false: none. Default: false. */
  readonly keepalive?: false | KeepaliveInput;
  /** Largest messages and frames, where the two directions differ or frames count. */
  readonly limits?: LimitsInput;
}

export interface IdleInput {
  /** Longest time without a message. */
  readonly timeout: Duration;
  /** Whether the peers' pings and pongs count as well. Default: false. */
  readonly countPings?: boolean;
}

export interface KeepaliveInput {
  /** A peer that has been silent for so long is sent a ping. Default: "30s". */
  readonly interval?: Duration;
  /** A peer that says nothing for so long after a ping is cut off. Default: "10s". */
  readonly timeout?: Duration;
  /** Which peers are asked. Default: "both". */
  readonly legs?: "client" | "server" | "both";
}

export interface LimitsInput {
  /** Largest frame in either direction, as on the wire, in bytes or with a unit; 0: as large as a message. Default: 0. */
  readonly maxFrameSize?: Size;
  /** What the client may send. */
  readonly client?: SideLimitsInput;
  /** What the server may send. */
  readonly server?: SideLimitsInput;
}

export interface SideLimitsInput {
  /** Largest message from this side, inflated, in bytes or with a unit. Default: the route's. */
  readonly maxMessageSize?: Size;
  /** Largest frame from this side, as on the wire; 0: as large as a message. Default: that of both sides. */
  readonly maxFrameSize?: Size;
}

/** The same as the sessions read them: plain JSON. Times and sizes of 0 mean unlimited. */
export interface SessionConfig {
  readonly expireMs: number;
  readonly idle: IdleConfig;
  readonly keepalive: KeepaliveConfig | false;
  /** By who sends. */
  readonly limits: { readonly client: SideLimits; readonly server: SideLimits };
}

export interface IdleConfig {
  readonly timeoutMs: number;
  readonly countPings: boolean;
}

export interface KeepaliveConfig {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly legs: readonly ("client" | "server")[];
}

export interface SideLimits {
  readonly maxMessageBytes: number;
  readonly maxFrameBytes: number;
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

const keepaliveSchema = section(
  {
    interval: limitedDuration()
      .prefault("30s")
      .describe('A peer that has been silent for so long is sent a ping. Default: "30s".'),
    timeout: limitedDuration()
      .prefault("10s")
      .describe('A peer that says nothing for so long after a ping is cut off. Default: "10s".'),
    legs: choice(["client", "server", "both"])
      .prefault("both")
      .describe('Which peers are asked. Default: "both".'),
  },
  "{ interval, timeout, legs }",
);

const sideLimitsSchema = section(
  {
    maxMessageSize: size(1, "1")
      .optional()
      .describe("Largest message from this side, inflated, in bytes or with a unit. Default: the route's."),
    maxFrameSize: size(0, "0")
      .optional()
      .describe(
        "Largest frame from this side, as on the wire; 0: as large as a message. Default: that of both sides.",
      ),
  },
  "{ maxMessageSize, maxFrameSize }",
);

const limitsSchema = section(
  {
    maxFrameSize: size(0, "0")
      .prefault(0)
      .describe(
        "Largest frame in either direction, as on the wire, in bytes or with a unit; 0: as large as a message. Default: 0.",
      ),
    client: sideLimitsSchema.prefault({}).describe("What the client may send."),
    server: sideLimitsSchema.prefault({}).describe("What the server may send."),
  },
  "{ maxFrameSize, client, server }",
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
  keepalive: z
    .union([z.literal(false, { error: "{ interval, timeout, legs } or false" }), keepaliveSchema], {
      error: "{ interval, timeout, legs }, or false for no pings",
    })
    .prefault(false)
    .describe(
      "Pings of the gateway's own, which find peers that have vanished without a word; false: none. Default: false.",
    ),
  limits: limitsSchema
    .prefault({})
    .describe("Largest messages and frames, where the two directions differ or frames count."),
};

type ParsedSession = z.output<z.ZodObject<typeof sessionShape>> & { readonly maxMessageSize: number };

export function resolveSession(parsed: ParsedSession): SessionConfig {
  const { idle, keepalive, limits } = parsed;
  const limitsOf = (side: "client" | "server"): SideLimits => ({
    maxMessageBytes: limits[side].maxMessageSize ?? parsed.maxMessageSize,
    maxFrameBytes: limits[side].maxFrameSize ?? limits.maxFrameSize,
  });
  return {
    expireMs: parsed.expire,
    idle:
      typeof idle === "number"
        ? { timeoutMs: idle, countPings: false }
        : { timeoutMs: idle.timeout, countPings: idle.countPings },
    keepalive: keepalive && {
      intervalMs: keepalive.interval,
      timeoutMs: keepalive.timeout,
      legs: keepalive.legs === "both" ? ["client", "server"] : [keepalive.legs],
    },
    limits: { client: limitsOf("client"), server: limitsOf("server") },
  };
}
