import test from "ava";
import { readRedirection, readSlots, slotOf } from "../../../sandbox/redis/slots.ts";

const asked = { host: "10.0.0.9", port: 7000 };

test("the slot of a key is that of its hash tag, if it has one", (t) => {
  // The check value of CRC-16/XMODEM.
  t.is(slotOf("123456789"), 0x31c3);
  t.is(slotOf("{user1000}.following"), slotOf("user1000"));
  t.is(slotOf("a{b}{c}"), slotOf("b"));
  t.is(slotOf("a{{b}c}"), slotOf("{b"));
  t.not(slotOf("a{}{b}"), slotOf("b"));
  t.not(slotOf("a}{b"), slotOf("b"));
});

test("who has which slots", (t) => {
  const { primaryOf, primaries } = readSlots(
    [
      [0, 99, ["a", 6379, "id"], ["replica", 6379, "id"]],
      [200, 16_383, [null, 6380, "id"]],
    ],
    asked,
  );
  t.deepEqual(primaryOf(99), { host: "a", port: 6379 });
  t.is(primaryOf(100), undefined);
  t.deepEqual(primaryOf(16_383), { host: "10.0.0.9", port: 6380 });
  t.is(primaries.length, 2);
});

test("an answer that says nothing, or cannot be read", (t) => {
  for (const answer of [[], null, "OK"]) t.throws(() => readSlots(answer, asked), { message: /no node/ });
  for (const answer of [[[0, 1]], [["0", 1, ["a", 1]]], [null]])
    t.throws(() => readSlots(answer, asked), { message: /cannot be read/ });
});

test("where a node sends on to", (t) => {
  t.deepEqual(readRedirection("MOVED 3999 10.0.0.1:6381", asked), { host: "10.0.0.1", port: 6381 });
  t.deepEqual(readRedirection("ASK 3999 ::1:6381", asked), { host: "::1", port: 6381 });
  t.deepEqual(readRedirection("MOVED 3999 :6381", asked), { host: "10.0.0.9", port: 6381 });
  t.is(readRedirection("ERR MOVED", asked), undefined);
});
