import test from "ava";
import fc from "fast-check";
import { readOutcome } from "../../../../sandbox/client/calls/outcomes.ts";
import type { PolicyFault } from "../../../../sandbox/contract/faults.ts";
import type { HookName } from "../../../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../../../sandbox/contract/verdicts.ts";
import { RESULT_KIND } from "../../../../sandbox/wire/result-record.ts";
import type { ReceivedResult } from "../../../../sandbox/wire/results.ts";

const MAX_BYTES = 1000;
const MESSAGE = { binary: false, bytes: Buffer.from(`{"a":1,"b":"${"x".repeat(900)}"}`) };

function outcomeOf(
  hook: HookName,
  kind: number,
  text: string,
  binary: Uint8Array = Buffer.alloc(0),
): Outcome {
  const body = Buffer.from(text);
  const result: ReceivedResult = {
    ...{ instance: 1, id: 0, kind, bytes: Buffer.concat([body, binary]), spentUs: 0 },
    ...{ textStart: 0, textLength: body.length, sessionLength: -1 },
    ...{ binaryStart: body.length, binaryLength: binary.length },
  };
  return readOutcome(result, { hook, payload: MESSAGE }, MAX_BYTES, (told): PolicyFault => {
    return { ...told, policy: "p", version: "1", hook };
  });
}

const value = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom<unknown>("", "a\r\nb", -1, 0, 1e9, [], {}, "x".repeat(1001), Array(257).fill({ t: "" })),
);
const body = fc.oneof(
  fc.record({ t: fc.string({ maxLength: 5 }) }),
  fc.record({ u: fc.string({ maxLength: 5 }) }),
  fc.record({ b: fc.integer({ min: -2, max: 6 }) }),
  value,
);
const edit = fc
  .dictionary(
    fc.constantFrom("+a", "+b", "-b", "-c", "+__proto__", "a", ""),
    fc.oneof(fc.jsonValue(), fc.constant("y".repeat(950))),
    { maxKeys: 3 },
  )
  .map((members) => JSON.stringify(members));
const messageVerdict = fc.record(
  {
    body,
    edit: fc.oneof(edit, value),
    drop: fc.oneof(fc.constant(true), value),
    reply: fc.oneof(fc.array(body, { maxLength: 4 }), value),
    append: fc.oneof(fc.array(body, { maxLength: 4 }), value),
    close: fc.oneof(
      fc.record({
        code: fc.integer({ min: 990, max: 5010 }),
        reason: fc.string(),
        rule: fc.option(fc.string({ maxLength: 120 }), { nil: undefined }),
      }),
      value,
    ),
  },
  { requiredKeys: [] },
);
const fields = fc.oneof(
  fc.dictionary(fc.constantFrom("a", "x-b", "Host", "c d", "__proto__"), fc.oneof(fc.array(value), value)),
  value,
);
const upgradeVerdict = fc.record(
  {
    connect: fc.oneof(fc.constantFrom("http://a.test/", "live", "ftp://a/", "HTTP://A"), value),
    reject: fc.oneof(
      fc.record({
        status: fc.integer({ min: 90, max: 700 }),
        headers: fields,
        body: fc.string(),
        contentType: fc.constantFrom("a/b", "a/b\n", "a"),
      }),
      value,
    ),
    attributes: value,
    headers: fields,
    responseHeaders: fields,
    subprotocol: value,
    contentType: value,
    expires: value,
  },
  { requiredKeys: [] },
);

/** All that a verdict may hold, said in another way than it is checked. */
function isSound(outcome: Outcome): boolean {
  if (outcome.kind === "message") {
    const { reply, append, close, body } = outcome;
    const bodies = [...reply, ...append, ...(body ? [body] : [])];
    const total = [...reply, ...append].reduce((sum, { bytes }) => sum + bytes.length, 0);
    return (
      reply.length <= 256 &&
      append.length <= 256 &&
      bodies.every(({ bytes }) => bytes instanceof Uint8Array && bytes.length <= MAX_BYTES) &&
      total <= 4 * MAX_BYTES &&
      (close === undefined ||
        (close.code >= 1000 && close.code < 5000 && close.code !== 1006 && (close.rule ?? "").length <= 100))
    );
  }
  if (outcome.kind !== "upgrade") return true;
  const { reject, headers = {}, responseHeaders = {}, attributes = {} } = outcome.verdict;
  const written = [headers, responseHeaders, reject?.headers ?? {}].flatMap((all) =>
    Object.entries(all).flatMap(([name, values]) => [name, ...(values ?? [])]),
  );
  return (
    written.every((text) => typeof text === "string" && !/[\r\n\0]/.test(text)) &&
    !("Host" in headers) &&
    (reject === undefined || (reject.status >= 300 && reject.status <= 599)) &&
    typeof attributes === "object"
  );
}

test("whatever a host says of a call, it is a sound outcome or a fault of that call", (t) => {
  const texts = fc.oneof(
    { weight: 4, arbitrary: messageVerdict.map((one) => JSON.stringify(one)) },
    { weight: 4, arbitrary: upgradeVerdict.map((one) => JSON.stringify(one)) },
    { weight: 2, arbitrary: edit },
    fc.json(),
    fc.string(),
  );
  const hooks = fc.constantFrom<HookName>("upgrade", "client", "server", "close");
  const kinds = fc.constantFrom<number>(...Object.values(RESULT_KIND), 99);
  let sound = 0;
  fc.assert(
    fc.property(hooks, kinds, texts, fc.uint8Array({ maxLength: 8 }), (hook, kind, text, binary) => {
      const outcome = outcomeOf(hook, kind, text, binary);
      t.true(isSound(outcome), JSON.stringify(outcome));
      if (outcome.kind !== "fault") sound++;
    }),
    { numRuns: 2000 },
  );
  t.true(sound > 100);
});

test("each hook has its kinds of results, and no other", (t) => {
  const kindsOf = (hook: HookName) =>
    Object.values(RESULT_KIND).filter((kind) => outcomeOf(hook, kind, "{}").kind !== "fault");
  const { unchanged, text, textAsBinary, binary, message, upgrade, edit, unavailable, excerpts } =
    RESULT_KIND;
  t.deepEqual(kindsOf("upgrade"), [unchanged, upgrade]);
  t.deepEqual(kindsOf("unavailable"), [unchanged, unavailable]);
  for (const hook of ["client", "server"] as const)
    t.deepEqual(kindsOf(hook), [unchanged, text, textAsBinary, binary, message, edit, excerpts]);
  t.deepEqual(kindsOf("close"), [unchanged]);
});

test("a time that no date can be is no verdict", (t) => {
  const { upgrade, initiative } = RESULT_KIND;
  for (const verdict of [{ expires: 8.65e15 }, { renewAt: 1e300 }, { tick: { at: 1e18 } }]) {
    const text = JSON.stringify(verdict);
    const outcomes = [outcomeOf("upgrade", upgrade, text), outcomeOf("renew", initiative, text)];
    for (const outcome of outcomes) t.like(outcome, { kind: "fault", fault: { reason: "nonsense" } }, text);
  }
  t.is(outcomeOf("upgrade", upgrade, '{"expires":8.64e15}').kind, "upgrade");
});
