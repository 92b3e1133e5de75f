import test from "ava";
import {
  beginSpan,
  formatTraceparent,
  parseTraceparent,
  replacedFields,
} from "../../core/request/trace-context.ts";

// Values of the specification and of its test suite (W3C Trace Context, section 3.2).
const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const parentId = "00f067aa0ba902b7";
const valid = `00-${traceId}-${parentId}-01`;

test("a traceparent is read", (t) => {
  t.deepEqual(parseTraceparent(valid), { traceId, parentId, isSampled: true });
  t.deepEqual(parseTraceparent(`00-${traceId}-${parentId}-00`), { traceId, parentId, isSampled: false });
});

test("of the flags only the lowest says whether it is sampled", (t) => {
  t.true(parseTraceparent(`00-${traceId}-${parentId}-03`)?.isSampled);
  t.false(parseTraceparent(`00-${traceId}-${parentId}-fe`)?.isSampled);
});

test("a later version is read as far as ours goes", (t) => {
  for (const text of [`cc-${traceId}-${parentId}-01`, `cc-${traceId}-${parentId}-01-what-the-future-holds`])
    t.deepEqual(parseTraceparent(text), { traceId, parentId, isSampled: true }, text);
});

for (const [what, text] of [
  ["nothing", ""],
  ["something else", "hello"],
  ["the version that may not be", `ff-${traceId}-${parentId}-01`],
  ["more than this version has", `${valid}-extra`],
  ["a later version without the dash", `cc-${traceId}-${parentId}-01extra`],
  ["upper case", `00-${traceId.toUpperCase()}-${parentId}-01`],
  ["a trace id of zeros", `00-${"0".repeat(32)}-${parentId}-01`],
  ["a parent id of zeros", `00-${traceId}-${"0".repeat(16)}-01`],
  ["a trace id that is too short", `00-${traceId.slice(1)}-${parentId}-01`],
  ["a letter that is no digit", `00-${traceId}-${parentId}-0g`],
  ["no flags", `00-${traceId}-${parentId}`],
] as const) {
  test(`a traceparent is ignored: ${what}`, (t) => {
    t.is(parseTraceparent(text), undefined);
  });
}

test("a span goes on with the client's trace, under an id of its own", (t) => {
  const span = beginSpan({ traceparent: [valid] }, 0);
  t.like(span, { traceId, parentId, isSampled: true });
  t.regex(span.spanId, /^[\da-f]{16}$/);
  t.not(span.spanId, parentId);
  t.is(formatTraceparent(span), `00-${traceId}-${span.spanId}-01`);
  t.deepEqual(replacedFields(span), ["traceparent"]);
});

test("without a parent, or with two, a trace begins, and tracestate ends", (t) => {
  for (const headers of [{}, { traceparent: [valid, valid] }, { traceparent: ["00-nonsense"] }]) {
    const span = beginSpan(headers, 1);
    t.like(span, { parentId: "", isSampled: true });
    t.regex(span.traceId, /^[\da-f]{32}$/);
    t.not(span.traceId, traceId);
    t.deepEqual(replacedFields(span), ["traceparent", "tracestate"]);
  }
  t.false(beginSpan({}, 0).isSampled);
});

test("what is written can be read", (t) => {
  for (let count = 0; count < 100; count++) {
    const span = beginSpan({}, 0.5);
    const { traceId: id, spanId, isSampled } = span;
    t.deepEqual(parseTraceparent(formatTraceparent(span)), { traceId: id, parentId: spanId, isSampled });
  }
});
