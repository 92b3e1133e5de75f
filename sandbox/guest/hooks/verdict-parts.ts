import { MAX_ATTRIBUTES } from "../../wire/fields.ts";
import {
  isCloseCode,
  MAX_HELD,
  MAX_REASON_BYTES,
  MAX_RULE_LENGTH,
  MAX_TICK_IN,
  MAX_TIME,
  type WireMessageVerdict,
  type WireTick,
} from "../../wire/verdicts.ts";
import { utf8Length } from "../globals/text.ts";
import { plainJson } from "./plain-json.ts";
import { checkKeys, expected, VerdictError } from "./verdict-error.ts";

/** Parts that verdicts of several hooks have, read and checked. */

/** A time below this is in seconds, as in a token's `exp`; in milliseconds it would be before March 1973. */
const SECONDS_BELOW = 1e11;

/** @returns milliseconds since 1970 */
export function checkTime(time: unknown, path: string): number {
  if (typeof time !== "number" || !Number.isFinite(time) || time <= 0)
    throw expected(path, "a time in milliseconds (or seconds) since 1970", time);
  if (time > MAX_TIME)
    throw expected(path, "a time in milliseconds since 1970, before the year 275761", time);
  return time < SECONDS_BELOW ? time * 1000 : time;
}

const TICK_KEYS = ["in", "at"];

export function checkNextTick(tick: unknown): WireTick {
  if (tick === false) return false;
  checkKeys(tick, "tick", (key) => TICK_KEYS.includes(key), TICK_KEYS);
  const { in: delay, at } = tick as { readonly in?: unknown; readonly at?: unknown };
  if ((delay === undefined) === (at === undefined))
    throw new VerdictError("expected `tick` to have either in or at", "tick");
  if (at !== undefined) return { at: checkTime(at, "tick.at") };
  if (typeof delay !== "number" || !(delay >= 0) || delay > MAX_TICK_IN)
    throw expected("tick.in", `milliseconds from 0 to ${MAX_TICK_IN}`, delay);
  return { in: delay };
}

/** In milliseconds. */
export function checkHeld(held: unknown): readonly number[] {
  if (!Array.isArray(held) || held.length > MAX_HELD)
    throw expected("held", `a list of at most ${MAX_HELD} times in milliseconds`, held);
  return held.map((each: unknown, index) => {
    if (typeof each !== "number" || !(each >= 0) || each > MAX_TIME)
      throw expected(`held[${index}]`, "milliseconds from 0", each);
    return each;
  });
}

const CLOSE_KEYS = ["code", "reason", "rule"];

export function checkClose(close: unknown): NonNullable<WireMessageVerdict["close"]> {
  checkKeys(close, "close", (key) => CLOSE_KEYS.includes(key), CLOSE_KEYS);
  const { code, reason = "", rule } = close as { code?: unknown; reason?: unknown; rule?: unknown };
  if (!isCloseCode(code)) throw expected("close.code", "1000–1003, 1007–1014 or 3000–4999", code);
  if (typeof reason !== "string") throw expected("close.reason", "a string", reason);
  const length = utf8Length(reason);
  if (length > MAX_REASON_BYTES) {
    throw new VerdictError(
      `expected \`close.reason\` to be at most ${MAX_REASON_BYTES} bytes of UTF-8, got ${length}`,
    );
  }
  if (rule === undefined) return { code, reason };
  if (typeof rule !== "string" || rule === "" || rule.length > MAX_RULE_LENGTH)
    throw expected("close.rule", `a name of 1 to ${MAX_RULE_LENGTH} characters`, rule);
  return { code, reason, rule };
}

/** Their JSON. */
export function attributesJson(attributes: unknown): string {
  if (typeof attributes !== "object" || attributes === null || Array.isArray(attributes)) {
    throw expected("attributes", "an object", attributes);
  }
  const text = plainJson(attributes, "attributes");
  if (text.length > MAX_ATTRIBUTES) {
    throw new VerdictError(
      `expected \`attributes\` to be at most ${MAX_ATTRIBUTES} characters of JSON, got ${text.length}`,
    );
  }
  return text;
}

/** A hook that verdicts may call: whether the policy has it, and whether it runs for this use of the policy. */
export type Callable = "runs" | "off" | "absent";

/** Whether what a verdict says of a hook's call has an effect. The use's `hooks` are none of the author's business. */
export function mayCall(key: "tick" | "renew" | "renewAt", hook: Callable): boolean {
  if (hook !== "absent") return hook === "runs";
  const name = key === "tick" ? "tick" : "renew";
  throw new VerdictError(
    `expected no \`${key}\`, for the policy exports no hook \`${name}\` that it would call: export \`${name}\` as well`,
  );
}
