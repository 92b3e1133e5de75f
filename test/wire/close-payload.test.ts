import test from "ava";
import { parseClosePayload } from "../../core/wire/close-payload.ts";
import { isWireCloseCode } from "../../core/wire/frame.ts";
import { closeBody } from "./frames.ts";

test("nothing is no code", (t) => {
  t.deepEqual(parseClosePayload(Buffer.alloc(0)), { status: { code: undefined, reason: "" } });
});

test("code and reason", (t) => {
  t.deepEqual(parseClosePayload(closeBody(1000)), { status: { code: 1000, reason: "" } });
  t.deepEqual(parseClosePayload(closeBody(4999, "good bye ☃")), {
    status: { code: 4999, reason: "good bye ☃" },
  });
});

const wrong: readonly [string, Buffer, number][] = [
  ["one byte", Buffer.of(3), 1002],
  ["a reserved code", closeBody(1005), 1002],
  ["a reason that is not UTF-8", Buffer.concat([closeBody(1000), Buffer.of(0xc3, 0x28)]), 1007],
  ["a reason that is half a character", closeBody(1000, "☃").subarray(0, 4), 1007],
];

for (const [name, payload, code] of wrong) {
  test(`fault: ${name}`, (t) => {
    const parsed = parseClosePayload(payload);
    t.is("fault" in parsed ? parsed.fault.code : undefined, code as 1002);
  });
}

test("which codes may be on the wire (section 7.4, and the registry)", (t) => {
  const allowed = Array.from({ length: 65536 }, (_, code) => code).filter(isWireCloseCode);
  const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
  t.deepEqual(allowed, [...range(1000, 1003), ...range(1007, 1014), ...range(3000, 4999)]);
});
