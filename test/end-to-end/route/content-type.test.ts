import test from "ava";
import { sharePolicies } from "../../support/shared-policies.ts";

const start = sharePolicies();

const tell = `
  const tell = ({ content }) => ({ content: { body: content.type } });
  export { tell as client, tell as server };
`;

test("each side and opcode has its type", async (t) => {
  const { connect, arrived } = await start(
    t,
    { "tell.ts": tell },
    {
      route: { contentType: { binary: "application/cbor", server: { text: "text/plain" } } },
      onConnection: () => {},
    },
  );
  const client = await connect();
  const server = await arrived();
  client.send("text");
  client.send(Buffer.from("binary"));
  t.deepEqual([await server.next(), await server.next()], ["application/json", "application/cbor"]);
  server.ws.send("text");
  server.ws.send(Buffer.from("binary"));
  t.deepEqual([await client.next(), await client.next()], ["text/plain", "application/cbor"]);
});

test("a value needs the JSON type of where it goes: of its own side onwards, of the other side in a reply", async (t) => {
  const { connect, gateway } = await start(
    t,
    {
      "values.ts": `
        const verdicts = {
          content: { content: { body: { a: 1 } } },
          append: { append: [{ a: 1 }] },
          reply: { drop: true, reply: [{ a: 1 }] },
        };
        export const client = ({ content }) => verdicts[content.body];`,
    },
    { route: { onError: "drop", contentType: { client: "text/csv", server: "application/vnd.x+json" } } },
  );
  const client = await connect();
  for (const verdict of ["content", "append", "reply"]) client.send(verdict);
  t.is(await client.next(), '{"a":1}');
  await gateway.logged(({ msg }) => /`content\.body` to be a string or bytes for type text\/csv/.test(msg));
  await gateway.logged(({ msg }) => /`append\[0\]` to be a string or bytes for type text\/csv/.test(msg));
});

test("bytes and text have types of their own also for values", async (t) => {
  const { connect, gateway } = await start(
    t,
    { "values-always.ts": "export const client = () => ({ content: { body: { a: 1 } } });" },
    { route: { onError: "drop", contentType: { binary: "image/png" } } },
  );
  const client = await connect();
  client.send(Buffer.from("binary"));
  client.send("text");
  t.is(await client.next(), '{"a":1}');
  await gateway.logged(({ msg }) => /`content\.body` to be a string or bytes for type image\/png/.test(msg));
});

test("contentType of an upgrade verdict takes the place of all", async (t) => {
  const { connect, arrived } = await start(
    t,
    { "tell-upgraded.ts": `${tell} export const upgrade = () => ({ contentType: "text/csv" });` },
    {
      route: { contentType: { text: "a/b", client: { binary: "c/d" }, server: "e/f" } },
      onConnection: () => {},
    },
  );
  const client = await connect();
  const server = await arrived();
  client.send("text");
  client.send(Buffer.from("binary"));
  server.ws.send("text");
  t.deepEqual([await server.next(), await server.next(), await client.next()], Array(3).fill("text/csv"));
});
