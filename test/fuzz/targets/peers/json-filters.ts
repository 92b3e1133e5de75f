import assert from "node:assert/strict";
import fc from "fast-check";
import { createMessageMatcher } from "../../../../sandbox/message/message-matcher.ts";
import {
  isReadRightly,
  writtenName,
  writtenObject,
  writtenString,
  writtenValue,
} from "../../../sandbox/message/json-texts.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const VALUES = ["order", "é😀", 1, true, null];
const matcher = createMessageMatcher({ json: { type: VALUES } });

const value = fc.oneof(
  writtenString("order", "é😀"),
  fc.constantFrom("1", "1e0", "true", "null"),
  writtenValue,
);
const objects = writtenObject(writtenName("type"), value).map(({ text }) => Buffer.from(text));
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** Messages that a policy's `when` asks for by their JSON: decided on the bytes as a parse of their text would decide. */
export const jsonFilters = defineTarget<Uint8Array>({
  name: "json-filters",
  inputs: nearly(objects, 2),
  seeds: ['{"type":"order"}', '{"type":"order","type":2}', '{"\\u0074ype":"\\u006frder"}', "{", ""].map(
    (text) => Buffer.from(text),
  ),
  check(input) {
    const bytes = Buffer.from(input);
    if (!isReadRightly(bytes.toString("latin1"))) return "not compared";
    const isFor = matcher.matches({ binary: false, bytes });
    assert.equal(isFor, isMeant(decoder.decode(bytes)));
    return isFor ? "matches" : "does not match";
  },
});

function isMeant(text: string): boolean {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed)) return false;
    return Object.hasOwn(parsed, "type") && VALUES.includes(Reflect.get(parsed, "type"));
  } catch {
    return false;
  }
}
