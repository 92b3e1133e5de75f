import test from "ava";
import { listen } from "../../support/policies.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

/** A policy that answers a message with the verdict that the message names. */
const answering = (verdicts: string) => `
  const verdicts = { ${verdicts} };
  export const client = ({ content }) => verdicts[content.body];`;
const suffixing = 'export const client = ({ content }) => ({ content: { body: content.body + "!" } });';

test("content replaces the message: text, bytes, and values as JSON", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "replace.ts": answering(`
      text: { content: { body: "héllo ✓" } },
      empty: { content: { body: "" } },
      bytes: { content: { body: Uint8Array.of(0, 255, 1) } },
      part: { content: { body: new Uint8Array([9, 8, 7, 6]).subarray(1, 3) } },
      buffer: { content: { body: Uint8Array.of(5, 6).buffer } },
      object: { content: { body: { a: [1, null], b: undefined } } },
      array: { content: { body: ["x", 2] } },
      number: { content: { body: 42 } },
      boolean: { content: { body: false } },
      null: { content: { body: null } },`),
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  const expected: [string, string | Buffer][] = [
    ["text", "héllo ✓"],
    ["empty", ""],
    ["bytes", Buffer.of(0, 255, 1)],
    ["part", Buffer.of(8, 7)],
    ["buffer", Buffer.of(5, 6)],
    ["object", '{"a":[1,null]}'],
    ["array", '["x",2]'],
    ["number", "42"],
    ["boolean", "false"],
    ["null", "null"],
  ];
  for (const [name] of expected) client.send(name);
  t.deepEqual(
    await server.take(expected.length),
    expected.map(([, body]) => body),
  );
});

test("set and remove change members of the message; the next policy sees what has become of it", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "by.ts": `
        export const upgrade = () => ({ attributes: { user: "ada" } });
        export const client = ({ content, websock }) =>
          content.body.includes("closes")
            ? { content: { set: { last: true } }, close: { code: 1000 } }
            : { content: { set: { user: websock.context.attributes.user }, remove: ["internal"] } };`,
      "seen.ts": "export const client = ({ content }) => ({ content: { set: { seen: content.body } } });",
    },
    { route: { policies: ["by", "seen"] }, onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  client.send('{ "user":"eve", "n":1.0, "internal":{"internal":1} }');
  const edited = '{ "user":"ada", "n":1.0 }';
  t.is(await server.next(), edited.replace(" }", `,"seen":${JSON.stringify(edited)} }`));
  client.send('{"user":"ada"}');
  t.is(await server.next(), '{"user":"ada","seen":"{\\"user\\":\\"ada\\"}"}');
  client.send('{"closes":1}');
  t.is(await server.next(), '{"closes":1,"last":true,"seen":"{\\"closes\\":1,\\"last\\":true}"}');
  t.like(await client.closed, { code: 1000 });
});

test("nothing, null, {} and undefined keys leave the message as it came", async (t) => {
  const { connect } = await start(t, {
    "same.ts": `${answering(
      "nothing: undefined, null: null, empty: {}, keys: { content: undefined, drop: undefined, reply: undefined }, no: { drop: false }",
    )}`,
  });
  const client = await connect();
  const names = ["nothing", "null", "empty", "keys", "no", "unknown"];
  for (const name of names) client.send(name);
  t.deepEqual(await client.take(names.length), names);
});

test("drop: the message goes no further, the next ones do", async (t) => {
  const { connect } = await start(t, {
    "drop.ts": answering("secret: { drop: true }"),
    "after.ts": suffixing,
  });
  const client = await connect();
  for (const text of ["one", "secret", "two"]) client.send(text);
  t.deepEqual(await client.take(2), ["one!", "two!"]);
});

test("reply goes to the sender, in order, whatever becomes of the message", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "reply.ts": answering(
        'ask: { reply: ["a", { b: 1 }, Uint8Array.of(7)] }, quiet: { reply: ["only me"], drop: true }',
      ),
      "after.ts": suffixing,
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  for (const text of ["ask", "quiet", "end"]) client.send(text);
  t.deepEqual(await client.take(4), ["a", '{"b":1}', Buffer.of(7), "only me"]);
  t.deepEqual(await server.take(2), ["ask!", "end!"]);
});

test("append follows the message through the rest of the chain, also when the message is dropped", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "before.ts": 'export const client = ({ content }) => ({ content: { body: "<" + content.body } });',
      "append.ts": answering('"<more": { append: ["x", "y"] }, "<swap": { drop: true, append: ["z"] }'),
      "after.ts": suffixing,
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  for (const text of ["more", "swap", "end"]) client.send(text);
  t.deepEqual(await server.take(5), ["<more!", "x!", "y!", "z!", "<end!"]);
});

test("append of two policies: each one's follow the message that they were appended to", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "one.ts": 'export const client = ({ content }) => ({ append: [content.body + "1"] });',
      "two.ts": 'export const client = ({ content }) => ({ append: [content.body + "2"] });',
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  client.send("m");
  t.deepEqual(await server.take(4), ["m", "m2", "m1", "m12"]);
});

test("close ends both legs after what came before; the message itself does not pass", async (t) => {
  const { connect, arrived, gateway } = await start(
    t,
    { "close.ts": answering('bye: { reply: ["farewell"], close: { code: 4001, reason: "enough" } }') },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  for (const text of ["one", "bye", "late"]) client.send(text);
  t.is(await server.next(), "one");
  t.is(await client.next(), "farewell");
  t.deepEqual(await client.closed, { code: 4001, reason: "enough" });
  t.deepEqual(await server.closed, { code: 4001, reason: "enough" });
  t.deepEqual(server.left, []);
  const { initiator, code } = await gateway.logged(({ msg }) => msg === "session ended");
  t.deepEqual({ initiator, code }, { initiator: "policy", code: 4001 });
});

test("close with content lets the content through first; without a reason the reason is empty", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "close-last.ts": answering(
        'bye: { content: { body: "last" }, append: ["very last"], close: { code: 1000 } }',
      ),
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  client.send("bye");
  t.deepEqual(await server.take(2), ["last", "very last"]);
  t.deepEqual(await client.closed, { code: 1000, reason: "" });
  t.deepEqual(await server.closed, { code: 1000, reason: "" });
});

test("a server hook has the same verdicts, the other way round", async (t) => {
  const { connect, arrived } = await start(
    t,
    {
      "answers.ts": answering(`
        new: { content: { body: "changed" } }, none: { drop: true }, back: { reply: ["to the server"] },
        more: { append: [1] }, bye: { close: { code: 3000, reason: "by the server" } }`).replace(
        "const client",
        "const server",
      ),
    },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  for (const text of ["new", "none", "back", "more", "bye"]) server.ws.send(text);
  t.deepEqual(await client.take(4), ["changed", "back", "more", "1"]);
  t.is(await server.next(), "to the server");
  t.deepEqual(await client.closed, { code: 3000, reason: "by the server" });
  t.deepEqual(await server.closed, { code: 3000, reason: "by the server" });
});
