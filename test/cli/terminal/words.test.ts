import { fileURLToPath } from "node:url";
import test from "ava";
import { firstCall } from "../../../cli/terminal/first-call/first-call.ts";
import { sampleValue } from "../../../cli/terminal/first-call/sample-value.ts";
import { readKey } from "../../../cli/terminal/keys.ts";
import { createSourceReader } from "../../../cli/terminal/terminal.ts";
import { sayEvent } from "../../../cli/terminal/words/event-words.ts";
import { wordFault } from "../../../cli/terminal/words/fault-words.ts";
import { Flood } from "../../../cli/terminal/words/flood.ts";
import { wordReload } from "../../../cli/terminal/words/reload-words.ts";
import { createPeopleWording } from "../../../cli/terminal/words/wording.ts";
import { resolveConfig } from "../../../core/config/index.ts";
import { createEventLog } from "../../../core/event-log.ts";
import type { GatewayEvent } from "../../../core/events.ts";
import { createLogger, type Logger } from "../../../core/log.ts";
import type { EndCause } from "../../../core/session-end.ts";
import { showDuration } from "../../../core/terminal/duration.ts";
import { showFields } from "../../../core/terminal/fields.ts";
import { renderLine } from "../../../core/terminal/line.ts";
import { createPaint, wantsColor } from "../../../core/terminal/style.ts";
import type { PolicyState } from "../../../policies/reload/policy-state.ts";

test("a duration has three digits at most", (t) => {
  const shown: readonly (readonly [number, string])[] = [
    [0.04, "0 ms"],
    [0.44, "0.4 ms"],
    [9.96, "10 ms"],
    [40.2, "40 ms"],
    [999.7, "1 s"],
    [3214, "3.2 s"],
    [59_700, "1 min"],
    [750_000, "13 min"],
    [86_400_000 * 3.25, "3.3 d"],
  ];
  for (const [ms, text] of shown) t.is(showDuration(ms), text, String(ms));
});

const ended = {
  ...{ type: "session-end", id: "s1", route: "chat", client: "203.0.113.9:1", server: "ws://a" },
  ...{
    initiator: "client",
    cause: "peer",
    detail: "",
    code: 1000,
    reason: "",
    policy: "",
    version: "",
    rule: "",
  },
  codes: { client: { sent: null, got: null }, server: { sent: null, got: null } },
  ...{ durationMs: 3214, messages: { client: 12, server: 40 }, bytes: { client: 1, server: 1 } },
} as const satisfies GatewayEvent;

test("each way that a session can end is one line", (t) => {
  const ends: readonly (readonly [
    Partial<Omit<typeof ended, "cause">> & object & { cause: EndCause },
    string,
  ])[] = [
    [{ cause: "peer" }, "closed 1000 by the client"],
    [{ cause: "peer", code: 1005 } as never, "closed without a code by the client"],
    [{ cause: "vanished", detail: "FIN" } as never, "client is gone without a Close frame (FIN)"],
    [
      { cause: "policy", code: 4001, reason: "banned", policy: "order-limits", rule: "size" } as never,
      'closed 4001 "banned" by policy order-limits (size)',
    ],
    [{ cause: "policy-fault", code: 1011, policy: "p" } as never, "closed 1011: policy p failed"],
    [{ cause: "idle", code: 1001, detail: "1m" } as never, "closed 1001: idle for 1m"],
    [
      { cause: "rate", code: 1008, detail: "client" } as never,
      "closed 1008: the client sent more than the route's rate",
    ],
    [{ cause: "admin", code: 1001 } as never, "closed 1001 by an operator"],
  ];
  for (const [end, text] of ends)
    t.like(sayEvent({ ...ended, ...end }), {
      ...{ level: "info", subject: "chat", session: "s1" },
      text: `${text} after 3.2 s, 12 ↑ 40 ↓`,
    });
});

test("of many connections in a second the rest is summed up", (t) => {
  const flood = new Flood();
  const take = (count: number, type: GatewayEvent["type"], now: number) =>
    Array.from({ length: count }, () => flood.take(type, now)).filter(Boolean).length;
  t.is(take(15, "session-start", 0) + take(10, "session-end", 10), 20);
  t.is(take(300, "session-start", 20), 0);
  // What is no matter of each connection is always said.
  t.is(take(3, "policy-fault", 20), 3);
  t.is(flood.sumUp(1000), "and 5 closed, 300 opened in this second");
  t.is(flood.sumUp(1000), "");
  t.is(take(25, "session-start", 1001), 20);
  t.is(new Flood().sumUp(0), "");
});

test("the rest of a flood is told when its second is over; what is lost is a trouble", async (t) => {
  const wording = createPeopleWording(() => "");
  const lines: string[] = [];
  const told = Promise.withResolvers<void>();
  const info = (first: unknown, text = String(first)): void => {
    lines.push(text);
    if (text.startsWith("and ")) told.resolve();
  };
  const logger = { debug() {}, info, warn: info, error: info, writes: () => true } as unknown as Logger;
  for (let n = 0; n < 23; n++) wording.event(logger, ended);
  await told.promise;
  t.is(lines.length, 21);
  t.is(lines.at(-1), "and 3 closed in this second");
  wording.event(logger, { type: "kv-lost", pid: 1, reason: "gone" });
  t.regex(wording.troubles.list().join(), /^no connection to Redis.*\(gone\)$/);
  t.is(lines.length, 22);
});

test("what a route's level leaves out takes no lines of others; at a stop the rest is told at once", (t) => {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const logger = createLogger({ level: "info", pretty: true, destination: { write } });
  const wording = createPeopleWording(() => "");
  const log = createEventLog(
    logger,
    (route) => ({ access: true, level: route === "quiet" ? "warn" : "debug" }),
    { word: wording.event },
  );
  for (let n = 0; n < 25; n++) log({ ...ended, route: "quiet" });
  for (let n = 0; n < 25; n++) log(ended);
  t.is(lines.length, 20);
  wording.step(logger, { type: "stopped" });
  t.is(lines.length, 21);
  t.regex(lines.at(-1) ?? "", / and 5 closed in this second\n$/);
});

test("a fault is shown with the line of its first call, whatever names files have, and however long what it wrote is", (t) => {
  const frameOf = (...stack: readonly string[]) => {
    const fault = { reason: "throw", policy: "p", version: "1", hook: "client", message: "m" } as const;
    const read = (file: string) => `${file} is read`;
    return wordFault({ ...fault, stack: ["m", ...stack].join("\n") }, "s", read).frame;
  };
  t.is(frameOf("    at f (/p.ts:1:1)", "    at g (/q.ts:1:1)"), "1 │ /p.ts is read\n  ╵ ^");
  t.is(frameOf("    at /p.ts:1:2"), "1 │ /p.ts is read\n  ╵  ^");
  t.is(frameOf("    at f (/my files (1)/p.ts:1:1)"), "1 │ /my files (1)/p.ts is read\n  ╵ ^");
  for (const none of [
    "/p.ts:1:1",
    "    at f",
    "    at :1:1",
    "    at f (/p.ts:1)",
    "    at f (/p.ts:1:x)",
    "    at ",
  ])
    t.is(frameOf(none), "", none);
  t.is(frameOf(`    at ${":1".repeat(400_000)} `), "");
});

test("of files that are no policies nothing is read, whatever a stack says", (t) => {
  const folder = fileURLToPath(new URL("./", import.meta.url));
  const read = createSourceReader(folder.slice(0, -1));
  t.regex(read(`${folder}words.test.ts`), /createSourceReader/);
  t.is(read(`${folder}../welcome.test.ts`), "");
  t.is(read(`${folder.slice(0, -1)}-else`), "");
  t.is(read("/etc/passwd"), "");
});

test("what a reload came to, and that it is fine again", (t) => {
  const result = { policy: "hello", file: "/hello.ts", durationMs: 40.3, version: "1" } as const;
  const word = (outcome: "loaded" | "reloaded" | "unchanged" | "removed", wasBroken = false) =>
    wordReload({ ...result, outcome }, wasBroken).text;
  t.is(word("reloaded"), "reloaded in 40 ms");
  t.is(word("reloaded", true), "reloaded in 40 ms, fine again");
  t.is(word("unchanged", true), "is fine again: the file is what runs");
  t.is(wordReload({ ...result, outcome: "unchanged" }, false).level, "debug");
  t.is(word("removed"), "removed: its file has been missing for a second");
  t.deepEqual(wordReload({ ...result, outcome: "failed", message: "broken" }, false), {
    level: "error",
    subject: "hello",
    text: "not loaded, no version of it has ever been: broken",
  });
});

test("a line: the time, what it is about, the text, fields that hold something; what others wrote steers nothing", (t) => {
  const look = { paint: createPaint(false), folder: "/home/me" };
  const time = new Date(2026, 0, 2, 3, 4, 5);
  const line = (fields: object, text: string) =>
    renderLine({ level: "warn", text, fields: { ...fields } }, time, look);
  t.is(
    line(
      { subject: "chat", session: "s1", code: "ERR_A", durationMs: 1.26, to: "a b", none: "", list: [] },
      "x\u001b[2J",
    ),
    '03:04:05 warning chat x\\x1b[2J duration=1.3ms to="a b" ERR_A s1\n',
  );
  t.is(
    line({ frame: "1 | a\n  ^", stack: "at f (/home/me/p.ts:1:2)" }, "in /home/me/p.ts\nmore"),
    "03:04:05 warning in p.ts\n    more\n\n    1 | a\n      ^\n\n    at f (p.ts:1:2)\n",
  );
  t.deepEqual(showFields({ digest: "sha256:".padEnd(71, "ab12"), before: "ab12".repeat(16) }), [
    "digest=sha256:ab12ab12ab12…",
    "before=ab12ab12ab12…",
  ]);
  t.deepEqual(showFields({ a: { b: "", c: [] }, d: { e: 1 }, f: ["x", 2] }), ["d={e=1}", "f=x,2"]);
});

test("colours are for a terminal, and NO_COLOR counts before all", (t) => {
  const [terminal, pipe] = [{ isTTY: true }, { isTTY: false }];
  t.true(wantsColor(terminal, {}));
  t.false(wantsColor(terminal, { TERM: "dumb" }));
  t.false(wantsColor(terminal, { NO_COLOR: "1", FORCE_COLOR: "1" }));
  t.false(wantsColor(pipe, {}));
  t.true(wantsColor(pipe, { FORCE_COLOR: "1" }));
  t.false(wantsColor(terminal, { FORCE_COLOR: "0" }));
});

test("keys are pressed one by one: a text that is pasted, and an arrow, press none; Ctrl-C is always heard", (t) => {
  const keys = [
    "h",
    "r",
    "u",
    "c",
    "o",
    "q",
    "\u0003",
    "\u001a",
    "quit",
    "\u001b[A",
    "x",
    "ab\u0003",
    "toString",
  ];
  t.deepEqual(keys.map(readKey), [
    ...["help", "reload", "urls", "clear", "open", "quit", "interrupt", "suspend"],
    ...[undefined, undefined, undefined, "interrupt", undefined],
  ] as never);
});

const policy = (name: string, code: string, hooks: readonly "upgrade"[] = []): PolicyState => ({
  ...{ name, file: `/${name}.ts`, versions: [], isPinned: false, deleted: false },
  current: {
    bundle: { name, file: `/${name}.ts`, version: "1", code, sourceMap: "", inputs: [] },
    ...{ exports: { hooks }, loadedAt: 0 },
  },
});

test("what a first client has to say: as the route, its policies and the listener want it", (t) => {
  const call = (route: object, policies: readonly PolicyState[] = [], rest: object = {}) =>
    firstCall(resolveConfig({ routes: [{ upstream: "ws://a", ...route }], ...rest }, { dir: "/" }), policies);
  const lens = policy("lens", 'var names = ["graphql-transport-ws"]; x = `offer the subprotocol `', [
    "upgrade",
  ]);
  t.like(call({ path: "/graphql", policies: ["lens"] }, [lens]), {
    ...{
      path: "/graphql",
      flags: ["-s graphql-transport-ws"],
      message: '{"type":"connection_init"}',
      asks: false,
    },
  });
  t.like(call({ path: "/mqtt", policies: ["mqtt"] }, [policy("mqtt", '"mqtt" offer the subprotocol')]), {
    ...{ message: undefined, protocol: "mqtt" },
  });
  t.like(call({ path: "/:room/*", match: { host: "*.example.com", headers: { "x-a": "b" } } }), {
    ...{ path: "/room/", flags: ['-H "Host: any.example.com"', '-H "x-a: b"'], message: '{"text":"hi"}' },
  });
  t.deepEqual(
    call({
      path: "/a",
      subprotocols: { allow: ["v2", "v1"], required: true },
      origins: ["same", "https://*.example.com"],
      originRequired: true,
    }).flags,
    ["-s v2", "-o https://any.example.com"],
  );
  const jwt = { use: "@framegate/standard/jwt", options: { from: { parameter: "t" } } };
  const key = "@framegate/standard/api-key";
  t.like(call({ path: "/a", policies: [jwt, key] }), { path: "/a?t=TOKEN", flags: ['-H "x-api-key: KEY"'] });
  t.true(call({ path: "/a", policies: ["door"] }, [policy("door", "", ["upgrade"])]).asks);
  const client = {
    type: "object",
    required: ["text", "n"],
    properties: { text: { enum: ["a"] }, n: { type: "integer" } },
  };
  t.is(
    call({ path: "/a", policies: [{ use: "@framegate/standard/json-schema", options: { client } }] }).message,
    '{"text":"a","n":1}',
  );
});

test("a value that fits a schema", (t) => {
  t.is(sampleValue({ type: "string", minLength: 4 }), "hi!!");
  t.deepEqual(sampleValue({ oneOf: [{ const: 3 }] }), 3);
  t.deepEqual(sampleValue({ type: "array", minItems: 1, items: { type: "boolean" } }), [true]);
  t.deepEqual(sampleValue({ properties: { a: { default: 1 }, b: {} } }), { a: 1 });
  const endless: { properties: object; required: string[] } = { properties: {}, required: ["a"] };
  endless.properties = { a: endless };
  t.notThrows(() => sampleValue(endless));
});
