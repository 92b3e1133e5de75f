import { join } from "node:path";
import { pathToFileURL } from "node:url";
import test, { type ExecutionContext } from "ava";
import { type LoadOptions, loadPolicy, PolicyError } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";

async function load(t: ExecutionContext, code: string, options?: LoadOptions) {
  const dir = await makeFolder(t, { "policy.ts": code });
  return loadPolicy(join(dir, "policy.ts"), options);
}

test("client and server: what becomes of a message", async (t) => {
  const policy = await load(
    t,
    `export const client = ({ content, options }) => ({
       content: { body: { ...content.json(), by: options.name } },
       reply: ["got it"],
       append: [{ more: true }, new Uint8Array([1])],
     });
     export const server = ({ content }) => (content.body === "no" ? { drop: true } : undefined);`,
    { options: { name: "gate" } },
  );
  t.deepEqual(policy.hooks, ["client", "server"]);
  const result = await policy.client({ a: 1 });
  t.deepEqual(result, {
    body: '{"a":1,"by":"gate"}',
    isDropped: false,
    replies: ["got it"],
    appended: ['{"more":true}', new Uint8Array([1])],
    close: undefined,
  } as never);
  t.deepEqual(result.json(), { a: 1, by: "gate" });
  t.is((await policy.server("yes")).body, "yes");
  t.like(await policy.server("no"), { body: undefined, isDropped: true });
});

test("members that a verdict sets and removes are those of the body", async (t) => {
  const policy = await load(
    t,
    `export const client = () => ({ content: { set: { by: "gate" }, remove: ["internal"] } });
     export const server = () => ({ content: { remove: ["none"] } });`,
  );
  t.is((await policy.client('{"a": 1, "internal": 2}')).body, '{"a": 1,"by":"gate"}');
  t.is((await policy.server('{"a": 1}')).body, '{"a": 1}');
  await t.throwsAsync(policy.client("text"), { name: "PolicyError", message: /to be a JSON object/ });
});

test("a message that `when` is not for goes by the hook", async (t) => {
  const policy = await load(
    t,
    `export const when = { client: { json: { type: ["order"] } } };
     export const client = () => ({ drop: true });`,
  );
  t.like(await policy.client({ type: "order" }), { isDropped: true, isSkipped: false });
  t.like(await policy.client({ type: "other" }), {
    body: '{"type":"other"}',
    isDropped: false,
    isSkipped: true,
  });
});

test("a hook that reads no bodies is not given them in a test either", async (t) => {
  const policy = await load(
    t,
    `export const when = { client: { body: false }, server: { body: false } };
     export const client = ({ frame }) => ({ content: { set: { length: frame.length } } });
     export const server = ({ content }) => content.json().drop;`,
  );
  t.is((await policy.client('{"a": 1}')).body, '{"a": 1,"length":8}');
  await t.throwsAsync(policy.server("{}"), { name: "TypeError", message: /`when\.server\.body` is false/ });
});

test("bytes go in and come out as bytes", async (t) => {
  const policy = await load(t, "export const client = () => {};");
  t.deepEqual((await policy.client(new Uint8Array([1, 2]))).body, new Uint8Array([1, 2]));
});

test("a close without content keeps the message back", async (t) => {
  const policy = await load(t, `export const client = () => ({ close: { code: 1008, reason: "no" } });`);
  t.like(await policy.client("x"), { isDropped: true, body: undefined, close: { code: 1008, reason: "no" } });
});

test("upgrade: accepted, with what it changes", async (t) => {
  const policy = await load(
    t,
    `export const upgrade = ({ request, client }) => ({
       attributes: { room: request.query.room, user: request.headers.get("X-User"), from: client.address },
       headers: { "X-A": "1", "X-B": ["1", "2"], Cookie: null },
       connect: "ws://127.0.0.1:9000/rooms",
     });`,
  );
  const request = { url: "/chat?room=1", headers: { "X-User": "ann" }, client: { address: "10.0.0.1" } };
  t.like(await policy.upgrade(request), {
    accepted: true,
    status: 101,
    attributes: { room: "1", user: "ann", from: "10.0.0.1" },
    headers: { "x-a": "1", "x-b": ["1", "2"], cookie: null },
    connect: "ws://127.0.0.1:9000/rooms",
  });
});

test("upgrade: refused, with status, headers and body", async (t) => {
  const policy = await load(
    t,
    `export const upgrade = () => ({ reject: { status: 401, headers: { "X-Why": "no" }, body: { error: "token" } } });`,
  );
  t.like(await policy.upgrade(), {
    accepted: false,
    status: 401,
    responseHeaders: { "x-why": "no" },
    body: '{"error":"token"}',
  });
  const connection = policy.connection();
  await connection.upgrade();
  await t.throwsAsync(connection.client("x"), { message: /refused with 401/ });
});

test("unavailable: what the client gets, or how it is held", async (t) => {
  const policy = await load(
    t,
    `export const unavailable = ({ failure, attributes }) =>
    failure.kind === "busy" ? { reject: { status: 429, body: String(failure.tries) } }
      : failure.kind === "drained" ? { hold: { for: 5 }, connect: "spare" }
      : undefined;`,
  );
  t.like(await policy.unavailable(), { status: 502, connect: undefined, hold: undefined });
  t.like(await policy.unavailable({ kind: "busy", tries: 3 }), { status: 429, body: "3" });
  const held = await policy.unavailable({ kind: "drained" });
  t.like(held, { status: 101, connect: "spare", hold: { forMs: 5, messages: 64 } });
});

test("connection: session, attributes and counts last over its calls, and no longer", async (t) => {
  const policy = await load(
    t,
    `export const upgrade = () => ({ attributes: { user: "ann" } });
     export const client = ({ session, frame, websock }) => {
       session.count = (session.count ?? 0) + 1;
       const { attributes, request } = websock.context;
       return { content: { body: [session.count, frame.sequence, attributes, request.path] } };
     };
     export const close = ({ session, messages, bytes, code, log }) => log.info(code, session.count, messages, bytes);`,
  );
  const connection = policy.connection({ attributes: { tenant: "acme" } });
  await connection.upgrade({ url: "/chat" });
  await connection.client("a");
  t.deepEqual((await connection.client("b")).json(), [2, 2, { tenant: "acme", user: "ann" }, "/chat"]);
  await connection.close({ code: 1001 });
  t.deepEqual(policy.logs, [
    { level: "info", text: "1001 2 { client: 2, server: 0 } { client: 2, server: 0 }" },
  ]);
  t.deepEqual((await policy.client("a")).json(), [1, 1, {}, "/"]);
});

test("what a policy throws is thrown, with its name, message and lines", async (t) => {
  const policy = await load(
    t,
    `export const client = () => {\n  return inner();\n};\nfunction inner() {\n  throw new RangeError("too far");\n}`,
  );
  const error = await t.throwsAsync(policy.client("x"), { name: "RangeError", message: "too far" });
  t.true(error instanceof PolicyError);
  t.like(error, { hook: "client", reason: "throw", policy: "policy" });
  t.regex(
    error.stack!,
    /^RangeError: too far\n {4}at inner \(.*policy\.ts:5:9\)\n {4}at client \(.*policy\.ts:2:10\)/,
  );
});

test("a verdict that is none is thrown", async (t) => {
  const policy = await load(t, "export const client = () => ({ dorp: true });");
  await t.throwsAsync(policy.client("x"), { name: "PolicyError", message: /dorp/ });
});

test("a policy that does not compile, or not load, says where", async (t) => {
  await t.throwsAsync(load(t, "export const client = ("), { message: /policy\.ts:1/ });
  await t.throwsAsync(load(t, 'throw new Error("at once");'), { message: /at once.*policy\.ts:1/ });
});

test("an endless loop ends, and the next call runs in a fresh isolate", async (t) => {
  const policy = await load(
    t,
    `export const client = ({ content }) => { while (content.body === "loop"); };`,
    { limits: { messageTimeoutMs: 50 } },
  );
  await t.throwsAsync(policy.client("loop"), { message: /50 ms/ });
  t.is((await policy.client("fine")).body, "fine");
});

test("each load is a policy of its own", async (t) => {
  const dir = await makeFolder(t, {
    "count.ts": "let count = 0; export const client = () => ({ content: { body: ++count } });",
  });
  const url = pathToFileURL(join(dir, "count.ts"));
  const first = await loadPolicy(url);
  t.is((await first.client("x")).json(), 1);
  t.is((await first.client("x")).json(), 2);
  await using second = await loadPolicy(url);
  t.is((await second.client("x")).json(), 1);
});

test("a disposed policy is not called", async (t) => {
  const policy = await load(t, "export const client = () => {};");
  await policy.dispose();
  await t.throwsAsync(policy.client("x"), { message: /not called/ });
});

const counted = `export const optionsSchema = {
  type: "object",
  properties: { rate: { type: "integer", default: 20 }, per: { enum: ["second", "minute"] } },
  additionalProperties: false,
};
export const client = ({ options }) => ({ content: { body: options } });`;

test("options: the schema's defaults are filled in, and a misfit is refused in the gateway's words", async (t) => {
  const options = { per: "minute" };
  const policy = await load(t, counted, { options });
  t.deepEqual((await policy.client("x")).json(), { per: "minute", rate: 20 });
  t.deepEqual(options, { per: "minute" });
  await t.throwsAsync(load(t, counted, { options: { rate: "fast" } }), {
    code: "ERR_POLICY_OPTIONS",
    message: 'policy "policy": option `rate`: expected integer, got "fast"',
  });
  await t.throwsAsync(load(t, counted, { options: { rates: 1 } }), { message: /did you mean `rate`\?/ });
});
