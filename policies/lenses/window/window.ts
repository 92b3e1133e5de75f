import type {
  Body,
  Close,
  JsonObject,
  Message,
  MessageHookContext,
  MessageVerdict,
  Tick,
  TickVerdict,
} from "framegate/policy";
import { requireKnownNames } from "../lib/known-names.ts";
import type { AnySession, SideName } from "../lib/protocol.ts";
import {
  countHeld,
  heldSince,
  heldSize,
  holdMessage,
  nothingHeld,
  takeWindows,
  type WindowMessage,
  type WindowState,
  waitsUntil,
} from "./held-messages.ts";
import { type ChosenLimits, type Limits, readLimits } from "./limits.ts";
import { windowState } from "./window-state.ts";

type Context<Options> = MessageHookContext<Options, AnySession>;

/** Which messages are held, until when, and what goes out in their place. */
export interface WindowRules<Options = JsonObject> {
  /** Whose messages. */
  readonly from: SideName;
  /** The name of what the message belongs to; undefined: to nothing. That one passes, and all that is held before it. */
  key(context: Context<Options>): string | undefined;
  /** Whether the message, which belongs to something, is the last of it: all that is held goes out with it. Default: none is. */
  ends?(context: Context<Options>): boolean;
  /** What goes out in place of messages that belong together. Default: they themselves, in order. */
  join?(messages: readonly WindowMessage[], key: string): Body;
  /** No more is held than this: what is held goes out with the message that would be one too many. 1 to 200, default 100. */
  readonly maxMessages?: number;
  /** The same in bytes of all that is held, about. 1 to 49,152, default 32,768. */
  readonly maxBytes?: number;
  /** For how long a message is held at most. 50 to 60,000, default 100; a `tick` may be 50 ms late. */
  readonly maxMilliseconds?: number;
}

export interface WindowHooks<Options = JsonObject> {
  readonly client?: Message<Options>;
  readonly server?: Message<Options>;
  readonly tick: Tick<Options>;
  readonly close: Close<Options>;
}

const LIMITS: Limits = {
  maxMessages: { usual: 100, least: 1, most: 200 },
  maxBytes: { usual: 32_768, least: 1, most: 49_152 },
  maxMilliseconds: { usual: 100, least: 50, most: 60_000 },
};

const NAMES = ["from", "key", "ends", "join", "maxMessages", "maxBytes", "maxMilliseconds"];

/**
 * The hooks of a policy that holds messages of one side that belong together, and sends them, joined or as they are, soon after. When one goes
 * out all that is held does, in order: nothing overtakes what came before it.
 */
export function window<Options = JsonObject>(rules: WindowRules<Options>): WindowHooks<Options> {
  const { from } = requireKnownNames("window", rules, NAMES);
  if (from !== "client" && from !== "server")
    throw new TypeError(`window: expected \`from\` to be client or server, got ${JSON.stringify(from)}`);
  const limits = readLimits("window", rules, LIMITS);
  return {
    [from]: ((context) =>
      onMessage(
        { rules, limits, state: stateOf(context.session, from) },
        context,
      )) satisfies Message<Options>,
    tick: ({ time, session }) => onTick({ rules, limits, state: stateOf(session, from) }, time),
    close({ session, log }) {
      const lost = countHeld(stateOf(session, from));
      if (lost > 0) log.warn(`a window held ${lost} messages when the connection ended: they are lost`);
    },
  };
}

function stateOf(session: AnySession, from: SideName): WindowState {
  return windowState(session, from, nothingHeld);
}

interface Windowed<Options> {
  readonly rules: WindowRules<Options>;
  readonly limits: ChosenLimits;
  readonly state: WindowState;
}

function onMessage<Options>(
  { rules, limits, state }: Windowed<Options>,
  context: Context<Options>,
): MessageVerdict | undefined {
  const { body } = context.content;
  const { time } = context.frame;
  const key = rules.key(context);
  const isLast = key === undefined || rules.ends?.(context) === true;
  const isFull = countHeld(state) >= limits.maxMessages || state.size + heldSize(body, key) > limits.maxBytes;
  if (!isFull && !isLast) {
    const isFirst = state.windows.length === 0;
    holdMessage(state, key, { body, time });
    return { drop: true, ...(isFirst && { tick: { in: limits.maxMilliseconds } }) };
  }
  if (state.windows.length === 0 && (key === undefined || rules.join === undefined)) return undefined;
  const held = waitsUntil(state, time);
  holdMessage(state, key ?? null, { body, time });
  const [first, ...others] = takeBodies(rules, state);
  return { content: { body: first as Body }, append: others, held };
}

/** What a tick sends goes before the messages that the hook is called with after it. */
function onTick<Options>({ rules, limits, state }: Windowed<Options>, time: number): TickVerdict {
  const since = heldSince(state);
  if (since === undefined) return { tick: false };
  const left = since + limits.maxMilliseconds - time;
  if (left > 0) return { tick: { in: left } };
  const held = waitsUntil(state, time);
  const bodies = takeBodies(rules, state);
  return { [rules.from === "server" ? "toClient" : "toServer"]: bodies, tick: false, held };
}

/** What goes out for all that is held, each window where its first message was. */
function takeBodies<Options>({ join }: WindowRules<Options>, state: WindowState): readonly Body[] {
  return takeWindows(state).flatMap(({ key, messages }): readonly Body[] =>
    key === null || join === undefined ? messages.map(({ body }) => body) : [join(messages, key)],
  );
}
