import type {
  CloseVerdict,
  JsonObject,
  Message,
  MessageHookContext,
  Tick,
  TickHookContext,
} from "framegate/policy";
import { requireKnownNames } from "../lib/known-names.ts";
import type { AnySession, Maybe } from "../lib/protocol.ts";
import { type Limits, readLimits } from "./limits.ts";
import { windowState } from "./window-state.ts";

type Context<Options> = MessageHookContext<Options, AnySession>;

/** Of messages that belong together, such as a request and its answer. */
export interface WindowCount {
  readonly key: string;
  readonly messages: number;
  readonly bytes: number;
  /** From the first of them until the last has come, or time was up. */
  readonly milliseconds: number;
  /** The last one has come (`ends`), there are more than may be (`full`), or the time was up (`time`). */
  readonly cause: "ends" | "full" | "time";
}

/** Which messages are counted together, and what is done about it. All pass. */
export interface CountRules<Options = JsonObject> {
  /** The name of what a message, of either side, belongs to; undefined: to nothing. */
  key(context: Context<Options>): string | undefined;
  /** Whether it is the last of it. One of which nothing came before is not counted. */
  ends(context: Context<Options>): boolean;
  /** Called once for what belongs together. A `close` that it returns ends the connection. */
  onEnd(
    count: WindowCount,
    context: Context<Options> | TickHookContext<Options, AnySession>,
  ): Maybe<{ readonly close?: CloseVerdict }>;
  /** 1 to 1,000,000, default 10,000. */
  readonly maxMessages?: number;
  /** 1 to 1 GiB, default 16 MiB. */
  readonly maxBytes?: number;
  /** 50 to 3,600,000, default 30,000. */
  readonly maxMilliseconds?: number;
}

export interface CountHooks<Options = JsonObject> {
  readonly client: Message<Options>;
  readonly server: Message<Options>;
  readonly tick: Tick<Options>;
}

const LIMITS: Limits = {
  maxMessages: { usual: 10_000, least: 1, most: 1_000_000 },
  maxBytes: { usual: 16_777_216, least: 1, most: 1_073_741_824 },
  maxMilliseconds: { usual: 30_000, least: 50, most: 3_600_000 },
};
const NAMES = ["key", "ends", "onEnd", "maxMessages", "maxBytes", "maxMilliseconds"];
/** As many are counted at once; of more the one that began first counts as full. */
const MAX_OPEN = 128;
const MAX_KEY_LENGTH = 64;

/** As it lies in `session`. */
interface Open {
  readonly key: string;
  readonly since: number;
  messages: number;
  bytes: number;
}

/** The hooks of a policy that counts messages which belong together, of both sides, and how long they took. */
export function countWindow<Options = JsonObject>(rules: CountRules<Options>): CountHooks<Options> {
  const limits = readLimits("countWindow", requireKnownNames("countWindow", rules, NAMES), LIMITS);
  const end = (
    { key, since, messages, bytes }: Open,
    cause: WindowCount["cause"],
    [time, context]: readonly [number, Parameters<CountRules<Options>["onEnd"]>[1]],
  ) => rules.onEnd({ key, messages, bytes, milliseconds: Math.max(0, time - since), cause }, context)?.close;

  const count: Message<Options> = (context) => {
    const key = rules.key(context)?.slice(0, MAX_KEY_LENGTH);
    if (key === undefined) return undefined;
    const open = openOf(context.session);
    const { length, time } = context.frame;
    const at = [time, context] as const;
    const isLast = rules.ends(context);
    let counted = open.find((each) => each.key === key);
    let crowded: CloseVerdict | undefined;
    if (counted === undefined) {
      if (isLast) return undefined;
      const oldest = open.length >= MAX_OPEN ? open.shift() : undefined;
      crowded = oldest && end(oldest, "full", at);
      counted = { key, since: time, messages: 0, bytes: 0 };
      open.push(counted);
    }
    counted.messages++;
    counted.bytes += length;
    const isFull = counted.messages > limits.maxMessages || counted.bytes > limits.maxBytes;
    const close = isLast || isFull ? end(counted, isLast ? "ends" : "full", at) : undefined;
    if (isLast || isFull) open.splice(open.indexOf(counted), 1);
    const isFirst = open.length === 1 && open[0] === counted && counted.messages === 1;
    return {
      ...(isFirst && { tick: { in: limits.maxMilliseconds } }),
      ...((close ?? crowded) && { close: close ?? crowded }),
    };
  };

  return {
    client: count,
    server: count,
    tick(context) {
      const { time, session } = context;
      const open = openOf(session);
      let close: CloseVerdict | undefined;
      while (open[0] !== undefined && open[0].since + limits.maxMilliseconds <= time)
        close = end(open.shift() as Open, "time", [time, context]) ?? close;
      const next = open[0];
      return {
        tick: next === undefined ? false : { in: next.since + limits.maxMilliseconds - time },
        ...(close && { close }),
      };
    },
  };
}

function openOf(session: AnySession): Open[] {
  return windowState<Open[]>(session, "count", () => []);
}
