import type { AddressInfo } from "node:net";
import { Aedes } from "aedes";
import test, { type ExecutionContext } from "ava";
import { connectAsync, type IClientOptions, type MqttClient } from "mqtt";
import { generate, type Packet, parser } from "mqtt-packet";
import { RPCClient, RPCServer } from "ocpp-rpc";
import { createWebSocketStream } from "ws";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

/** Each device has topics of its own, which the server knows by its name, and hears of no others. */
const POLICY = `
  import { mqtt } from "framegate/lenses";

  export default mqtt<object, { device?: string }>({
    connect(packet, { session }) {
      if (packet.username === undefined) return { close: { code: 1008, reason: "who are you?" } };
      session.device = packet.username;
      return { content: { body: { ...packet, username: "gateway", password: undefined } } };
    },
    subscribe(packet) {
      if (packet.subscriptions.every(({ topic }) => topic.startsWith("own/"))) return;
      return { drop: true, reply: [{ cmd: "suback", messageId: packet.messageId, granted: packet.subscriptions.map(() => 0x80) }] };
    },
    client: {
      publish(packet, { session }) {
        if (packet.topic.startsWith("own/"))
          return { content: { body: { ...packet, topic: packet.topic.replace("own/", "devices/" + session.device + "/") } } };
        return { drop: true, ...(packet.messageId && { reply: [{ cmd: "puback", messageId: packet.messageId }] }) };
      },
    },
    server: {
      publish: (packet) => (packet.topic.includes("secret") ? { drop: true } : undefined),
    },
  });`;

/** The broker aedes, and beside it a server of MQTT 5, which aedes does not speak: it sends each PUBLISH back. */
async function start(t: ExecutionContext): Promise<{ gateway: TestGateway; broker: Aedes; seen: Packet[] }> {
  const broker = await Aedes.createBroker();
  t.teardown(() => new Promise<void>((resolve) => broker.close(resolve)));
  const server = await startServer(t, (socket) => {
    const stream = createWebSocketStream(socket);
    stream.on("error", () => {});
    broker.handle(stream);
  });
  const seen: Packet[] = [];
  const newer = await startServer(t, (socket) => {
    const reading = parser({ protocolVersion: 5 });
    const send = (packet: Packet) => socket.send(generate(packet, { protocolVersion: 5 }));
    socket.on("message", (bytes) => reading.parse(bytes as Buffer));
    reading.on("packet", (packet) => {
      seen.push(packet);
      if (packet.cmd === "connect") {
        const properties = { topicAliasMaximum: 5 };
        send({ cmd: "connack", reasonCode: 0, sessionPresent: false, properties });
      }
      if (packet.cmd === "publish") send({ ...packet, qos: 0 });
      if (packet.cmd === "publish" && packet.qos === 1)
        send({ cmd: "puback", messageId: packet.messageId ?? 0, reasonCode: 0 });
    });
  });
  const gateway = await startGateway(t, {
    policies: { "lens.ts": POLICY },
    routes: [
      { path: "/mqtt", upstream: server.url, policies: ["lens"] },
      { path: "/mqtt5", upstream: newer.url, policies: ["lens"] },
    ],
  });
  return { gateway, broker, seen };
}

async function connect(t: ExecutionContext, url: string, options: IClientOptions): Promise<MqttClient> {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options }, false);
  t.teardown(() => client.end(true));
  return client;
}

function nextMessage(client: MqttClient): Promise<readonly [topic: string, payload: string]> {
  return new Promise((resolve) =>
    client.once("message", (topic, payload) => resolve([topic, String(payload)])),
  );
}

test("a lens of MQTT between mqtt.js and aedes, and of MQTT 5: topics are moved, packets refused and answered", async (t) => {
  const { gateway, broker, seen } = await start(t);
  const published: string[] = [];
  broker.on("publish", ({ topic }) => !topic.startsWith("$SYS") && published.push(topic));
  const client = await connect(t, `${gateway.url}/mqtt`, { username: "eve", password: "p" });
  t.deepEqual(await client.subscribeAsync("own/inbox", { qos: 1 }), [{ topic: "own/inbox", qos: 1 }]);
  await t.throwsAsync(client.subscribeAsync("devices/#"), { message: /Unspecified error|128/ });

  await client.publishAsync("own/state", "on", { qos: 1 });
  await client.publishAsync("devices/bob/state", "off", { qos: 1 });
  const large = "x".repeat(300_000);
  await client.publishAsync("own/log", large, { qos: 2 });
  t.deepEqual(published, ["devices/eve/state", "devices/eve/log"]);

  const arrived = nextMessage(client);
  const send = (topic: string, payload: string) =>
    new Promise<void>((resolve, reject) =>
      broker.publish({ cmd: "publish", topic, payload, qos: 1, dup: false, retain: false }, (error) =>
        error ? reject(error) : resolve(),
      ),
    );
  await send("own/inbox", large);
  t.deepEqual(await arrived, ["own/inbox", large]);

  const old = { protocolId: "MQIsdp", protocolVersion: 3, clientId: "old", username: "bob" } as const;
  const older = await connect(t, `${gateway.url}/mqtt`, old);
  await older.publishAsync("own/state", "on", { qos: 1 });
  t.is(published.at(-1), "devices/bob/state");
  const nobody = connectAsync(`${gateway.url}/mqtt`, { reconnectPeriod: 0 }, false);
  await t.throwsAsync(nobody);

  const newer = await connect(t, `${gateway.url}/mqtt5`, {
    protocolVersion: 5,
    username: "eve",
    autoAssignTopicAlias: true,
  });
  const properties = { userProperties: { unit: "C" }, contentType: "text/plain" };
  for (const payload of ["20", "21", "22"]) {
    const echoed = nextMessage(newer);
    await newer.publishAsync("own/temperature", payload, { qos: 1, properties });
    t.deepEqual(await echoed, ["devices/eve/temperature", payload]);
  }
  const publishes = seen.filter((packet) => packet.cmd === "publish");
  t.deepEqual(
    publishes.map(({ topic }) => topic),
    ["devices/eve/temperature", "devices/eve/temperature", "devices/eve/temperature"],
  );
  t.like(publishes[0], { properties: { userProperties: { unit: "C" }, contentType: "text/plain" } });
  t.like(seen[0], { cmd: "connect", username: "gateway" });
});

test("a packet of which a part has come when the policy is saved again", async (t) => {
  const { gateway, broker } = await start(t);
  const published: string[] = [];
  broker.on("publish", ({ topic }) => published.push(topic));
  const arrives = (topic: string) => eventually(topic, () => published.includes(topic));
  const bytesOf = (packet: object) => generate(packet as Packet);
  const client = await connectClient(t, `${gateway.url}/mqtt`, { protocols: ["mqtt"] });
  client.send(bytesOf({ cmd: "connect", clientId: "c", username: "eve" }));
  const [first, second] = ["first", "second"].map((topic) =>
    bytesOf({ cmd: "publish", topic: `own/${topic}`, payload: "x", qos: 0 }),
  ) as [Buffer, Buffer];
  client.send(Buffer.concat([first, second.subarray(0, 9)]));
  await arrives("devices/eve/first");
  await gateway.write("lens.ts", `${POLICY}\n// Saved again.`);
  await gateway.logged(({ msg }) => msg === "policy reloaded");
  client.send(second.subarray(9));
  await arrives("devices/eve/second");
  t.is(client.ws.readyState, client.ws.OPEN);
});

/** A charge point is told when to come again, some tags are blocked here, nobody starts it from afar, and what it is set to is hidden in part. */
const OCPP = `
  import { ocpp16 } from "framegate/lenses";

  export default ocpp16({
    BootNotificationResult: (answer) => ({ content: { body: { ...answer, payload: { ...answer.payload, interval: 60 } } } }),
    Authorize({ id, action, payload }) {
      if (payload.idTag === "stolen")
        return { drop: true, reply: [{ type: "callResult", id, action, payload: { idTagInfo: { status: "Blocked" } } }] };
    },
    RemoteStartTransaction: ({ id, action }) =>
      ({ drop: true, reply: [{ type: "callError", id, action, code: "SecurityError", description: "not from afar", details: {} }] }),
    GetConfigurationResult: (answer) => {
      const configurationKey = answer.payload.configurationKey?.filter(({ key }) => key !== "AuthorizationKey");
      return { content: { body: { ...answer, payload: { ...answer.payload, configurationKey } } } };
    },
  });`;

/** The same of OCPP 2.0.1: when to come again, and who may not start. */
const OCPP_201 = `
  import { ocpp201 } from "framegate/lenses";

  export default ocpp201({
    BootNotificationResult: (answer) => ({ content: { body: { ...answer, payload: { ...answer.payload, interval: 60 } } } }),
    TransactionEvent: ({ id, action, payload }) => payload.eventType === "Started"
      ? { drop: true, reply: [{ type: "callResult", id, action, payload: { idTokenInfo: { status: "Blocked" } } }] }
      : undefined,
  });`;

type Handler = Parameters<InstanceType<typeof RPCClient>["handle"]>[1];

test("a lens of OCPP between a charge point and a central system of ocpp-rpc, which check what they get by its schemas", async (t) => {
  const server = new RPCServer({ protocols: ["ocpp1.6", "ocpp2.0.1"], strictMode: true } as never);
  const asked: unknown[] = [];
  const system = new Promise<RPCClient>((resolve) =>
    server.on("client", (client: RPCClient) => {
      client.handle("BootNotification", ({ params }) => {
        asked.push(params?.chargePointModel ?? params?.chargingStation.model);
        return { status: "Accepted", interval: 300, currentTime: "2030-01-01T00:00:00Z" } as never;
      });
      client.handle("Authorize", ({ params }) => {
        asked.push(params?.idTag);
        return { idTagInfo: { status: "Accepted" } } as never;
      });
      resolve(client);
    }),
  );
  const http = await server.listen(0, "127.0.0.1");
  t.teardown(() => server.close({ force: true } as never));
  const { port } = http.address() as AddressInfo;
  const gateway = await startGateway(t, {
    policies: { "lens.ts": OCPP, "newer.ts": OCPP_201 },
    routes: [
      { path: "/CP1", upstream: `http://127.0.0.1:${port}`, policies: ["lens"] },
      { path: "/CP2", upstream: `http://127.0.0.1:${port}`, policies: ["newer"] },
    ],
  });
  const stationOf = (identity: string, protocol: string) => {
    const options = {
      endpoint: gateway.url,
      identity,
      protocols: [protocol],
      strictMode: true,
      reconnect: false,
    };
    const client = new RPCClient(options as never);
    t.teardown(() => client.close({ force: true } as never));
    return client;
  };
  const station = stationOf("CP1", "ocpp1.6");
  const answer = (method: string, handler: Handler) => station.handle(method, handler);
  const configurationKey = ["HeartbeatInterval", "AuthorizationKey"].map((key) => ({
    key,
    readonly: true,
    value: "1",
  }));
  answer("GetConfiguration", () => ({ configurationKey, unknownKey: [] }) as never);
  answer("RemoteStartTransaction", () => {
    asked.push("started");
    return { status: "Accepted" } as never;
  });
  await station.connect();

  const boot = await station.call("BootNotification", { chargePointVendor: "v", chargePointModel: "m1" });
  t.deepEqual(boot, { status: "Accepted", interval: 60, currentTime: "2030-01-01T00:00:00Z" });
  const authorized = await Promise.all(
    ["mine", "stolen"].map((idTag) => station.call("Authorize", { idTag })),
  );
  t.deepEqual(authorized, [{ idTagInfo: { status: "Accepted" } }, { idTagInfo: { status: "Blocked" } }]);
  const caller = await system;
  await t.throwsAsync(() => caller.call("RemoteStartTransaction", { idTag: "mine" }), {
    message: /not from afar/,
  });
  t.deepEqual(await caller.call("GetConfiguration", {}), {
    configurationKey: configurationKey.slice(0, 1),
    unknownKey: [],
  });

  const newer = stationOf("CP2", "ocpp2.0.1");
  await newer.connect();
  const chargingStation = { vendorName: "v", model: "m2" };
  t.like(await newer.call("BootNotification", { reason: "PowerUp", chargingStation }), { interval: 60 });
  const started = await newer.call("TransactionEvent", {
    eventType: "Started",
    timestamp: "2030-01-01T00:00:00Z",
    triggerReason: "Authorized",
    seqNo: 0,
    transactionInfo: { transactionId: "t1" },
  });
  t.deepEqual(started, { idTokenInfo: { status: "Blocked" } });
  t.deepEqual(asked, ["m1", "mine", "m2"]);
});
