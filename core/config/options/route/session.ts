import { z } from "zod";
import { choice, flag, section, whole } from "../schema-parts.ts";
import { durationOrZero, limitedDuration, size } from "../units.ts";

export type RateAction = "close" | "drop" | "delay";

/** The same as the sessions read them: plain JSON. Times and sizes of 0 mean unlimited. */
export interface SessionConfig {
  readonly expireMs: number;
  readonly idle: IdleConfig;
  readonly keepalive: KeepaliveConfig | false;
  /** By who sends. */
  readonly limits: { readonly client: SideLimits; readonly server: SideLimits };
  /** By who sends. */
  readonly rate: { readonly client?: RateConfig; readonly server?: RateConfig };
  /** Undefined: open sessions are not closed for a change. */
  readonly recycleSpreadMs?: number;
  /** When the route is removed: how long they go on, and over which time the closes are spread then; undefined: they stay. */
  readonly removal: { readonly afterMs: number; readonly spreadMs: number } | undefined;
  /** Open sessions go on by the chain and the versions that they began with. */
  readonly pinsPolicies: boolean;
  readonly slowConsumer: { readonly bufferedBytes: number; readonly timeoutMs: number };
}

export interface RateConfig {
  /** 0: no limit. */
  readonly messages: number;
  /** 0: no limit. */
  readonly bytes: number;
  readonly perMs: number;
  readonly action: RateAction;
  readonly key: {
    readonly source: "connection" | "address" | "header" | "attribute";
    /** Of the header, in lower case, or of the attribute. */
    readonly name: string;
  };
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
  /** Nobody has written a limit: a message that is passed on as it comes has none, for nothing of it is kept. */
  readonly passesAny?: true;
}

const idleSchema = section(
  "IdleInput",
  {
    timeout: limitedDuration().describe("Longest time without a message."),
    countPings: flag().prefault(false).describe("Whether the peers' pings and pongs count as well."),
  },
  "{ timeout, countPings }",
);

const keepaliveSchema = section(
  "KeepaliveInput",
  {
    interval: limitedDuration()
      .prefault("30s")
      .describe("A peer that has been silent for so long is sent a ping."),
    timeout: limitedDuration()
      .prefault("10s")
      .describe("A peer that says nothing for so long after a ping is cut off."),
    legs: choice(["client", "server", "both"]).prefault("both").describe("Which peers are asked."),
  },
  "{ interval, timeout, legs }",
);

const sideLimitsSchema = section(
  "SideLimitsInput",
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
  "LimitsInput",
  {
    maxFrameSize: size(0, "0")
      .prefault(0)
      .describe(
        "Largest frame in either direction, as on the wire, in bytes or with a unit; 0: as large as a message.",
      ),
    client: sideLimitsSchema.prefault({}).describe("What the client may send."),
    server: sideLimitsSchema.prefault({}).describe("What the server may send."),
  },
  "{ maxFrameSize, client, server }",
);

const RATE_KEY_TEXT = '"connection", "address", "header:NAME" or "attribute:NAME"';

const sideRateShape = {
  messages: whole(0, 1_000_000_000, "a whole number of messages, or 0 for no limit")
    .prefault(0)
    .describe("Messages within `per`; 0: no limit."),
  bytes: size(0, "0").prefault(0).describe("Payload bytes within `per`, as on the wire; 0: no limit."),
  per: limitedDuration()
    .prefault("1s")
    .describe("The time in which so many may come: all at once, or spread over it."),
  action: choice(["close", "drop", "delay"])
    .prefault("close")
    .describe(
      "What happens past it: close the connection (1008), drop the message, or stop reading until there is room again.",
    ),
  key: z
    .string({ error: RATE_KEY_TEXT })
    .regex(/^(connection|address|header:[\w!#$%&'*+.^`|~-]+|attribute:.+)$/, { error: RATE_KEY_TEXT })
    .prefault("connection")
    .describe('Who shares one allowance: "connection", "address", "header:NAME" or "attribute:NAME".'),
};

const RATE_TEXT = "{ messages, bytes, per, action, key }";

const rateSchema = section(
  "RateInput",
  {
    ...sideRateShape,
    server: section("SideRateInput", sideRateShape, RATE_TEXT)
      .optional()
      .describe("The same for what the server sends. Default: no limit."),
  },
  RATE_TEXT,
);

const slowConsumerSchema = section(
  "SlowConsumerInput",
  {
    bufferedBytes: size(0, "0")
      .prefault(0)
      .describe(
        "How much may wait for a receiver before its sender is read no further; 0: what the socket takes, about 64 KiB.",
      ),
    timeout: durationOrZero()
      .prefault(0)
      .describe(
        "A receiver that has held its sender up for so long, without once taking all that waits, ends the connection (1013); 0: it is waited for.",
      ),
  },
  "{ bufferedBytes, timeout }",
);

const ON_REMOVE_TEXT = '"close", "keep" or { drain: "10m" }';

const onRemoveSchema = z.union(
  [
    z.enum(["close", "keep"], { error: ON_REMOVE_TEXT }),
    section(
      "OnRemoveInput",
      { drain: limitedDuration().describe("How long the sessions may go on.") },
      ON_REMOVE_TEXT,
    ),
  ],
  { error: ON_REMOVE_TEXT },
);

export const sessionShape = {
  expire: durationOrZero()
    .prefault(0)
    .describe(
      "Longest life of a connection, which ends it even if active (1001), up to 10 % earlier so that not all leave at once; 0: unlimited.",
    ),
  idle: z
    .union([durationOrZero(), idleSchema], {
      error: 'a duration such as "5m", 0, or { timeout, countPings }',
    })
    .prefault(0)
    .describe("Close (1001) when no message has passed in either direction for so long; 0: never."),
  keepalive: z
    .union([z.literal(false, { error: "{ interval, timeout, legs } or false" }), keepaliveSchema], {
      error: "{ interval, timeout, legs }, or false for no pings",
    })
    .prefault(false)
    .describe("Pings of the gateway's own, which find peers that have vanished without a word; false: none."),
  limits: limitsSchema
    .prefault({})
    .describe("Largest messages and frames, where the two directions differ or frames count."),
  rate: rateSchema
    .prefault({})
    .describe(
      "How many messages and bytes the client may send in a time, and the server below `server`; with a shared `key` over all workers.",
    ),
  slowConsumer: slowConsumerSchema
    .prefault({})
    .describe("What happens when one side takes less than the other sends."),
  reload: choice(["swap", "recycle", "pin"])
    .prefault("swap")
    .describe(
      "What a change of the route or its policies means for open connections: they go on by the new policies, they are closed (1012), or they keep the policies that they began with.",
    ),
  recycleSpread: durationOrZero()
    .prefault("10s")
    .describe(
      'The time over which the closes of "recycle" are spread, and those (1001) of a route that is removed; 0: all at once.',
    ),
  onRemove: onRemoveSchema
    .prefault("close")
    .describe(
      'What becomes of open sessions when the route is removed: they are closed (1001) within `recycleSpread`, they go on for so long first (`drain`), or they stay open ("keep"). They are listed with the route that they had.',
    ),
};

type ParsedSession = z.output<z.ZodObject<typeof sessionShape>> & {
  readonly maxMessageSize?: number | undefined;
};

/** Of messages that are kept, where nobody has written a limit. */
export const DEFAULT_MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

export function resolveSession(parsed: ParsedSession): SessionConfig {
  const { idle, keepalive, limits, rate, slowConsumer } = parsed;
  const limitsOf = (side: "client" | "server"): SideLimits => {
    const written = limits[side].maxMessageSize ?? parsed.maxMessageSize;
    return {
      maxMessageBytes: written ?? DEFAULT_MAX_MESSAGE_BYTES,
      maxFrameBytes: limits[side].maxFrameSize ?? limits.maxFrameSize,
      ...(written === undefined && { passesAny: true }),
    };
  };
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
    rate: { ...resolveRate("client", rate), ...resolveRate("server", rate.server) },
    ...(parsed.reload === "recycle" && { recycleSpreadMs: parsed.recycleSpread }),
    removal: resolveRemoval(parsed),
    pinsPolicies: parsed.reload === "pin",
    slowConsumer: { bufferedBytes: slowConsumer.bufferedBytes, timeoutMs: slowConsumer.timeout },
  };
}

function resolveRemoval({ onRemove, recycleSpread }: ParsedSession): SessionConfig["removal"] {
  if (onRemove === "keep") return undefined;
  return { afterMs: onRemove === "close" ? 0 : onRemove.drain, spreadMs: recycleSpread };
}

/** Nothing where nothing is limited, so that nothing is counted. */
function resolveRate(
  side: "client" | "server",
  parsed: Omit<ParsedSession["rate"], "server"> | undefined,
): SessionConfig["rate"] {
  if (parsed === undefined || (parsed.messages === 0 && parsed.bytes === 0)) return {};
  const { messages, bytes, per, action, key } = parsed;
  const [source, ...rest] = key.split(":") as [RateConfig["key"]["source"], ...string[]];
  const name = rest.join(":");
  return {
    [side]: {
      ...{ messages, bytes, perMs: per, action },
      key: { source, name: source === "header" ? name.toLowerCase() : name },
    },
  };
}
