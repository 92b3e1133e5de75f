import test, { type ExecutionContext } from "ava";
import { generate, type Packet, parser } from "mqtt-packet";
import type { TestConnection } from "../../../testing/index.ts";
import { inPieces, loadLens } from "./support.ts";

/** What the lens sees of a PUBLISH goes to its sender; by topic, other things become of it. */
const POLICY = `
  import { mqtt, type MqttPublish } from "framegate/lenses";

  const text = (packet: MqttPublish) => new TextDecoder().decode(packet.payload);
  const bytes = (value: string) => new TextEncoder().encode(value);
  const seen = (packet: MqttPublish): MqttPublish =>
    ({ ...packet, qos: 0, messageId: undefined, topic: "seen", payload: bytes(JSON.stringify({ ...packet, payload: text(packet) })) });

  export default mqtt({
    connect: (packet) => (packet.username === "eve" ? { content: { body: { ...packet, username: "gateway" } } } : undefined),
    subscribe: (packet) => ({ content: { body: { ...packet, subscriptions: packet.subscriptions.slice(0, 1) } } }),
    client: {
      publish(packet) {
        if (packet.topic === "see") return { reply: [seen(packet)] };
        if (packet.topic === "drop") return { drop: true, ...(packet.messageId && { reply: [{ cmd: "puback", messageId: packet.messageId }] }) };
        if (packet.topic === "change") return { content: { body: { ...packet, payload: bytes(text(packet).toUpperCase()) } } };
        if (packet.topic === "inside") {
          packet.payload[0] = 0x58;
          return { content: { body: packet } };
        }
        if (packet.topic === "close") return { close: { code: 1008 } };
      },
    },
    server: { publish: (packet) => (packet.topic === "internal" ? { drop: true } : undefined) },
  });`;

type Version = 4 | 5;

const bytesOf = (version: Version, ...packets: readonly object[]) =>
  new Uint8Array(
    Buffer.concat(packets.map((packet) => generate(packet as Packet, { protocolVersion: version }))),
  );

const connectOf = (version: Version, more: object = {}) =>
  bytesOf(version, {
    cmd: "connect",
    protocolVersion: version,
    clientId: "c1",
    clean: true,
    keepalive: 30,
    ...more,
  });

const publish = (topic: string, payload = "x", more: object = {}) => ({
  cmd: "publish",
  topic,
  payload: Buffer.from(payload),
  qos: 0,
  dup: false,
  retain: false,
  ...more,
});

function readAll(version: Version, bytes: string | Uint8Array | undefined): readonly Packet[] {
  const packets: Packet[] = [];
  const reading = parser({ protocolVersion: version });
  reading.on("packet", (packet) => packets.push(packet));
  reading.parse(Buffer.from(bytes ?? []));
  return packets;
}

async function start(t: ExecutionContext, version: Version): Promise<TestConnection> {
  const policy = await loadLens(t, POLICY);
  const connection = policy.connection({ subprotocol: "mqtt" });
  await connection.client(connectOf(version));
  return connection;
}

for (const version of [4, 5] as const) {
  test(`MQTT ${version}: every packet passes as the bytes that came, several in a message too`, async (t) => {
    const connection = await start(t, version);
    const client = bytesOf(
      version,
      publish("plain", "é", { qos: 1, messageId: 7, properties: { userProperties: { a: ["b", "c"] } } }),
      publish("plain", "", { qos: 2, messageId: 65_535, retain: true, dup: true }),
      { cmd: "pubrel", messageId: 8, reasonCode: 0 },
      { cmd: "unsubscribe", messageId: 4, unsubscriptions: ["a", "b/#"] },
      { cmd: "pingreq" },
      { cmd: "disconnect", reasonCode: 0 },
    );
    t.deepEqual((await connection.client(client)).body, client);
    const server = bytesOf(
      version,
      {
        cmd: "connack",
        returnCode: 0,
        reasonCode: 0,
        sessionPresent: true,
        properties: { topicAliasMaximum: 9 },
      },
      publish("news"),
      { cmd: "puback", messageId: 7, reasonCode: 0 },
      { cmd: "suback", messageId: 3, granted: [0, 128] },
      { cmd: "unsuback", messageId: 4, granted: [0, 0x11] },
      { cmd: "pingresp" },
    );
    t.deepEqual((await connection.server(server)).body, server);
  });

  test(`MQTT ${version}: packets are seen, changed, left out and answered, those beside them stay as they came`, async (t) => {
    const connection = await start(t, version);
    const [before, after] = [publish("plain", "1"), publish("plain", "3")];
    const seen = await connection.client(
      bytesOf(version, publish("see", "hi", { qos: 1, messageId: 9, retain: true })),
    );
    const [answer] = readAll(version, seen.replies[0]);
    t.like(JSON.parse(String((answer as { payload: Buffer }).payload)), {
      cmd: "publish",
      topic: "see",
      payload: "hi",
      qos: 1,
      messageId: 9,
      retain: true,
      dup: false,
    });
    const changed = await connection.client(bytesOf(version, before, publish("change", "shout"), after));
    t.deepEqual(changed.body, bytesOf(version, before, publish("change", "SHOUT"), after));
    const inside = await connection.client(bytesOf(version, before, publish("inside", "ab")));
    t.deepEqual(inside.body, bytesOf(version, before, publish("inside", "Xb")));
    const dropped = await connection.client(
      bytesOf(version, before, publish("drop", "x", { qos: 1, messageId: 5 }), after),
    );
    t.deepEqual(dropped.body, bytesOf(version, before, after));
    t.like(readAll(version, dropped.replies[0])[0], { cmd: "puback", messageId: 5 });
    const fewer = await connection.client(
      bytesOf(version, {
        cmd: "subscribe",
        messageId: 3,
        subscriptions: [
          { topic: "a", qos: 1 },
          { topic: "b", qos: 0 },
        ],
      }),
    );
    t.deepEqual(
      fewer.body,
      bytesOf(version, { cmd: "subscribe", messageId: 3, subscriptions: [{ topic: "a", qos: 1 }] }),
    );
    const closed = await connection.client(bytesOf(version, before, publish("close"), after));
    t.deepEqual([closed.body, closed.close?.code], [bytesOf(version, before), 1008]);
  });

  test(`MQTT ${version}: packets that go over several messages`, async (t) => {
    const policy = await loadLens(t, POLICY);
    const sent = Buffer.concat([
      connectOf(version, { username: "eve", password: Buffer.from("secret") }),
      bytesOf(version, publish("plain", "1"), publish("change", "loud".repeat(200)), publish("drop")),
      bytesOf(version, publish("plain", "2"), { cmd: "pingreq" }),
    ]);
    const expected = Buffer.concat([
      connectOf(version, { username: "gateway", password: Buffer.from("secret") }),
      bytesOf(version, publish("plain", "1"), publish("change", "LOUD".repeat(200)), publish("plain", "2"), {
        cmd: "pingreq",
      }),
    ]);
    for (const size of [1, 2, 3, 7, 100]) {
      const connection = policy.connection({ subprotocol: "mqtt" });
      const arrived: Uint8Array[] = [];
      for (const piece of inPieces(sent, size)) {
        const { body } = await connection.client(piece);
        if (body !== undefined) arrived.push(body as Uint8Array);
      }
      t.deepEqual(Buffer.concat(arrived), expected, `pieces of ${size}`);
      t.true((await connection.server(bytesOf(version, publish("internal")))).isDropped);
    }
  });
}

test("what is no MQTT, and what nobody may send now, ends the connection with 1002", async (t) => {
  const policy = await loadLens(t, POLICY);
  const endOf = async (version: Version, side: "client" | "server", message: unknown, isFirst = false) => {
    const connection = policy.connection({ subprotocol: "mqtt" });
    if (!isFirst) await connection.client(connectOf(version));
    const { close, body } = await connection[side](message);
    t.is(body, undefined);
    return close?.code;
  };
  const foreign: readonly (readonly [string, Uint8Array | string])[] = [
    ["text", "hello"],
    ["a kind that is none", Uint8Array.of(0x00, 0)],
    ["flags that are none", Uint8Array.of(0x41, 2, 0, 1)],
    ["a quality that is none", Uint8Array.of(0x36, 5, 0, 1, 0x61, 0, 1)],
    ["a length of five bytes", Uint8Array.of(0x30, 0xff, 0xff, 0xff, 0xff, 1)],
    ["a ping with a payload", Uint8Array.of(0xc0, 1, 0)],
    ["a SUBSCRIBE of nothing", Uint8Array.of(0x82, 2, 0, 1)],
    ["a SUBSCRIBE that is cut short", Uint8Array.of(0x82, 5, 0, 1, 0, 9, 0x61)],
    ["an acknowledgement without an identifier", Uint8Array.of(0x40, 1, 0)],
    ["an identifier of 0", Uint8Array.of(0x40, 2, 0, 0)],
    ["a topic that is no UTF-8", Uint8Array.of(0x30, 3, 0, 1, 0xff)],
    ["a topic that is longer than its packet", Uint8Array.of(0x30, 3, 0, 9, 0x61, 0xc0, 0)],
    ["no topic", Uint8Array.of(0x30, 2, 0, 0)],
    ["a second CONNECT", connectOf(4)],
    ["what the server alone sends", bytesOf(4, { cmd: "suback", messageId: 1, granted: [0] })],
  ];
  for (const [what, bytes] of foreign) t.is(await endOf(4, "client", bytes), 1002, what);
  t.is(await endOf(4, "client", bytesOf(4, publish("x")), true), 1002, "no CONNECT first");
  t.is(await endOf(4, "server", bytesOf(4, publish("x")), true), 1002, "a server that speaks first");
  t.is(await endOf(4, "server", bytesOf(4, { cmd: "pingreq" })), 1002, "what the client alone sends");
  t.is(await endOf(4, "client", Buffer.concat([bytesOf(4, publish("x")), Uint8Array.of(0xc0, 1, 0)])), 1002);
  const pings = Array.from({ length: 1025 }, () => ({ cmd: "pingreq" }));
  t.is(await endOf(4, "client", bytesOf(4, ...pings)), 1002, "more packets than are read of a message");
  const held = bytesOf(4, publish("x", "y".repeat(20_000)));
  t.is(await endOf(4, "client", held.subarray(0, 16_000)), undefined, "a part that may be held");
  t.is(await endOf(4, "client", held.subarray(0, 17_000)), 1002, "and one that is too large for that");
});

test("MQTT 5: a server that refuses it in the words of MQTT 3.1.1 is understood", async (t) => {
  const policy = await loadLens(
    t,
    `import { mqtt } from "framegate/lenses";
    export default mqtt({ connack: (packet) => packet.returnCode === 2 ? { content: { body: { ...packet, returnCode: 3 } } } : undefined });`,
  );
  const said = async (...bytes: readonly number[]) => {
    const connection = policy.connection({ subprotocol: "mqtt" });
    await connection.client(connectOf(5));
    const { body, close } = await connection.server(Uint8Array.from(bytes));
    return { body, close: close?.code, logs: policy.logs.map(({ text }) => text) };
  };
  const refusal = await said(0x20, 2, 0, 1);
  t.deepEqual(refusal, { body: Uint8Array.of(0x20, 2, 0, 1), close: undefined, logs: [] });
  t.deepEqual((await said(0x20, 2, 0, 2)).body, Uint8Array.of(0x20, 2, 0, 3), "and changed as such");
  const accepted = await said(0x20, 2, 0, 0);
  t.like(accepted, {
    body: undefined,
    close: 1002,
    logs: ["what the server has sent cannot be read as mqtt"],
  });
});

test("MQTT 5: properties that the packet does not have, that come twice or go too far, and topics that are none", async (t) => {
  const policy = await loadLens(t, POLICY);
  const text = (id: number, value: string) => [id, 0, value.length, ...Buffer.from(value)];
  const packet = (type: number, ...body: readonly number[]) => {
    const length = [body.length & 0x7f, body.length >> 7];
    const rest = body.length < 0x80 ? [body.length] : [(length[0] ?? 0) | 0x80, length[1] ?? 0];
    return Uint8Array.of(type, ...rest, ...body);
  };
  const published = (properties: readonly number[], topic = "a", length = properties.length) =>
    packet(0x30, 0, topic.length, ...Buffer.from(topic), length, ...properties, 0x68, 0x69);
  const endOf = async (version: Version, message: Uint8Array) => {
    const connection = policy.connection({ subprotocol: "mqtt" });
    await connection.client(connectOf(version));
    return (await connection.client(message)).close?.code;
  };
  t.is(await endOf(5, published([...text(8, "b"), ...text(3, "c")])), undefined);
  t.is(await endOf(5, packet(0x82, 0, 1, 2, 0x0b, 1, 0, 1, 0x61, 0)), undefined);
  const filters = (count: number) => Array.from({ length: count }, () => [0, 1, 0x61, 0]).flat();
  t.is(await endOf(4, packet(0x82, 0, 1, ...filters(1_024))), undefined);
  for (const [what, version, message] of [
    ["two response topics", 5, published([...text(8, "b"), ...text(8, "b")])],
    ["a property of CONNECT", 5, published([0x11, 0, 0, 0, 1])],
    ["a length that is too short", 5, published(text(8, "bcd"), "a", 3)],
    ["a length that is too long", 5, published([], "a", 100)],
    ["a NUL", 5, published([], "a\0")],
    ["a wildcard", 5, published([], "a/#")],
    ["bytes behind the end", 5, packet(0xe0, 0, 0, 1)],
    ["topics beyond the bound", 4, packet(0x82, 0, 1, ...filters(1_025))],
    [
      "user properties beyond the bound",
      5,
      packet(
        0x82,
        0,
        1,
        0x85,
        0x28,
        ...Array.from({ length: 1_025 }, () => [0x26, 0, 0, 0, 0]).flat(),
        ...filters(1),
      ),
    ],
  ] as const)
    t.is(await endOf(version, message), 1002, what);
});

test("MQTT 5: behind a topic alias is the topic, and it leaves without the alias", async (t) => {
  const connection = await start(t, 5);
  const aliased = (topic: string, topicAlias: number) => publish(topic, "x", { properties: { topicAlias } });
  const passed = await connection.client(bytesOf(5, aliased("plain", 1), aliased("", 1)));
  t.deepEqual(passed.body, bytesOf(5, publish("plain"), publish("plain")));
  await connection.client(bytesOf(5, aliased("close", 2)));
  t.is((await connection.client(bytesOf(5, aliased("", 2)))).close?.code, 1008);
  t.is((await connection.client(bytesOf(5, aliased("", 3)))).close?.code, 1002, "stands for nothing");
  const other = await connection.server(bytesOf(5, aliased("internal", 1), aliased("", 1)));
  t.true(other.isDropped, "the server has its own");
  const many = Array.from({ length: 65 }, (_, i) => aliased("a", i + 1));
  t.is((await connection.client(bytesOf(5, ...many))).close?.code, 1002, "more than are kept");
});
