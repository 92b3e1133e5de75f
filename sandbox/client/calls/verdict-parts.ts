import type { CheckedClose } from "../../contract/verdicts.ts";
import type { NextTick } from "../../policy-api.ts";
import { MAX_ATTRIBUTES, MAX_JSON_DEPTH } from "../../wire/fields.ts";
import { readAmount, readList, readObject, readShallow, readText, wrong } from "../../wire/shapes.ts";
import {
  isCloseCode,
  MAX_HELD,
  MAX_REASON_BYTES,
  MAX_RULE_LENGTH,
  MAX_TICK_IN,
  MAX_TIME,
} from "../../wire/verdicts.ts";

/** Parts that verdicts of several hooks have, made anew of what the host says. */

/** They become JSON again, for hooks and for the console. @throws HostNonsense */
export function readAttributes(json: unknown): Readonly<Record<string, unknown>> {
  const attributes = readObject(json, "`attributes`");
  readShallow(attributes, "`attributes`", MAX_JSON_DEPTH);
  const { length } = JSON.stringify(attributes);
  if (length > MAX_ATTRIBUTES) throw wrong("`attributes`", `at most ${MAX_ATTRIBUTES} characters`, length);
  return attributes;
}

/** Milliseconds since 1970. @throws HostNonsense */
export function readTime(json: unknown, what: string): number {
  const time = readAmount(json, what);
  if (time > MAX_TIME) throw wrong(what, `at most ${MAX_TIME}`, time);
  return time;
}

/** In milliseconds. @throws HostNonsense */
export function readHeld(json: unknown): readonly number[] {
  return readList(json, "`held`", MAX_HELD).map((each) => readTime(each, "`held`"));
}

/** @throws HostNonsense */
export function readNextTick(json: unknown): NextTick {
  if (json === false) return false;
  const { in: delay, at } = readObject(json, "`tick`");
  if (at !== undefined) return { at: readTime(at, "`tick.at`") };
  const ms = readAmount(delay, "`tick.in`");
  if (ms > MAX_TICK_IN) throw wrong("`tick.in`", `at most ${MAX_TICK_IN}`, ms);
  return { in: ms };
}

/** @throws HostNonsense */
export function readClose(json: unknown): CheckedClose {
  const { code, reason, rule } = readObject(json, "`close`");
  if (!isCloseCode(code)) throw wrong("`close.code`", "a code that an endpoint may send", code);
  const text = readText(reason, "`close.reason`", MAX_REASON_BYTES);
  if (Buffer.byteLength(text) > MAX_REASON_BYTES)
    throw wrong("`close.reason`", `at most ${MAX_REASON_BYTES} bytes`, text);
  if (rule === undefined) return { code, reason: text };
  return { code, reason: text, rule: readText(rule, "`close.rule`", MAX_RULE_LENGTH) };
}
