import { shareSandbox } from "../shared-sandbox.ts";
import { bodyOf, show } from "../support.ts";
import { test } from "../transports.ts";

const useSandbox = shareSandbox();

/** Gives the names of all places that could be written to, found by trying. */
const findWritable = `
  const writable = [];
  const seen = new Set();
  const visit = (value, path) => {
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    if (path === "context.session") return;
    try { value.planted = 1; writable.push(path); } catch {}
    try { Object.defineProperty(value, "planted2", { value: 1 }); writable.push(path); } catch {}
    try { Object.setPrototypeOf(value, { planted: 1 }); writable.push(path + " prototype"); } catch {}
    for (const key of Reflect.ownKeys(value)) {
      const descriptor = Object.getOwnPropertyDescriptor(value, key);
      if (descriptor.writable) writable.push(path + "." + String(key));
      visit(descriptor.value, path + "." + String(key));
    }
    visit(Object.getPrototypeOf(value), path + ".__proto__");
  };
  visit(context, "context");`;

test("a message context has the keys of the contract and is frozen all the way down", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "frozen",
    `export const client = (context) => { ${findWritable}
      return { content: { body: { writable, keys: Object.keys(context), own: [
        Object.keys(context.content), Object.keys(context.frame), Object.keys(context.websock),
        Object.keys(context.websock.context), Object.keys(context.log) ] } } };
    };`,
  );
  const { client } = fixture.seat("frozen", { options: { list: [{ a: 1 }] } });
  t.deepEqual(bodyOf(await client({})), {
    writable: [],
    keys: ["content", "frame", "websock", "session", "options", "log", "kv", "rates", "secrets", "alert"],
    own: [
      ["body", "type", "json"],
      ["origin", "opcode", "length", "sequence", "time"],
      ["context"],
      ["id", "request", "client", "route", "attributes", "subprotocol", "server", "expires"],
      ["debug", "info", "warn", "error"],
    ],
  });
});

test("upgrade and close contexts are frozen all the way down", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "frozen-too",
    `export const upgrade = (context) => { ${findWritable}
      return { attributes: { writable, keys: Object.keys(context) } };
    };
    export const close = (context) => { ${findWritable}
      context.log.info(JSON.stringify({ writable, keys: Object.keys(context) }));
    };`,
  );
  const { call } = fixture.seat("frozen-too");
  const own = {
    id: "s1",
    request: { headers: [["A", "b"]], query: {} },
    client: {},
    route: {},
    attributes: {},
  };
  t.deepEqual(show(await call("upgrade", JSON.stringify(own))), {
    attributes: {
      writable: [],
      keys: [
        "id",
        "request",
        "client",
        "route",
        "attributes",
        "options",
        "log",
        "kv",
        "rates",
        "secrets",
        "alert",
      ],
    },
  });
  const end = {
    initiator: "client",
    code: 1000,
    reason: "",
    duration: 5,
    messages: { client: 1 },
    bytes: {},
  };
  t.is(show(await call("close", JSON.stringify(end))), "unchanged");
  const { line } = await fixture.event("log");
  t.deepEqual(JSON.parse(line.text), {
    writable: [],
    keys: [...Object.keys(end), "websock", "session", "options", "log", "kv", "rates", "secrets", "alert"],
  });
});

test("tick and renew contexts are frozen all the way down", async (t) => {
  const fixture = await useSandbox();
  const tells = `(context) => { ${findWritable}
    return { toClient: [{ writable, keys: Object.keys(context) }] };
  }`;
  await fixture.use("frozen-in-time", `export const tick = ${tells}; export const renew = ${tells};`);
  const { call } = fixture.seat("frozen-in-time");
  const rest = ["websock", "session", "options", "log", "kv", "rates", "secrets", "alert"];
  for (const [hook, own] of [
    ["tick", { time: 1, late: 0 }],
    ["renew", { reason: "request", data: { a: [{}] }, time: 1 }],
  ] as const) {
    const told = JSON.stringify({ writable: [], keys: [...Object.keys(own), ...rest] });
    t.deepEqual(show(await call(hook, JSON.stringify(own))), { toClient: [told] });
  }
});

test("what a hook reads is what came", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "reader",
    `const read = ({ content, frame, websock, options }) => {
      const { request, id } = websock.context;
      return { content: { body: JSON.stringify({ type: content.type, ...frame, time: typeof frame.time, id, options,
        tag: request.headers.get("X-TAG"), tags: request.headers.getAll("x-tag"), none: request.headers.get("y"),
        has: request.headers.has("host"), keys: request.headers.keys(), all: [...request.headers] }) } };
    };
    export { read as client, read as server };`,
  );
  const { client, call } = fixture.seat("reader", {
    id: "s9",
    options: { deep: [1] },
    contentType: "text/plain",
  });
  const common = {
    type: "text/plain",
    time: "number",
    id: "s9",
    options: { deep: [1] },
    tag: "a, b",
    tags: ["a", "b"],
    has: true,
    keys: ["host", "x-tag"],
    all: [
      ["Host", "gateway"],
      ["X-Tag", "a"],
      ["x-tag", "b"],
    ],
  };
  t.deepEqual(bodyOf(await client("é")), {
    ...common,
    origin: "client",
    opcode: "text",
    length: 2,
    sequence: 1,
  });
  t.deepEqual(bodyOf(await call("server", Uint8Array.of(1, 2, 3))), {
    ...common,
    origin: "server",
    opcode: "binary",
    length: 3,
    sequence: 1,
  });
});

test("json() gives a fresh value each time, of binary messages too, and throws a SyntaxError", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "fresh",
    `export const client = ({ content }) => {
      const { json } = content;
      try { const a = json(); a.x = 2; return { content: { body: [a, json()] } }; }
      catch (error) { return { reply: [error.name] }; }
    };`,
  );
  const { client, call } = fixture.seat("fresh");
  t.deepEqual(bodyOf(await client({ x: 1 })), [{ x: 2 }, { x: 1 }]);
  t.deepEqual(bodyOf(await call("client", Buffer.from('{"x":1}'))), [{ x: 2 }, { x: 1 }]);
  t.deepEqual(show(await client("{")), { reply: ["SyntaxError"] });
});

test("one connection cannot see another's context or session", async (t) => {
  const fixture = await useSandbox();
  await fixture.use(
    "apart",
    `export const client = ({ content, session, websock }) => {
      const before = session.secret ?? null;
      session.secret = content.json();
      return { content: { body: { before, id: websock.context.id } } };
    };`,
  );
  const [a, b] = [fixture.seat("apart", { id: "a" }), fixture.seat("apart", { id: "b" })];
  t.deepEqual(bodyOf(await a.client("1")), { before: null, id: "a" });
  t.deepEqual(bodyOf(await b.client("2")), { before: null, id: "b" });
  t.deepEqual(bodyOf(await a.client("3")), { before: 1, id: "a" });
});
