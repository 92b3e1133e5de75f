import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { parseDocument } from "../../core/description/asyncapi/parse-document.ts";
import { type ReadOptions, readAsyncApi } from "../../core/description/asyncapi/read-asyncapi.ts";
import { DescriptionError } from "../../core/description/errors.ts";
import { makeFolder } from "../config/folder.ts";

const server: ReadOptions = { describes: "server", channels: [], passUnchecked: false };

async function read(document: object, options: Partial<ReadOptions> = {}) {
  const parsed = await parseDocument(JSON.stringify(document), "doc.json");
  return readAsyncApi(parsed, "doc.json", { ...server, ...options });
}

async function refusal(t: ExecutionContext, document: object, options: Partial<ReadOptions> = {}) {
  const error = await t.throwsAsync(read(document, options), { instanceOf: DescriptionError });
  return `${error.code}: ${error.message}`;
}

const info = { title: "T", version: "1" };
const payload = (type: string) => ({
  payload: { type: "object", required: ["type"], properties: { type: { const: type } } },
});
const of3 = (channels: object, operations: object, more: object = {}) => ({
  asyncapi: "3.0.0",
  info,
  channels,
  operations,
  ...more,
});
const ref = (path: string) => ({ $ref: `#/${path}` });
const sides = ({ messages }: Awaited<ReturnType<typeof read>>) => [
  Object.keys(messages.client.messages),
  Object.keys(messages.server.messages),
];

test("who sends what: `receive` and `publish` are what the application gets, `send` and `subscribe` what it sends", async (t) => {
  const messages = { in: payload("in"), out: payload("out"), back: payload("back") };
  const version3 = of3(
    { room: { address: "/room", messages } },
    {
      get: {
        action: "receive",
        channel: ref("channels/room"),
        messages: [ref("channels/room/messages/in")],
        reply: { messages: [ref("channels/room/messages/back")], channel: ref("channels/room") },
      },
      tell: { action: "send", channel: ref("channels/room"), messages: [ref("channels/room/messages/out")] },
    },
  );
  t.deepEqual(sides(await read(version3)), [["in"], ["back", "out"]]);
  t.deepEqual(sides(await read(version3, { describes: "client" })), [["back", "out"], ["in"]]);
  const version2 = {
    asyncapi: "2.6.0",
    info,
    servers: { live: { url: "wss://h/{area}", protocol: "wss", variables: { area: { default: "eu" } } } },
    channels: {
      "/room": {
        publish: { message: { name: "in", ...payload("in") } },
        subscribe: {
          message: {
            oneOf: [
              { name: "out", ...payload("out") },
              { messageId: "back", ...payload("back") },
            ],
          },
        },
      },
    },
  };
  const read2 = await read(version2);
  t.deepEqual(sides(read2), [["in"], ["out", "back"]]);
  t.is(read2.path, "/:area/room");
  t.is(read2.messages.server.discriminator, "type");
  t.deepEqual(sides(await read(version2, { describes: "client" })), [["out", "back"], ["in"]]);
});

test("messages of 2.6 by their id, name, key among the components, or title; one without any is a message", async (t) => {
  const oneOf = [
    { messageId: "id", name: "n", ...payload("a") },
    { name: "n", ...payload("b") },
    ref("components/messages/key"),
    { title: "A title", ...payload("c") },
    payload("d"),
    payload("e"),
    { name: "n", ...payload("f") },
  ];
  const document = {
    asyncapi: "2.6.0",
    info,
    channels: {
      "/": { publish: { message: { oneOf } }, subscribe: { message: ref("components/messages/key") } },
    },
    components: { messages: { key: payload("k") } },
  };
  t.deepEqual(sides(await read(document)), [
    ["id", "n", "key", "Atitle", "message", "message2", "n2"],
    ["key"],
  ]);
});

test("the route: the server's path and the channel's address, parameters by names that routes can have; query and header fields", async (t) => {
  const channel = {
    address: "/rooms/{room-id}?x=1",
    servers: [ref("servers/live")],
    parameters: { "room-id": { enum: ["a"] } },
    bindings: {
      ws: {
        method: "GET",
        headers: { type: "object", required: ["X-Key"], properties: { "X-Key": { type: "string" } } },
      },
    },
    messages: { say: payload("say") },
  };
  const servers = { live: { host: "h", pathname: "/v1/", protocol: "wss" } };
  const say = { action: "receive", channel: ref("channels/room") };
  const { path, messages } = await read(of3({ room: channel }, { say }, { servers }));
  t.is(path, "/v1/rooms/:room_id");
  t.deepEqual(messages.handshake, {
    params: { type: "object", properties: { room_id: { type: "string", enum: ["a"] } } },
    headers: { type: "object", required: ["x-key"], properties: { "x-key": { type: "string" } } },
  });
  const post = { ...channel, bindings: { ws: { method: "POST" } } };
  t.regex(await refusal(t, of3({ room: post }, { say }, { servers })), /ws\/method: Expected GET.*got POST/);
});

test("several channels: one is named, or those that share a connection; others than WebSockets do not count", async (t) => {
  const operation = (name: string) => ({ action: "receive", channel: ref(`channels/${name}`) });
  const queue = { address: "q", servers: [ref("servers/kafka")], messages: { three: payload("three") } };
  const document = of3(
    {
      a: { address: "/a", messages: { one: payload("one") } },
      b: { address: "/b", messages: { two: payload("two") } },
      queue,
    },
    { a: operation("a"), b: operation("b"), c: operation("queue") },
    { servers: { live: { host: "h", protocol: "ws" }, kafka: { host: "h", protocol: "kafka" } } },
  );
  const kafka = {
    ...document,
    channels: { queue },
    operations: { c: operation("queue") },
  };
  t.regex(
    await refusal(t, document),
    /^ERR_DESCRIPTION_CHANNEL: doc.json has 2 channels\. .*--channel.*\n {2}a \(\/a\)\n {2}b \(\/b\)$/,
  );
  t.regex(
    await refusal(t, document, { channels: ["nope"] }),
    /has no channel "nope"\. It has:\n {2}a \(\/a\)\n/,
  );
  t.regex(
    await refusal(t, kafka),
    /no channel on a server with the protocol ws or wss, but kafka\. Name one with --channel/,
  );
  t.deepEqual(sides(await read(document, { channels: ["/b"] })), [["two"], []]);
  t.deepEqual(sides(await read(kafka, { channels: ["queue"] })), [["three"], []]);
  const both = await read(document, { channels: ["a", "b"] });
  t.deepEqual(sides(both), [["one", "two"], []]);
  t.is(both.path, "/a");
});

test("what cannot be checked is named with its place, and passes only when that is said", async (t) => {
  const avro = {
    schemaFormat: "application/vnd.apache.avro;version=1.9.0",
    schema: { type: "record", name: "X", fields: [] },
  };
  const draft7 = { schemaFormat: "application/schema+json;version=draft-07", schema: { type: "object" } };
  const document = (messages: object) =>
    of3({ room: { address: "/", messages } }, { in: { action: "receive", channel: ref("channels/room") } });
  const image = { image: { contentType: "image/png", payload: { type: "string" } }, say: payload("say") };
  t.is(
    await refusal(t, document({ ...image, bytes: { payload: avro }, nothing: {} })),
    `ERR_DESCRIPTION_UNCHECKED: doc.json has messages that cannot be checked:
  image (/channels/room/messages/image): its contentType is image/png, and what is checked is JSON
  bytes (/channels/room/messages/bytes): its schemaFormat is application/vnd.apache.avro;version=1.9.0, and what is checked is JSON Schema
  nothing (/channels/room/messages/nothing): it has no payload, so that anything may be one
With --pass-unchecked such messages pass unchecked; without, take them out of the document.`,
  );
  const passing = await read(document(image), { passUnchecked: true });
  t.deepEqual(passing.messages.client.passesOthers, true);
  t.deepEqual(passing.messages.client.passesAll, undefined);
  t.true(
    (await read(document({ bytes: { payload: avro } }), { passUnchecked: true })).messages.client.passesAll,
  );
  const { messages } = await read(
    document({ say: { payload: draft7, contentType: "application/vnd.x+json; charset=utf-8" } }),
  );
  t.deepEqual(messages.client.messages, { say: { schema: { type: "object" } } });
});

test("a broken document: each problem with its line and pointer; what is elsewhere in the network is not fetched", async (t) => {
  const dir = await makeFolder(t, { "user.json": '{ "type": "object" }' });
  const broken = `asyncapi: 3.0.0
info: { title: T }
channels:
  room: { messages: { a: { $ref: "#/components/messages/nope" } } }
`;
  const error = await t.throwsAsync(parseDocument(broken, "doc.yaml"), { instanceOf: DescriptionError });
  t.regex(
    error.message,
    /^doc\.yaml is no AsyncAPI document that can be read:\n {2}.*doc\.yaml:2:6: \/info: .*version/,
  );
  t.regex(error.message, /doc\.yaml:4:\d+: \/channels\/room\/messages\/a\/\$ref: .*does not exist/);
  const linked = (target: string) =>
    JSON.stringify(
      of3(
        { room: { address: "/", messages: { a: { payload: { $ref: target } } } } },
        { in: { action: "receive", channel: ref("channels/room") } },
      ),
    );
  const file = join(dir, "doc.json");
  const remote = await t.throwsAsync(parseDocument(linked("http://127.0.0.1:9/user.json"), file));
  t.regex(
    remote.message,
    /doc\.json refers to what is not fetched: http:\/\/127\.0\.0\.1:9\/user\.json\. Save it beside/,
  );
  const local = readAsyncApi(await parseDocument(linked("./user.json"), file), file, server);
  t.deepEqual(local.messages.client.messages, { a: { schema: { type: "object" } } });
  await t.throwsAsync(parseDocument("- 1", file), { code: "ERR_DESCRIPTION_FORMAT" });
});
