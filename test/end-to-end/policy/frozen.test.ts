import test from "ava";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

/** Statements on a hook's context `c`; each must throw a TypeError in the policy. */
const messageWrites = [
  "c.content = {}",
  "c.extra = 1",
  "delete c.content",
  'c.content.body = "x"',
  "c.content.extra = 1",
  "c.content.json = () => 1",
  "c.frame.sequence = 7",
  'c.frame.origin = "server"',
  "c.session = {}",
  "c.options = {}",
  "c.options.level = 9",
  'c.options.list.push("x")',
  "c.options.list[0].deep = 1",
  "c.log = console",
  "c.log.info = () => {}",
  "c.websock = {}",
  "c.websock.context = {}",
  'c.websock.context.id = "other"',
  'c.websock.context.subprotocol = "x"',
  'c.websock.context.server.url = "ws://other"',
  'c.websock.context.client.address = "::1"',
  'c.websock.context.route.path = "/"',
  "c.websock.context.attributes = {}",
  'c.websock.context.attributes.user = "other"',
  "c.websock.context.attributes.more = 1",
  "delete c.websock.context.attributes.user",
  'c.websock.context.attributes.list.push("x")',
  "c.websock.context.attributes.list.length = 0",
  "c.websock.context.attributes.list[0].deep.er = 1",
  'c.websock.context.request.path = "/x"',
  'c.websock.context.request.params.room = "x"',
  'c.websock.context.request.query.q = "x"',
  'c.websock.context.request.queryAll.q.push("x")',
  "c.websock.context.request.headers = {}",
  'c.websock.context.request.headers.authorization = "x"',
  'c.websock.context.request.headers.get = () => "x"',
  'Object.defineProperty(c.websock.context.attributes, "user", { value: "other" })',
  "Object.setPrototypeOf(c.frame, { origin: 1 })",
  "Object.assign(c.content, { body: 1 })",
  "Array.prototype.push = () => 1",
  "Object.prototype.polluted = 1",
  "JSON.parse = () => 1",
  "Promise.prototype.then = () => 1",
];

const upgradeWrites = [
  "c.extra = 1",
  'c.id = "x"',
  'c.request.url = "/x"',
  'c.request.params.room = "x"',
  'c.request.queryAll.q.push("x")',
  "c.request.headers.x = 1",
  "c.client.port = 1",
  "c.route.path = 1",
  "c.attributes.user = 1",
  'c.options.list.push("x")',
];

const closeWrites = [
  "c.code = 1",
  "c.messages.client = 7",
  "c.websock.context.attributes.user = 1",
  "c.session = {}",
];

/** A policy that tries the writes and tells which of them did not throw a TypeError. */
const tryAll = (writes: readonly string[]) => `(c) => {
  const wrong = [];
  ${writes
    .map((write) => {
      const name = JSON.stringify(write);
      return `try { ${write}; wrong.push(${name}); }
        catch (error) { if (!(error instanceof TypeError)) wrong.push(${name} + ": " + error); }`;
    })
    .join("\n")}
  return wrong;
}`;

const policy = `
  const onUpgrade = ${tryAll(upgradeWrites)};
  const onMessage = ${tryAll(messageWrites)};
  const onClose = ${tryAll(closeWrites)};
  export const upgrade = (c) => ({
    attributes: { user: "eve", list: [{ deep: {} }], wrong: onUpgrade(c) } });
  export const client = (c) => ({ reply: [onMessage(c), c.websock.context.attributes, c.options], drop: true });
  export const server = (c) => ({ reply: [], content: { body: onMessage(c) } });
  export const close = (c) => c.log.info("close: " + JSON.stringify(onClose(c)));`;

test("every write to a context throws a TypeError in the policy and changes nothing", async (t) => {
  const { connect, arrived, gateway } = await start(
    t,
    { "write.ts": policy },
    {
      route: {
        path: "/rooms/:room",
        policies: [{ use: "write", options: { level: 1, list: [{ deep: 0 }] } }],
      },
    },
  );
  const client = await connect("/rooms/one?q=1", { headers: { authorization: "Bearer x" } });
  client.send("write!");
  t.deepEqual(await client.nextJson(), []);
  t.deepEqual(await client.nextJson(), { user: "eve", list: [{ deep: {} }], wrong: [] });
  t.deepEqual(await client.nextJson(), { level: 1, list: [{ deep: 0 }] });
  (await arrived()).ws.send("write!");
  t.deepEqual(await client.nextJson(), []);
  client.close();
  await gateway.logged(({ msg }) => msg === "close: []");
});

test("bytes of a binary message are the hook's own: a write to them reaches nobody else", async (t) => {
  const { connect } = await start(t, {
    "scribble.ts": "export const client = ({ content }) => { content.body.fill(0); };",
    "look.ts": "export const client = ({ content }) => ({ reply: [content.body] });",
  });
  const client = await connect();
  client.send(Uint8Array.of(1, 2, 3));
  t.deepEqual(await client.take(2), [Buffer.of(1, 2, 3), Buffer.of(1, 2, 3)]);
});

test("session is the one mutable thing", async (t) => {
  const { connect } = await start(t, {
    "note.ts": `export const client = ({ content, session }) => {
      (session.notes ??= []).push(content.body);
      session.last = { at: session.notes.length };
      return { reply: [session], drop: true };
    };`,
  });
  const client = await connect();
  client.send("a");
  client.send("b");
  t.deepEqual(await client.nextJson(), { notes: ["a"], last: { at: 1 } });
  t.deepEqual(await client.nextJson(), { notes: ["a", "b"], last: { at: 2 } });
});
