import type { Capabilities, Message, MessageHookContext, MessageVerdict, When } from "framegate/policy";
import { sha256Hex } from "./lib/keys.ts";
import { lookUp, PLACE_SCHEMA } from "./lib/lookups.ts";
import { refuseMessage, VIOLATION_PROPERTIES, type ViolationOptions } from "./lib/refusals.ts";

/** So many messages in a time, and no more: of each connection, or of each user on all machines. */
interface Options extends ViolationOptions {
  readonly rate: number;
  readonly per: "second" | "minute" | "hour";
  readonly burst?: number;
  readonly by?: string;
  readonly onStoreLoss: "local" | "closed" | "open";
}

/** A bucket of tokens, one of which each message takes. */
interface Session {
  tokens?: number;
  /** Milliseconds since 1970. */
  at?: number;
}

type Context = MessageHookContext<Options, Session>;

export const optionsSchema = {
  type: "object",
  required: ["rate"],
  properties: {
    rate: { type: "number", exclusiveMinimum: 0, description: "Messages of a client's." },
    per: { enum: ["second", "minute", "hour"], default: "second", description: "The time for so many." },
    burst: {
      type: "number",
      minimum: 1,
      description:
        "How many may come at once after a silence. Without it, as many as `rate`, and at least one; with `by` a whole number.",
    },
    by: {
      ...PLACE_SCHEMA,
      description:
        "Whose messages are counted together, over all connections and machines: `attributes.user`, say. Without it, those of each connection.",
    },
    onStoreLoss: {
      enum: ["local", "closed", "open"],
      default: "local",
      description:
        "With `by`, while the store of the `cluster` cannot be asked: each machine lets its share of the rate pass, no message, or all of them.",
    },
    ...VIOLATION_PROPERTIES,
  },
  additionalProperties: false,
};

/** What is counted need not come. */
export const when = { client: { body: false } } satisfies When;

/** For `by`. */
export const capabilities: Capabilities = { rates: true };

const LENGTH_MS = { second: 1000, minute: 60_000, hour: 3_600_000 };

export const client: Message<Options, Session> = (context) => {
  if (context.options.by !== undefined) return countTogether(context, context.options.by);
  return takeToken(context) ? undefined : refuseMessage(context.options, "too many messages", {}, "rate");
};

function takeToken({ frame, options, session }: Context): boolean {
  const { rate, per, burst = Math.max(rate, 1) } = options;
  const { tokens = burst, at = frame.time } = session;
  // A clock that is set back takes nothing away.
  const gained = (Math.max(frame.time - at, 0) * rate) / LENGTH_MS[per];
  session.tokens = Math.min(tokens + gained, burst);
  session.at = frame.time;
  if (session.tokens < 1) return false;
  session.tokens--;
  return true;
}

/** One bucket for each user, on all machines. */
async function countTogether(
  { options, rates, websock }: Context,
  by: string,
): Promise<MessageVerdict | undefined> {
  const { rate, per, burst, onStoreLoss } = options;
  const owner = lookUp(websock.context, by);
  if (owner === undefined) return { close: { code: 1008, reason: "nobody to count this message for" } };
  const key = `${websock.context.route.path} ${by} ${owner}`;
  const { allowed } = await rates.take(key.length > LONGEST_KEY ? await sha256Hex(key) : key, {
    limit: rate,
    per: LENGTH_MS[per],
    burst: Math.max(1, Math.floor(burst ?? rate)),
    onStoreLoss,
  });
  return allowed ? undefined : refuseMessage(options, "too many messages", {}, "rate");
}

/** What clients say of themselves may be longer than keys can be. */
const LONGEST_KEY = 512;
