import test from "ava";
import { listen, startPolicies } from "../../support/policies.ts";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

test("client hooks run in the order of the chain, server hooks in the reverse order", async (t) => {
  const tag = (name: string) => `
    export const client = ({ content }) => ({ content: { body: content.body + ">${name}" } });
    export const server = ({ content }) => ({ content: { body: content.body + "<${name}" } });`;
  const { connect } = await start(t, {
    "one.ts": tag("one"),
    "two.ts": tag("two"),
    "three.ts": tag("three"),
  });
  const client = await connect();
  client.send("m");
  t.is(await client.next(), "m>one>two>three<three<two<one");
});

test("a policy used twice in a chain has the options of each use", async (t) => {
  const policy = `
    import type { Message } from "framegate/policy";
    export const client: Message<{ prefix: string }> = ({ content, options }) =>
      ({ content: { body: options.prefix + content.body } });`;
  const { connect } = await start(
    t,
    { "prefix.ts": policy },
    {
      route: {
        policies: [
          { use: "prefix", options: { prefix: "a" } },
          { use: "prefix", options: { prefix: "b" } },
          "prefix",
        ],
      },
    },
  );
  const client = await connect();
  client.send("m");
  t.is(await client.next(), "undefinedbam");
});

test("session state is private to the connection and to the policy, and shared by its hooks", async (t) => {
  const counter = `
    export const client = ({ content, session }) => {
      session.count = (session.count ?? 0) + 1;
      return { content: { body: content.body + " " + session.count } };
    };`;
  const { connect } = await start(t, {
    "count.ts": `${counter}
      export const server = ({ content, session }) => ({ content: { body: content.body + " one=" + session.count } });`,
    "count-more.ts": `${counter}
      export const server = ({ content, session }) => { session.count += 10; };`,
  });
  const [ann, bob] = [await connect(), await connect()];
  for (const expected of ["m 1 1 one=1", "m 2 12 one=2", "m 3 23 one=3"]) {
    ann.send("m");
    t.is(await ann.next(), expected);
  }
  bob.send("m");
  t.is(await bob.next(), "m 1 1 one=1");
});

test("text is a string, binary is bytes; frame tells opcode, length, sequence, origin and time", async (t) => {
  const tell = `({ content, frame }) => ({ content: { body: JSON.stringify(
    [typeof content.body, content.body instanceof Uint8Array, content.type, { ...frame, time: typeof frame.time }]) } })`;
  const { connect, arrived } = await start(
    t,
    { "tell.ts": `export const client = ${tell}; export const server = ${tell};` },
    { onConnection: listen },
  );
  const client = await connect();
  const server = await arrived();
  const expected = (origin: string) => [
    ["string", false, "application/json", { origin, opcode: "text", length: 6, sequence: 1, time: "number" }],
    [
      "object",
      true,
      "application/json",
      { origin, opcode: "binary", length: 3, sequence: 2, time: "number" },
    ],
    ["string", false, "application/json", { origin, opcode: "text", length: 0, sequence: 3, time: "number" }],
  ];
  for (const body of ["✓ho", Uint8Array.of(1, 2, 3), ""]) {
    client.send(body === "✓ho" ? "✓abc" : body);
    server.ws.send(body === "✓ho" ? "✓abc" : body);
  }
  t.deepEqual(
    (await server.take(3)).map((text) => JSON.parse(String(text))),
    expected("client"),
  );
  t.deepEqual(
    (await client.take(3)).map((text) => JSON.parse(String(text))),
    expected("server"),
  );
});

test("json() parses text and bytes, a fresh value at each call", async (t) => {
  const { connect } = await start(t, {
    "parse.ts": `export const client = ({ content }) => {
      const first = content.json();
      first.changed = true;
      return { content: { body: [content.json(), first] } };
    };`,
  });
  const client = await connect();
  client.send('{"a":"é"}');
  client.send(Buffer.from('{"a":"é"}'));
  t.deepEqual(await client.nextJson(), [{ a: "é" }, { a: "é", changed: true }]);
  // What came as bytes stays binary when a value takes its place.
  t.deepEqual(await client.next(), Buffer.from('[{"a":"é"},{"a":"é","changed":true}]'));
});

test("json() of what is not JSON throws a SyntaxError, which is a fault unless the policy catches it", async (t) => {
  const { connect, gateway } = await start(
    t,
    { "parse-all.ts": "export const client = ({ content }) => { content.json(); };" },
    { route: { onError: "drop" } },
  );
  const client = await connect();
  client.send("{ not JSON");
  client.send("{}");
  t.is(await client.next(), "{}");
  const record = await gateway.logged(({ policy, level }) => policy === "parse-all" && level === "error");
  t.like(record, { reason: "throw", hook: "client" });
  t.regex(record.msg, /SyntaxError/);
});

test("a content type that is not JSON: values are refused, text passes", async (t) => {
  const { connect, gateway } = await start(
    t,
    {
      "values.ts": `export const client = ({ content }) => ({
        content: { body: content.body === "value" ? { a: 1 } : "text/" + content.type } });`,
    },
    { route: { onError: "drop", contentType: "text/csv" } },
  );
  const client = await connect();
  client.send("value");
  client.send("text");
  t.is(await client.next(), "text/text/csv");
  await gateway.logged(({ msg }) => /`content\.body` to be a string or bytes for type text\/csv/.test(msg));
});

test("a policy may import an npm package that is installed next to the folder", async (t) => {
  const { connect, gateway } = await startPolicies(t, { "later.ts": "export const client = () => {};" });
  await gateway.write("../node_modules/shouting/package.json", '{ "name": "shouting", "main": "index.js" }');
  await gateway.write(
    "../node_modules/shouting/index.js",
    "exports.shout = (text) => text.toUpperCase() + require('./mark');",
  );
  await gateway.write("../node_modules/shouting/mark.js", 'module.exports = "!";');
  await gateway.write(
    "later.ts",
    `import { shout } from "shouting";
     export const client = ({ content }) => ({ content: { body: shout(content.body) } });`,
  );
  await gateway.logged(({ msg, policy }) => msg === "policy reloaded" && policy === "later");
  await gateway.gateway.reload();
  const client = await connect();
  client.send("hey");
  t.is(await client.next(), "HEY!");
});
