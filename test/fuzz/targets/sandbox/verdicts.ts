import assert from "node:assert/strict";
import fc from "fast-check";
import { formatHead, type HeaderFields } from "../../../../core/net/headers.ts";
import { readOutcome } from "../../../../sandbox/client/calls/outcomes.ts";
import type { HookName } from "../../../../sandbox/contract/hooks.ts";
import type { Outcome, Renewal } from "../../../../sandbox/contract/verdicts.ts";
import { MAX_ATTRIBUTES } from "../../../../sandbox/wire/fields.ts";
import { HOOK_NAMES } from "../../../../sandbox/wire/hooks.ts";
import { NO_SESSION, RESULT_KIND } from "../../../../sandbox/wire/result-record.ts";
import type { ReceivedResult } from "../../../../sandbox/wire/results.ts";
import {
  isCloseCode,
  MAX_BODIES_SHARE,
  MAX_HOLD_BYTES,
  MAX_HOLD_MESSAGES,
  MAX_HOLD_MS,
  MAX_MESSAGES,
} from "../../../../sandbox/wire/verdicts.ts";
import { nearlyJson } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const MOST = 2000;

const RIGHT = [
  {
    body: { t: "new" },
    reply: [{ u: "as binary" }, { b: 3 }],
    append: [{ t: "" }],
    close: { code: 1000, reason: "bye", rule: "max-orders" },
  },
  { drop: true },
  { edit: '{"+user":"ada","-internal":0}', reply: [{ b: 3 }] },
  "\u00011,9\u0002",
  { "+user": "ada", "-internal": 0, "+__proto__": { a: [1e2] } },
  { connect: "orders", attributes: { user: "a", roles: ["b"] }, expires: 5, subprotocol: "chat" },
  {
    connect: "ws://127.0.0.1:9/x?y=1",
    headers: { authorization: ["a"], cookie: null },
    contentType: "text/plain; a=b",
  },
  { reject: { status: 403, headers: { "retry-after": ["5"] }, body: "no", contentType: "text/plain" } },
  {
    connect: "orders",
    hold: { forMs: 5, messages: 1, bytes: 9, subprotocol: "a", close: { code: 1013, reason: "" } },
  },
  { responseHeaders: { "set-cookie": ["a=1", "b=2"] } },
  {
    ...{
      toClient: [{ t: "a" }, { b: 1 }],
      toServer: [{ b: 2 }],
      close: { code: 4000, reason: "" },
      tick: { in: 5 },
      held: [3, 70],
    },
    renewal: { attributes: { user: "a" }, expires: 5, renewAt: 4, tick: false },
  },
  { attributes: { user: "a" }, expires: 5, tick: { at: 9 }, toServer: [{ b: 3 }] },
  { drop: true, tick: { at: 5 }, renewal: { toClient: [{ b: 3 }], close: { code: 1008, reason: "no" } } },
  { reason: "throw", message: "Error", stack: "Error\n    at f (framegate-policy:a:1:1)" },
];

const OBJECT = '{ "user" : "eve", "internal" : [1], "user":2, "n":1e2 }';
const MESSAGES = [OBJECT, "{}", "[]", "text", `{"long":"${"x".repeat(MOST - 11)}"}`];

interface Input {
  readonly kind: number;
  readonly hook: HookName;
  readonly text: string;
  readonly binary: Uint8Array;
  /** What the hook was called with, where that is a message. */
  readonly message: string;
}

function resultOf({ kind, text, binary }: Input): ReceivedResult {
  const bytes = Buffer.concat([Buffer.from(text), binary]);
  const textLength = bytes.length - binary.length;
  const lengths = { textStart: 0, textLength, binaryStart: textLength, binaryLength: binary.length };
  return { instance: 1, id: 1, kind, bytes, ...lengths, sessionLength: NO_SESSION, spentUs: 1 };
}

function fieldsOf(outcome: Outcome): HeaderFields {
  if (outcome.kind === "unavailable")
    return fieldsOf({
      kind: "upgrade",
      verdict: outcome.verdict.reject ? { reject: outcome.verdict.reject } : {},
    });
  if (outcome.kind !== "upgrade") return [];
  const { headers, responseHeaders, reject, subprotocol, contentType } = outcome.verdict;
  const lists = [headers, responseHeaders, reject?.headers].flatMap((changes) =>
    Object.entries(changes ?? {}),
  );
  const others = [subprotocol, contentType, reject?.contentType].filter((value) => value !== undefined);
  return [
    ...lists.flatMap(([name, values]) => (values ?? []).map((value) => [name, value] as const)),
    ...others.map((value) => ["x", value] as const),
  ];
}

function initiativesOf(outcome: Outcome): readonly Renewal[] {
  if (outcome.kind === "renew") return [outcome];
  if (outcome.kind === "tick") return outcome.renewal === undefined ? [outcome] : [outcome, outcome.renewal];
  return outcome.kind === "message" && outcome.aside?.renewal ? [outcome.aside.renewal] : [];
}

const KINDS = [
  ...[RESULT_KIND.message, RESULT_KIND.edit, RESULT_KIND.upgrade, RESULT_KIND.fault],
  ...[RESULT_KIND.initiative, RESULT_KIND.unavailable, RESULT_KIND.excerpts],
];

const HOOK_OF: Readonly<Record<number, HookName>> = {
  [RESULT_KIND.upgrade]: "upgrade",
  [RESULT_KIND.initiative]: "tick",
  [RESULT_KIND.unavailable]: "unavailable",
};

/** What a host says that a hook has returned: as large and as many as may be, no field a line of its own, or a fault. */
export const verdicts = defineTarget<Input>({
  name: "verdicts",
  inputs: fc.record({
    kind: fc.oneof(fc.constantFrom(...KINDS), fc.nat(11)),
    hook: fc.constantFrom(...HOOK_NAMES),
    text: nearlyJson(...RIGHT),
    binary: fc.oneof(fc.constant(Uint8Array.of(1, 2, 3)), fc.uint8Array({ maxLength: 3000 })),
    message: fc.constantFrom(...MESSAGES),
  }),
  seeds: RIGHT.flatMap((verdict) =>
    KINDS.map((kind) => ({
      kind,
      hook: HOOK_OF[kind] ?? "client",
      text: JSON.stringify(verdict),
      binary: Uint8Array.of(1, 2, 3),
      message: OBJECT,
    })),
  ),
  runs: 600,
  check(input) {
    const payload = { binary: input.binary.length > MOST, bytes: Buffer.from(input.message) };
    const outcome = readOutcome(resultOf(input), { hook: input.hook, payload }, MOST, (told) => {
      assert.ok(told.message.length < 20_000 && told.stack.length < 20_000);
      return { policy: "a", version: "1", hook: input.hook, ...told };
    });
    const fields = fieldsOf(outcome);
    const lines = formatHead("HTTP/1.1 101 Switching Protocols", fields).split(/\r\n|\r|\n/);
    assert.equal(lines.length, fields.length + 3, "a field became a line of its own");
    if (outcome.kind === "message") {
      const others = [...outcome.reply, ...outcome.append];
      if (outcome.body) assert.ok(outcome.body.bytes.length <= 3 * MOST);
      for (const { bytes } of others) assert.ok(bytes.length <= 3 * MOST);
      if (input.kind === RESULT_KIND.edit)
        assert.ok(JSON.parse(String(outcome.body?.bytes)) instanceof Object);
      assert.ok(others.length <= 2 * MAX_MESSAGES);
      // A message that is edited counts by itself.
      const bodies = input.text.includes("edit") || !outcome.body ? others : [outcome.body, ...others];
      const all = bodies.reduce((sum, { bytes }) => sum + bytes.length, 0);
      assert.ok(all <= MOST * MAX_BODIES_SHARE, `${all} bytes`);
      if (outcome.close) assert.ok(isCloseCode(outcome.close.code));
    }
    if (outcome.kind === "unavailable" && outcome.verdict.hold !== undefined) {
      const { forMs, messages, bytes, close } = outcome.verdict.hold;
      assert.ok(forMs <= MAX_HOLD_MS && messages <= MAX_HOLD_MESSAGES && bytes <= MAX_HOLD_BYTES);
      assert.ok(isCloseCode(close.code));
    }
    if ("held" in outcome) assert.ok(outcome.held?.every((ms) => ms >= 0 && Number.isFinite(ms)));
    for (const said of initiativesOf(outcome)) {
      const sent = [...said.toClient, ...said.toServer];
      assert.ok(sent.length <= 2 * MAX_MESSAGES);
      assert.ok(sent.reduce((sum, { bytes }) => sum + bytes.length, 0) <= MOST * MAX_BODIES_SHARE);
      if (said.close) assert.ok(isCloseCode(said.close.code));
      if (said.tick) assert.ok(Object.values(said.tick).every((ms) => ms >= 0 && Number.isFinite(ms)));
      assert.ok(JSON.stringify(said.attributes ?? {}).length <= MAX_ATTRIBUTES);
      for (const time of [said.expires, said.renewAt]) assert.ok(time === undefined || time >= 0);
    }
    if (outcome.kind === "upgrade" && outcome.verdict.reject)
      assert.ok(outcome.verdict.reject.status >= 300 && outcome.verdict.reject.status <= 599);
    return `${input.hook}: ${outcome.kind}`;
  },
});
