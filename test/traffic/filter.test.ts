import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { compileRedaction } from "../../core/redaction/rules.ts";
import { TrafficError } from "../../core/traffic/errors.ts";
import { compileTree, type RecordQuestion } from "../../core/traffic/filter/compile-filter.ts";
import { completeFilter, type LiveValues } from "../../core/traffic/filter/complete.ts";
import { fieldNames, fieldOf } from "../../core/traffic/filter/fields.ts";
import { FilterError } from "../../core/traffic/filter/filter-error.ts";
import { createLook, MOST_PATTERN_TEXT } from "../../core/traffic/filter/look.ts";
import { marksOf } from "../../core/traffic/filter/marks.ts";
import { narrowingOf } from "../../core/traffic/filter/narrowing.ts";
import { parseFilter } from "../../core/traffic/filter/parse-filter.ts";
import { printFilter, printTerm } from "../../core/traffic/filter/print-filter.ts";
import { type SortKey, sortRecords } from "../../core/traffic/filter/sort-records.ts";
import type { FilterTest, FilterTree } from "../../core/traffic/filter/tree.ts";
import type { SessionFacts, TrafficRecord } from "../../core/traffic/records.ts";
import { createMemoryStore } from "../../core/traffic/store/memory-store.ts";
import { compileFilter } from "../../core/traffic/store/record-filter.ts";
import { createSqliteStore } from "../../core/traffic/store/sqlite-store.ts";
import { readDocument, rowsOf, sectionOf } from "../docs/documents.ts";
import { createArrayStore } from "../support/array-store.ts";
import { batchOf, closeJson, frameJson, hookJson, jsonBody, upgradeJson } from "../support/traffic-batch.ts";
import { frame as wholeFrame } from "../wire/frames.ts";

const place = { seq: 1, time: 1000, session: "w1-3k", route: "/chat", node: "n1" } as const;
const step = {
  policy: "hello",
  version: "203abc",
  afterMs: 0,
  durationMs: 1,
  detail: "",
  place: "",
} as const;
const text = (data: string) => ({
  encoding: "text" as const,
  data,
  length: data.length,
  isCut: false,
  redactions: 0,
});

const frame: TrafficRecord = {
  kind: "frame",
  ...place,
  origin: "client",
  opcode: 1,
  fin: true,
  isCompressed: false,
  maskKey: null,
  length: 2048,
  sequence: 1,
  frames: 1,
  durationMs: 7,
  ...{ writeMs: null, unsentBytes: 0 },
  outcome: "replaced",
  steps: [{ ...step, action: "replaced", changed: true, after: null }],
  payload: text('{"say":"Hello Wörld"}'),
  after: null,
  replies: [],
  appended: [],
};
const upgrade: TrafficRecord = {
  kind: "upgrade",
  ...place,
  method: "GET",
  path: "/chat?room=1",
  httpVersion: "1.1",
  status: 403,
  code: "ERR_ORIGIN",
  detail: "",
  client: "203.0.113.9:5000",
  server: "",
  subprotocol: "",
  extensions: "",
  durationMs: 0.4,
  request: [
    ["Host", "chat.example.org"],
    ["Origin", "https://evil.example"],
  ],
  serverRequest: null,
  serverResponse: null,
  phases: [],
  response: [],
  attributes: { user: "anna" },
  steps: [],
};
const close: TrafficRecord = {
  kind: "close",
  ...place,
  initiator: "policy",
  code: 4001,
  reason: "banned",
  cause: "policy",
  detail: "",
  policy: "@acme/guard",
  version: "77",
  rule: "no-spam",
  codes: { client: { sent: null, got: 4001 }, server: { sent: null, got: 1001 } },
  client: "[::1]:80",
  server: "ws://10.0.0.2:80/",
  durationMs: 65_000,
  messages: { client: 1, server: 2 },
  bytes: { client: 100, server: 200 },
};
const hook: TrafficRecord = {
  kind: "hook",
  ...place,
  hook: "renew",
  by: "request",
  lateMs: 0,
  policy: "hello",
  version: "203abc",
  outcome: "renewed",
  durationMs: 2,
  detail: "",
  place: "",
  rule: "",
  attributes: {},
  expires: null,
  toClient: [],
  toServer: [],
};
const records = [frame, upgrade, close, hook];
const facts: SessionFacts = {
  subject: "anna",
  attributes: { user: "anna", plan: { name: "pro", seats: 5 }, "a.b": "dot" },
  path: "/chat?room=1",
  host: "chat.example.org",
  subprotocol: "json",
  client: "203.0.113.9:5000",
  server: "wss://chat-1.internal/",
};

/** Asked again until it says: what takes longer lets others have their turn, and how long that is depends on the machine. */
function answerOf(question: RecordQuestion, record: TrafficRecord, known: SessionFacts | undefined): boolean {
  for (;;) {
    const fits = question(record, known);
    if (fits !== undefined) return fits;
  }
}

function kindsThatFit(filter: string): string {
  const tree = parseFilter(filter);
  const fits = tree === undefined ? () => true : compileTree(tree);
  return records
    .filter((record) => answerOf(fits, record, facts))
    .map(({ kind }) => kind)
    .join(" ");
}

const all = "frame upgrade close hook";
const cases: Readonly<Record<string, string>> = {
  "": all,
  "kind:frame": "frame",
  "route:/chat": all,
  "route:/c*": all,
  "route:c*": "",
  'route:"/c*"': "",
  "route=/c*": "",
  "route:/^.ch/": all,
  "session:w1-3*": all,
  "subject:anna": all,
  "subject:an": "",
  "subject!=anna": "",
  "attribute.user:anna": all,
  "attribute.plan.name:pro": all,
  "attribute.plan.seats:5": all,
  "attribute.a.b:dot": all,
  'attribute."plan.name":pro': all,
  "attribute.none:*": "",
  "attribute.toString:*": "",
  "policy:hello": "frame hook",
  "policy:hello@203a": "frame hook",
  "policy:hello@204": "",
  "policy:@acme/guard": "close",
  "policy:@acme/guard@77": "close",
  "policy:@acme/*": "close",
  "action:replaced": "frame",
  "origin:client": "frame",
  "by:operator": "hook",
  "by:policy": "close",
  "opcode:text": "frame",
  "outcome:replaced": "frame",
  "size>1KiB": "frame",
  "size:>1KiB": "frame",
  "size<=300": "close",
  "size:2048": "frame",
  "duration>5ms": "frame close",
  "duration<500us": "upgrade",
  "duration>=1m": "close",
  "status:403": "upgrade",
  "status:4xx": "upgrade",
  "status:5xx": "",
  "status!=4xx": "frame close hook",
  "close:4001": "close",
  "close>=4000": "close",
  "close:40xx": "close",
  "reason:BAN": "close",
  "reason=BAN": "",
  "rule:no-spam": "close",
  "refusal:ERR_*": "upgrade",
  "host:example.org": all,
  "host:*.example.org": all,
  "header.origin:evil": "upgrade",
  "client:203.0.113.0/24": "frame upgrade hook",
  "client:203.0": "frame upgrade hook",
  "client:203.0.113.9:5000": "frame upgrade hook",
  "client:10.0.0.0/8": "",
  "server:chat-1": "frame hook",
  "path:room=1": all,
  "node:n1": all,
  hello: "frame",
  "text:hello": "frame",
  '"hello wörld"': "frame",
  "/hello/": "",
  "/hello/i": "frame",
  "/Hello W.rld/": "frame",
  "hello size>1KiB": "frame",
  "kind:close | kind:hook": "close hook",
  "kind:close OR kind:hook": "close hook",
  "kind:close and kind:hook": "",
  "!kind:frame": "upgrade close hook",
  "-kind:frame": "upgrade close hook",
  "not kind:frame": "upgrade close hook",
  "!(kind:frame | kind:hook)": "upgrade close",
  "kind:frame | kind:close reason:banned": "frame close",
  "(kind:frame | kind:close) reason:banned": "close",
  '{"say":"Hello': "frame",
  "ROUTE:/chat": all,
  "from:client Type:text length>1KiB": "frame",
  "took>1m": "close",
};

for (const [filter, kinds] of Object.entries(cases)) {
  test(`it asks for: ${filter === "" ? "nothing" : filter}`, (t) => t.is(kindsThatFit(filter), kinds));
}

const wrong: Readonly<Record<string, readonly [at: number, says: RegExp]>> = {
  "rout:x": [0, /got "rout": did you mean route; in quotes it is looked for/],
  "lenght:x": [0, /got "lenght": did you mean length; in quotes/],
  "foo:x": [0, /expected the name of a field, got "foo": one of kind, route/],
  "route:": [6, /expected a name, .* for route, got nothing/],
  "a route>b": [8, /expected `:`, `=` or `!=` before its value for route/],
  "size>big": [5, /expected a size such as 512, 1KiB or 2MiB for size, got "big"/],
  "duration>5": [9, /expected a duration such as 500us/],
  "status:4yy": [7, /expected a number for status/],
  "status>4xx": [7, /expected a number for status/],
  "kind:frames": [5, /expected one of upgrade, request, frame, hook, close for kind, got "frames"/],
  "(a | b": [6, /expected a `\)` for the `\(` at character 1/],
  "a)": [1, /expected no `\)` here/],
  "a |": [3, /expected a value, or a field and a value$/],
  "| a": [0, /got `\|`/],
  "!": [1, /expected a value/],
  'say "hello': [4, /expected a `"` at its end/],
  "/a(?=b)/": [0, /without lookaround and backreferences/],
  "/(a/": [0, /expected a pattern/],
  "/(a{1000}){1000}/": [0, /expected a/],
  "/.{900}.{900}/": [0, /simpler pattern/],
  "/[ab]{60}c/ /[ab]{60}d/i": [12, /simpler pattern: `\*` or `\+` in place/],
  "attribute:x": [0, /expected a name behind attribute/],
  "route.x:y": [0, /expected nothing between route and its value/],
  "policy:/a/": [7, /expected the name of a policy, or name@version/],
  [`${"(".repeat(21)}a${")".repeat(21)}`]: [20, /at most 20 levels/],
  [`${"!".repeat(2000)}`]: [20, /at most 20 levels/],
  [Array(51).fill("a").join(" ")]: [100, /at most 50 conditions/],
  ["a".repeat(2001)]: [2000, /at most 2000 characters/],
  ["/a/ ".repeat(6)]: [20, /at most 5 patterns/],
};

const anyPayload = { encoding: "text", length: 0, isCut: false, redactions: 0 } as const;

test("a pattern sees the beginning of a long text, and a text is looked for in all of it", (t) => {
  const fitsText = (filter: string, data: string) =>
    answerOf(compileTree(parseFilter(filter)!), { ...frame, payload: { ...anyPayload, data } }, undefined);
  const long = `${"x".repeat(MOST_PATTERN_TEXT)}needle`;
  t.true(fitsText("/needle$/", long.slice(6)));
  t.false(fitsText("/needle/", long));
  t.true(fitsText("NEEDLE", long));
});

test("patterns that take too long are told, and not waited for", (t) => {
  const fits = compileTree(parseFilter("/[a-z]+x/ | kind:close")!, -1);
  t.is(t.throws(() => fits(frame, undefined), { instanceOf: TrafficError })?.code, "ERR_TRAFFIC_PATTERN");
});

test("a look at a record stops after a while, and goes on where it was", (t) => {
  const look = createLook(1_000);
  const record = {};
  const asked: string[] = [];
  const wait = (name: string) => () => {
    asked.push(name);
    for (const end = performance.now() + 6; performance.now() < end; );
    return name === "b";
  };
  const goes = [1, 2, 3].map(() => {
    look.begin(record);
    const answers = ["a", "b", "c"].map((name) => look.ask(wait(name)));
    return look.isUnfinished ? "later" : answers;
  });
  t.deepEqual(goes, ["later", "later", [false, true, false]]);
  t.deepEqual(asked, ["a", "b", "c"]);
});

for (const [filter, [at, says]] of Object.entries(wrong)) {
  test(`it is refused, with the place: ${filter.slice(0, 30)}`, (t) => {
    const error = t.throws(() => parseFilter(filter), { instanceOf: FilterError, message: says });
    t.is(error?.at, at);
    t.true(error?.message.startsWith(`at character ${at + 1}: `));
  });
}

const printable = fc.string({ unit: fc.constantFrom(...'ab*"\\ /|()!-:.=é'.split("")), maxLength: 8 });
const word = fc.stringMatching(/^[a-z0-9_][a-z0-9_.*@]{0,6}$/).filter((each) => !/^(or|and|not)$/.test(each));
const value = fc.oneof(
  fc.record({ type: fc.constant("word" as const), text: word }),
  fc.record({ type: fc.constant("quoted" as const), text: printable }),
  fc.record({
    type: fc.constant("pattern" as const),
    source: fc.constantFrom("a", "[a/]b+", "^\\/x", "a|b", "(a)"),
    flags: fc.constantFrom("", "i", "ms"),
  }),
);
const anyTest: fc.Arbitrary<FilterTest> = fc.oneof(
  value.map((each) => ({
    type: "test" as const,
    field: undefined,
    key: "",
    operator: ":" as const,
    value: each,
  })),
  fc
    .tuple(
      fc.constantFrom(...fieldNames.filter((name) => ["name", "text"].includes(fieldOf(name).kind))),
      fc.constantFrom(":" as const, "=" as const, "!=" as const),
      value,
      printable.filter((key) => key !== ""),
    )
    .map(([field, operator, each, key]) => ({
      type: "test" as const,
      field,
      operator,
      value: each,
      key: fieldOf(field).hasKey === true ? key : "",
    })),
  fc
    .constantFrom(
      ...[
        "kind:frame",
        "kind:close",
        "size>1KiB",
        "status:4xx",
        "status:401",
        "policy:hello@2",
        "policy:hello",
      ],
      ...["origin:client", "origin:server", "opcode:text", "outcome:spliced", "route:/chat", "session:w1-1"],
      ...["subject:a", "attribute.b:x*", "host:gateway", "client:127.0.0.0/8", "close:1000", "by:policy"],
    )
    .map((each) => parseFilter(each) as FilterTest),
);
const { tree: anyTree } = fc.letrec<{ tree: FilterTree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 3 },
    anyTest,
    fc.record({
      type: fc.constantFrom("and" as const, "or" as const),
      of: fc.array(tie("tree"), { minLength: 2, maxLength: 3 }),
    }),
    fc.record({ type: fc.constant("not" as const), of: tie("tree") }),
  ),
}));

const isWithinLimits = (tree: FilterTree) => (printFilter(tree).match(/\//g)?.length ?? 0) < 8;

test("what is printed is read as the same filter", (t) => {
  fc.assert(
    fc.property(anyTree.filter(isWithinLimits), (tree) => {
      t.deepEqual(parseFilter(printFilter(tree)), tree);
    }),
  );
});

test("any text is a filter or is refused, and a filter that was read is printed as itself", (t) => {
  const anyText = fc.oneof(
    fc.string(),
    fc.constantFrom("__proto__", "constructor", "toString", "valueOf:1"),
    fc
      .array(fc.constantFrom("a", "(", ")", "|", "!", " ", "route:", "size>", '"', "/", "1KiB", "or "))
      .map((parts) => parts.join("")),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      let tree: FilterTree | undefined;
      try {
        tree = parseFilter(text);
      } catch (error) {
        t.true(error instanceof FilterError);
        return;
      }
      if (tree !== undefined) t.deepEqual(parseFilter(printFilter(tree)), tree);
    }),
  );
});

test("not x is the complement of x, and narrowing loses nothing", (t) => {
  fc.assert(
    fc.property(anyTree.filter(isWithinLimits), fc.constantFrom(...records), (tree, record) => {
      const fits = answerOf(compileTree(tree), record, facts);
      t.is(answerOf(compileTree({ type: "not", of: tree }), record, facts), !fits);
      if (fits) t.true(compileFilter(narrowingOf(tree)).fits(record));
    }),
  );
});

test("a value becomes a condition that finds it, whatever is in it", (t) => {
  fc.assert(
    fc.property(printable, (route) => {
      const tree = parseFilter(printTerm("route", route));
      t.true(tree !== undefined && answerOf(compileTree(tree), { ...frame, route }, undefined));
      if (tree !== undefined && route !== frame.route) t.false(answerOf(compileTree(tree), frame, undefined));
    }),
  );
});

test("the docs have each field, and what it is", async (t) => {
  const rows = rowsOf(sectionOf(await readDocument("docs/filters.md"), "Fields"));
  t.deepEqual(
    rows.map(([name]) => name),
    fieldNames.map((name) => `\`${name}${fieldOf(name).hasKey === true ? ".NAME" : ""}\``),
  );
  for (const name of fieldNames)
    t.true(
      rows.some(([, says]) => says?.startsWith(fieldOf(name).says)),
      name,
    );
});

const live: LiveValues = {
  values: (field, key) =>
    ({
      route: ["/chat", "/chat two", "feed"],
      attribute: key === "user" ? ["anna"] : [],
      close: ["1000", "4001"],
    })[field as string] ?? [],
  keys: (field) => (field === "attribute" ? ["user", "org id"] : ["origin"]),
};

/** The text with the caret as `^`, and what is suggested: as the text that it would be. */
function suggested(marked: string, most = 4): readonly string[] {
  const caret = marked.indexOf("^");
  const text = marked.replace("^", "");
  const { from, to, suggestions } = completeFilter(text, caret, live);
  return suggestions.slice(0, most).map((each) => text.slice(0, from) + each.text + text.slice(to));
}

test("where somebody writes, what may stand there is suggested", (t) => {
  t.deepEqual(suggested("^", 3), ["kind:", "route:", "session:"]);
  t.deepEqual(suggested("ro^"), ["route:", "subprotocol:"]);
  t.deepEqual(suggested("s^", 3), ["session:", "subject:", "size>"]);
  t.deepEqual(suggested("!du^"), ["!duration>"]);
  t.deepEqual(suggested("route:feed (att^"), ["route:feed (attribute."]);
  t.deepEqual(suggested("kind:^", 2), ["kind:upgrade", "kind:request"]);
  t.deepEqual(suggested("kind:f^ size>1"), ["kind:frame size>1"]);
  t.deepEqual(suggested("route:^"), ["route:/chat", 'route:"/chat two"', "route:feed"]);
  t.deepEqual(suggested('route:"/chat t^'), ['route:"/chat two"']);
  t.deepEqual(suggested("attribute.^"), ["attribute.user:", 'attribute."org id":']);
  t.deepEqual(suggested("attribute.us^:anna"), ["attribute.user:anna"]);
  t.deepEqual(suggested("attribute.user:^"), ["attribute.user:anna"]);
  t.deepEqual(suggested("header.o^"), ["header.origin:"]);
  t.deepEqual(suggested("close:40^"), ["close:4001"]);
  t.deepEqual(suggested("size>^"), ["size>1KiB", "size>64KiB", "size>1MiB"]);
  t.deepEqual(suggested("from:s^"), ["from:server"]);
  for (const none of ["/ab^", '"ab^', "foo:^", "route:/a/^"]) t.deepEqual(suggested(none), [], none);
});

test("what a filter looks for in texts is told, to show where it is", (t) => {
  const marks = (filter: string) => marksOf(parseFilter(filter)!);
  t.deepEqual(marks('hello !bye route:x (text:"a b" | /c+/i)'), [
    { type: "text", text: "hello" },
    { type: "text", text: "a b" },
    { type: "pattern", source: "c+", flags: "i" },
  ]);
});

test("records are sorted over all that fit, those without the value last", async (t) => {
  const store = createArrayStore();
  for (let i = 0; i < 2500; i++)
    store.add({ length: (i * 7919) % 2500, durationMs: i, session: `s-${i % 3}` });
  const sorted = async (sort: SortKey, order: "asc" | "desc", filter = "") =>
    sortRecords(store, { filter: { filter }, sort, order, limit: 3 });
  const largest = await sorted("size", "desc");
  t.deepEqual(
    largest.records.map((record) => record.kind === "frame" && record.length),
    [2499, 2498, 2497],
  );
  t.like(largest, { hasMore: true, compared: 2500, isWhole: true });
  t.deepEqual(
    (await sorted("duration", "asc")).records.map(({ seq }) => seq),
    [1, 2, 3],
  );
  t.deepEqual((await sorted("duration", "asc", "size>2497")).records.length, 2);
  t.deepEqual(
    (await sorted("status", "asc")).records.map(({ seq }) => seq),
    [2500, 2499, 2498],
  );
  t.deepEqual(
    (await sorted("session", "asc")).records.map(({ session }) => session),
    ["s-0", "s-0", "s-0"],
  );
});

test("what an end says of a whole session is sorted behind messages, and among ends", async (t) => {
  const records = [30, 10, 20].flatMap((size) => [
    { ...frame, length: size },
    { ...close, bytes: { client: size * 100, server: 0 } },
  ]);
  const store = { query: async () => ({ records, hasMore: false }), facts: async () => new Map() };
  for (const order of ["asc", "desc"] as const) {
    const sorted = await sortRecords(store, { filter: {}, sort: "size", order, limit: 6 });
    const sizes = order === "asc" ? [10, 20, 30, 1000, 2000, 3000] : [30, 20, 10, 3000, 2000, 1000];
    t.deepEqual(
      sorted.records.map((record) => (record.kind === "close" ? record.bytes.client : lengthOf(record))),
      sizes,
    );
  }
});

const lengthOf = (record: TrafficRecord) => record.kind === "frame" && record.length;

test("a store finds what the filter says of each of its records, and of what it knows of their sessions", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "framegate-"));
  const rules = compileRedaction({ defaults: true, headers: [], query: [], json: [], patterns: [] });
  const bounds = { maxBytes: 1e7, maxRecords: 1e4, maxAgeMs: 0, subjects: ["user"] };
  const stores = [
    createMemoryStore({ bounds, rules }),
    createSqliteStore({ file: join(dir, "traffic.db"), bounds, rules }),
  ];
  t.teardown(() => {
    for (const store of stores) store.close();
    rmSync(dir, { recursive: true });
  });
  const json = (value: object, session: number) => ({
    type: "json" as const,
    session,
    body: jsonBody(value),
  });
  const passed = { policy: "hello", version: "2", action: "passed", afterMs: 0, durationMs: 1, detail: "" };
  const batches = [
    batchOf([
      json({ ...upgradeJson, attributes: { user: "a", b: "x.y" }, path: "/b?a", steps: [passed] }, 1),
      json({ ...upgradeJson, status: 401, code: "a" }, 3),
      { type: "frames", session: 1, body: wholeFrame({ opcode: 1, payload: "a b" }) },
      { type: "frames", session: 1, origin: "server", body: wholeFrame({ opcode: 2, payload: "\u0000b" }) },
    ]),
    batchOf([
      json({ ...upgradeJson, attributes: { user: "b" } }, 2),
      { type: "frames", session: 2, route: 1, body: wholeFrame({ opcode: 1, payload: "c".repeat(2000) }) },
      json({ ...frameJson, outcome: "replaced", steps: [{ ...passed, changed: false, after: null }] }, 2),
      json(hookJson, 1),
      json({ ...closeJson, reason: "a", policy: "a" }, 1),
    ]),
  ];
  for (const store of stores) for (const batch of batches) store.append(batch);
  for (const store of stores) {
    const { records: all } = await store.query({ limit: 100 });
    t.is(all.length, 9);
    const known = await store.facts(new Set(all.map(({ session }) => session)));
    await fc.assert(
      fc.asyncProperty(anyTree.filter(isWithinLimits), async (tree) => {
        const fits = compileTree(tree);
        const { records: found } = await store.query({ filter: printFilter(tree), limit: 100 });
        t.deepEqual(
          found.map(({ seq }) => seq),
          all.filter((record) => answerOf(fits, record, known.get(record.session))).map(({ seq }) => seq),
        );
      }),
    );
  }
});
