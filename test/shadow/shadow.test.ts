import test from "ava";
import { compileRedaction, USUAL_REDACTION } from "../../core/redaction/rules.ts";
import { copyVerdict, differingParts, showVerdict } from "../../core/shadow/copied-verdict.ts";
import { Copies } from "../../core/shadow/copies.ts";
import { redactSample } from "../../core/shadow/sample-redaction.ts";
import { ShadowBook } from "../../core/shadow/shadow-book.ts";
import { createShadowBroker } from "../../core/shadow/shadow-broker.ts";
import { ShadowPlace } from "../../core/shadow/shadow-place.ts";
import type { ShadowReport, ShadowSample } from "../../core/shadow/shadow-report.ts";
import { sumReports } from "../../core/shadow/sum-reports.ts";
import type { PolicyFault } from "../../sandbox/contract/faults.ts";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { HookCall, Seat } from "../../sandbox/contract.ts";

const text = (body: string): Payload => ({ binary: false, bytes: Buffer.from(body) });
const message = (said: Partial<Extract<Outcome, { kind: "message" }>>): Outcome => ({
  ...{ kind: "message", drop: false, reply: [], append: [] },
  ...said,
});
const fault = (reason: PolicyFault["reason"]): Outcome => ({
  kind: "fault",
  fault: { reason, policy: "a", version: "1", hook: "client", message: `it is ${reason}`, stack: "" },
});
const shadow = { name: "a (shadow: next)", policy: "a", from: "next", isCanary: false };
const call = { hook: "client", version: "2", kinds: [] } as const;

test("what two verdicts say otherwise is told by its parts, on bytes", (t) => {
  const input = text("in");
  const parts = (one: Outcome, other: Outcome) =>
    differingParts(copyVerdict(one, input), copyVerdict(other, input), input);
  const unchanged: Outcome = { kind: "unchanged" };
  t.deepEqual(parts(unchanged, message({ body: text("in") })), []);
  t.deepEqual(parts(message({ body: text("a") }), message({ body: text("a") })), []);
  t.deepEqual(parts(message({ body: text("a") }), message({ body: { ...text("a"), binary: true } })), [
    "message",
  ]);
  t.deepEqual(parts(message({ reply: [text("a")], drop: true }), unchanged), ["drop", "reply"]);
  t.deepEqual(
    parts(message({ close: { code: 4000, reason: "" } }), message({ close: { code: 4001, reason: "" } })),
    ["close"],
  );
  const renewal = { toClient: [], toServer: [text("a")], attributes: { n: 1 } };
  t.deepEqual(parts(message({ aside: { renewal } }), message({ aside: { renewal: { ...renewal } } })), []);
  t.deepEqual(parts(message({ aside: { renewal } }), unchanged), ["renewal"]);
  const upgrade = (roles: readonly string[]): Outcome => ({
    kind: "upgrade",
    verdict: { attributes: { roles } },
  });
  t.deepEqual(parts(upgrade(["a"]), upgrade(["a", "b"])), ["attributes"]);
  t.deepEqual(parts(fault("throw"), message({ body: text("a") })), ["fault"]);
  t.deepEqual(parts(fault("throw"), fault("verdict")), []);
});

test("what two verdicts say of JSON differs where it holds something else, and not where it is written otherwise", (t) => {
  const input = text('{ "n": 1, "list": [1.0] }');
  const parts = (one: Outcome, other: Outcome) =>
    differingParts(copyVerdict(one, input), copyVerdict(other, input), input);
  const body = (said: string) => message({ body: text(said) });
  const unchanged: Outcome = { kind: "unchanged" };
  t.deepEqual(parts(body('{"n":1,"list":[ 1 ]}'), body('{"n":1,"list":[1]}')), []);
  t.deepEqual(parts(body('{"n":1,"list":[1]}'), unchanged), []);
  t.deepEqual(parts(unchanged, body('{"n":1,"list":[1]}')), []);
  t.deepEqual(parts(unchanged, body('{"n":2,"list":[1]}')), ["message"]);
  t.deepEqual(parts(body('{"n":1,"list":[ 1 ]}'), body('{"n":1,"list":["1"]}')), ["message"]);
  t.deepEqual(parts(body("n: 1"), body("n:  1")), ["message"]);
  const asBytes = message({ body: { ...text('{"n":1,"list":[1]}'), binary: true } });
  t.deepEqual(parts(body('{"n":1,"list":[1]}'), asBytes), ["message"]);
  t.deepEqual(parts(asBytes, unchanged), ["message"]);
});

test("a copied verdict is in memory of its own, and shown only as far as it is short", (t) => {
  const body = text("gone");
  const copied = copyVerdict(
    message({ body, reply: [{ binary: true, bytes: Buffer.from([1]) }] }),
    text("in"),
  );
  body.bytes.fill(0);
  t.deepEqual(showVerdict(copied), { message: { text: "gone" }, reply: [{ base64: "AQ==" }] });
  const long = copyVerdict(message({ body: text("x".repeat(17 * 1024)) }), text("in"));
  t.deepEqual(showVerdict(long), { message: { omitted: "17408 bytes" } });
  const many = copyVerdict(message({ reply: Array(20).fill(text("x".repeat(8000))) }), text("in"));
  t.regex(String(showVerdict(many).omitted), /^16\d{4} characters$/);
});

test("copies leave in a later turn, in order, a few at a time, and there is room for so many, half for one shadow", async (t) => {
  const copies = new Copies({ maxCalls: 600, maxBytes: 1000 });
  const left: number[] = [];
  t.true(copies.hasRoom("a", 500));
  t.false(copies.hasRoom("a", 501));
  for (let n = 0; n < 300; n++) copies.add("a", 1, () => left.push(n));
  t.false(copies.hasRoom("a", 0));
  t.true(copies.hasRoom("b", 500));
  t.deepEqual(left, []);
  const turns: number[] = [];
  while (left.length < 300) {
    await new Promise((next) => setImmediate(next));
    turns.push(left.length);
  }
  t.true(turns.length > 1);
  t.deepEqual(
    left,
    Array.from({ length: 300 }, (_, n) => n),
  );
  copies.add("b", 500, () => {});
  t.false(copies.hasRoom("c", 300));
  for (let n = 0; n < 300; n++) copies.settle("a", 1);
  t.true(copies.hasRoom("c", 500));
  t.true(copies.hasRoom("a", 500));
});

test("of copies that never run out no more are held than there is room for", async (t) => {
  const copies = new Copies({ maxCalls: 1000, maxBytes: 1000 });
  let left = 0;
  let most = 0;
  while (left < 20_000) {
    while (copies.hasRoom("a", 0)) {
      copies.add("a", 0, () => {
        left++;
        copies.settle("a", 0);
      });
    }
    most = Math.max(most, copies.size);
    await new Promise((next) => setImmediate(next));
  }
  t.is(most, 500);
});

test("the book counts by result and kind, tells of each version's first in a hook, and keeps some samples", (t) => {
  let now = 0;
  const book = new ShadowBook(() => now);
  t.false(book.add(shadow, { ...call, result: "same" }));
  t.true(book.add(shadow, { ...call, result: "differs", kinds: ["close", "message"] }));
  t.false(book.add(shadow, { ...call, result: "differs", kinds: ["message"] }));
  t.true(book.add(shadow, { ...call, result: "failed" }));
  t.true(book.add(shadow, { ...call, hook: "server", result: "failed" }));
  t.true(book.add(shadow, { ...call, version: "3", result: "failed" }));
  t.false(book.add(shadow, { ...call, version: "", result: "lost" }));
  const kinds = [
    ["close", 1],
    ["message", 2],
  ];
  t.deepEqual(book.read(() => "3")[0]?.hooks as unknown, [
    { hook: "client", same: 1, differs: 2, failed: 2, lost: 1, kinds },
    { hook: "server", same: 0, differs: 0, failed: 1, lost: 0, kinds: [] },
  ]);

  t.true(book.wantsSample(shadow, "client", ["message"]));
  t.false(book.wantsSample(shadow, "client", ["message"]));
  t.true(book.wantsSample(shadow, "client", ["close"]));
  now = 1000;
  t.true(book.wantsSample(shadow, "client", ["message"]));
  for (let time = 0; time < 9; time++) book.sample(shadow, { ...sample, time });
  book.sample(shadow, { ...sample, kinds: ["close"], time: 9 });
  t.deepEqual(
    book.read(() => "")[0]?.samples.map(({ time }) => time),
    [9, 8, 7, 6, 5, 4],
  );
});

test("of the shadow of a version on its way the calls are tallied that could be compared, by version", (t) => {
  const book = new ShadowBook();
  const canary = { ...shadow, isCanary: true };
  for (const result of ["same", "differs", "failed", "lost"] as const) book.add(canary, { ...call, result });
  book.add(shadow, { ...call, result: "differs" });
  t.deepEqual(book.takeTallies(), [{ policy: "a", version: "2", calls: 2, differs: 1 }]);
  t.deepEqual(book.takeTallies(), []);
  book.add(canary, { ...call, version: "3", result: "same" });
  t.deepEqual(book.takeTallies(), [{ policy: "a", version: "3", calls: 1, differs: 0 }]);
});

const sample: ShadowSample = {
  ...{ time: 0, version: "2", session: "s", route: "/", hook: "client", sequence: 1, kinds: ["message"] },
  ...{ input: null, real: {}, shadow: {} },
};

test("the reports of several workers are one", (t) => {
  const hook = { hook: "client", same: 1, differs: 1, failed: 0, lost: 2, kinds: [["message", 1]] } as const;
  const { isCanary: _, ...named } = shadow;
  const report: ShadowReport = { ...named, version: "", hooks: [hook], samples: [{ ...sample, time: 1 }] };
  const other: ShadowReport = {
    ...report,
    version: "2",
    hooks: [{ ...hook, kinds: [["close", 1]] }],
    samples: [{ ...sample, time: 2 }],
  };
  const [sum, ...more] = sumReports([report, other]);
  t.deepEqual(more, []);
  t.like(sum, { version: "2", samples: [{ time: 2 }, { time: 1 }] });
  const kinds = [
    ["message", 1],
    ["close", 1],
  ];
  t.deepEqual(sum?.hooks as unknown, [{ hook: "client", same: 2, differs: 2, failed: 0, lost: 4, kinds }]);
});

test("no secret is in a sample, wherever it stands in a verdict", (t) => {
  const secret = "hunter2";
  const said = {
    message: { prefix: "42", json: { password: secret, n: 1 } },
    reply: [
      { text: `password=${secret}` },
      { base64: Buffer.from(`{"password":"${secret}"}`).toString("base64") },
    ],
    attributes: { token: secret },
    headers: { authorization: [secret], cookie: null },
    connect: `ws://server/?token=${secret}`,
    reject: { status: 403, headers: { "set-cookie": [secret] }, body: `{"password":"${secret}"}` },
    renewal: { toClient: [{ json: { token: secret } }], attributes: { token: secret } },
    fault: { reason: "throw", message: `failed at {"token":"${secret}"}` },
  };
  const shown = redactSample(
    {
      ...sample,
      input: { json: { token: secret } },
      real: said,
      shadow: { ...said, message: { json: { n: 2 } } },
    },
    compileRedaction(USUAL_REDACTION),
  );
  const [, { base64 = "" } = {}] = shown.real.reply as { base64?: string }[];
  t.false((JSON.stringify(shown) + Buffer.from(base64, "base64")).includes(secret));
  t.like(shown.real, { message: { prefix: "42", json: { password: "[redacted]", n: 1 } } });
  t.deepEqual(
    shown.changes.map(({ path }) => path),
    ["message.prefix", "message.json.password", "message.json.n"],
  );
});

test("a sample is shown as text where a pattern takes a quote of its JSON along", (t) => {
  const rules = compileRedaction({ ...USUAL_REDACTION, patterns: [{ pattern: "card.*", flags: "" }] });
  const real = { message: { json: { n: 1, card: "4111" } } };
  const shown = redactSample({ ...sample, real, input: { json: ["card"] } }, rules);
  t.deepEqual(
    [shown.input, shown.real],
    [{ text: '["[redacted]' }, { message: { text: '{"n":1,"[redacted]' } }],
  );
});

/** What seats were called with, renewed with and what was booked, of places whose shadow says what it is told to. */
function createPlaces() {
  const results: string[] = [];
  const calls: HookCall[] = [];
  const contexts: string[] = [];
  const is = { heldUp: false, behind: false, slow: false, said: { kind: "unchanged" } as Outcome };
  const seat = {
    version: "2",
    submit(call: HookCall) {
      calls.push(call);
      if (!is.slow) call.settle(is.said);
    },
    renew(context: string) {
      contexts.push(`renewed ${context}`);
    },
    close() {
      contexts.push("closed");
    },
  } as Partial<Seat> as Seat;
  const copied: HookCall = { hook: "client", payload: text("in"), sequence: 1, time: 0, settle() {} };
  return {
    ...{ is, calls, contexts, copied },
    placeOf: ({ copies = new Copies(), ...kind }: { isCanary?: boolean; copies?: Copies } = {}) =>
      new ShadowPlace(
        {
          copies,
          book: { add: (_, { result }) => results.push(result) < 0, wantsSample: () => false, sample() {} },
          sandbox: {
            exports: () => ({ version: "2", hooks: ["client"] }),
            seat: (_binding, _session, context) => {
              contexts.push(`begun ${context}`);
              return seat;
            },
          },
          isHeldUp: () => is.heldUp,
          hasLostWrites: () => is.behind,
          onNews() {},
        },
        { ...shadow, ...kind },
        [{ policy: "a", route: "/", options: {} }, "s", "first", {} as never],
      ),
    async resultsOf(place: ShadowPlace, real: Outcome = { kind: "unchanged" }, version = "1") {
      place.copy(copied, real, version);
      await new Promise((next) => setImmediate(next));
      return results.splice(0);
    },
  };
}

test("what tells of the machine is compared with nothing, nor is the version on its way with itself", async (t) => {
  const { is, placeOf, resultsOf } = createPlaces();
  t.deepEqual(await resultsOf(placeOf()), ["same"]);
  t.deepEqual(await resultsOf(placeOf(), fault("killed")), ["failed"]);
  t.deepEqual(await resultsOf(placeOf(), fault("throw")), ["differs"]);
  t.deepEqual(await resultsOf(placeOf({ isCanary: true }), fault("throw"), "2"), []);
  is.said = fault("timeout");
  t.deepEqual(await resultsOf(placeOf()), ["failed"]);
});

test("a shadow gets nothing where there is no room or the traffic is held up; what lost writes says is not compared", async (t) => {
  const { is, placeOf, resultsOf } = createPlaces();
  t.deepEqual(await resultsOf(placeOf({ copies: new Copies({ maxCalls: 1, maxBytes: 1 }) })), ["lost"]);
  is.said = fault("throw");
  is.behind = true;
  t.deepEqual(await resultsOf(placeOf()), ["failed"]);
  is.behind = false;
  is.heldUp = true;
  const place = placeOf();
  t.deepEqual(await resultsOf(place), ["lost"]);
  // It has missed one, and is behind for good.
  is.heldUp = false;
  t.deepEqual(await resultsOf(place), ["lost"]);
});

test("a shadow's call is in memory of its own, and its seat begins with the newest context", async (t) => {
  const { calls, contexts, copied, placeOf, resultsOf } = createPlaces();
  const [first, second] = [placeOf(), placeOf()];
  const done = resultsOf(first);
  copied.payload.bytes.fill(0);
  await done;
  t.is(Buffer.from(calls[0]?.payload.bytes ?? []).toString(), "in");
  for (const place of [first, second]) place.renew("second", { attributes: {} });
  await resultsOf(second);
  t.deepEqual(contexts, ["begun first", "renewed second", "begun second"]);
});

test("what comes behind a renewal waits until the shadow has heard of it, and it hears of it behind what came before", async (t) => {
  const { is, calls, contexts, copied, placeOf, resultsOf } = createPlaces();
  is.slow = true;
  const place = placeOf();
  t.deepEqual(await resultsOf(place), []);
  place.renew("second", { attributes: {} });
  place.renew("third", { attributes: {} });
  place.copy({ ...copied, sequence: 2 }, { kind: "unchanged" }, "1");
  place.close();
  t.deepEqual(await resultsOf(place), []);
  t.deepEqual([calls.length, ...contexts], [1, "begun first"]);
  calls[0]?.settle({ kind: "unchanged" });
  t.deepEqual(contexts, ["begun first", "renewed second", "renewed third", "closed"]);
  t.is(calls[1]?.sequence, 2);
});

test("what a shadow writes is there for its version; the next one begins with what the policy has left", async (t) => {
  const broker = createShadowBroker({
    kv: { get: async () => null },
    fetcher: { fetch: () => Promise.reject(new Error("none")) },
  });
  const capabilities = { grants: { a: { kv: {} } }, secrets: {} };
  const update = (version: string) => broker.update([{ ...shadow, version, fetch: false }], capabilities);
  const ask = async (text: object) => {
    const { signal } = new AbortController();
    const about = { policy: shadow.name, version: "", kind: "kv", binary: undefined, signal } as const;
    return (await broker.carryOut({ ...about, text: JSON.stringify(text) })).text;
  };
  update("1");
  await ask({ op: "set", key: "k", value: "7" });
  update("1");
  t.is(await ask({ op: "get", key: "k" }), '"7"');
  const value = "x".repeat(60_000);
  const filling = Array.from({ length: 80 }, (_, n) => ask({ op: "set", key: `${n}`, value }));
  await t.throwsAsync(Promise.all(filling), { message: /kv is full/ });
  t.true(broker.hasLostWrites(shadow.name));
  const { signal } = new AbortController();
  const rate = { key: "k", limit: 1, per: 1000, burst: 1, onStoreLoss: "local" };
  const taking = { policy: shadow.name, version: "", kind: "rate", binary: undefined, signal } as const;
  const take = async () => (await broker.carryOut({ ...taking, text: JSON.stringify(rate) })).text;
  t.regex(await take(), /"allowed":true/);
  t.regex(await take(), /"allowed":false/, "its rates are its own");
  update("2");
  t.is(await ask({ op: "get", key: "k" }), "null");
  t.regex(await take(), /"allowed":true/);
  t.false(broker.hasLostWrites(shadow.name));
});

test("the book has room for 256 shadows, and forgets the first", (t) => {
  const book = new ShadowBook();
  for (let n = 0; n < 257; n++) book.open({ ...shadow, name: `${n}` });
  const names = book.read(() => "").map(({ name }) => name);
  t.deepEqual([names.length, names[0], names.at(-1)], [256, "1", "256"]);
});
