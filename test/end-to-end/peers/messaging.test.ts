import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import {
  HttpTransportType,
  type HubConnection,
  HubConnectionBuilder,
  JsonHubProtocol,
  LogLevel,
  NullLogger,
} from "@microsoft/signalr";
import { Client, type StompConfig } from "@stomp/stompjs";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import { startGateway } from "../../support/gateways/gateway.ts";
import { startServer } from "../../support/peers/peers.ts";

/** Who says hello to a user says it in capital letters, orders are for clerks, and what is secret stays here. */
const STOMP = `
  import { stomp } from "framegate/lenses";

  export default stomp<object, { user?: string }>({
    connect(frame, { session }) {
      if (frame.headers.login === undefined) return { close: { code: 1008, reason: "who are you?" } };
      session.user = frame.headers.login;
    },
    send(frame, { session }) {
      const { destination, receipt } = frame.headers;
      if (destination?.startsWith("/queue/orders") && session.user !== "clerk")
        return { drop: true, reply: [{ command: "RECEIPT", headers: { "receipt-id": receipt ?? "", refused: "orders are for clerks" }, body: "" }] };
      const headers = { ...frame.headers, user: session.user ?? "" };
      return { content: { body: { ...frame, headers, body: String(frame.body).toUpperCase() } } };
    },
    message: (frame) => (String(frame.body).includes("SECRET") ? { drop: true } : undefined),
  });`;

interface Broker extends NodeJS.EventEmitter {
  readonly socket: { close(): void };
}

/** A broker of STOMP 1.1 that has no types. */
async function startBroker(t: ExecutionContext): Promise<{ url: string; broker: Broker }> {
  const StompServer = createRequire(import.meta.url)("stomp-broker-js") as new (config: object) => Broker;
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const broker = new StompServer({ server, path: "/", heartbeat: [0, 0] });
  broker.on("error", () => {});
  t.teardown(() => {
    broker.socket.close();
    server.closeAllConnections();
    server.close();
  });
  return { broker, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function connectStomp(
  t: ExecutionContext,
  url: string,
  options: Pick<StompConfig, "connectHeaders">,
): Promise<Client> {
  const client = new Client({
    webSocketFactory: () => new WebSocket(url, ["v12.stomp", "v11.stomp", "v10.stomp"]),
    reconnectDelay: 0,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    ...options,
  });
  t.teardown(() => client.deactivate({ force: true }));
  await new Promise<void>((resolve, reject) => {
    client.onConnect = () => resolve();
    client.onWebSocketClose = (event) => reject(new Error(`closed with ${event.code} ${event.reason}`));
    client.activate();
  });
  return client;
}

test("a lens of STOMP between stompjs and a broker: frames are changed, refused, answered and left out", async (t) => {
  const { url, broker } = await startBroker(t);
  const gateway = await startGateway(t, {
    policies: { "lens.ts": STOMP },
    routes: [{ path: "/*", upstream: url, policies: ["lens"] }],
  });
  await t.throwsAsync(connectStomp(t, gateway.url, {}), { message: "closed with 1008 who are you?" });
  const [client, reader] = await Promise.all(
    ["eve", "bob"].map((login) => connectStomp(t, gateway.url, { connectHeaders: { login } })),
  );
  if (client === undefined || reader === undefined) return t.fail();

  const subscribed = once(broker, "subscribe");
  const arrived: (readonly [body: string, user: string | undefined, note: string | undefined])[] = [];
  const last = new Promise<void>((resolve) => {
    reader.subscribe("/topic/hello", ({ body, headers }) => {
      arrived.push([body, headers.user, headers.note]);
      if (body === "LAST") resolve();
    });
  });
  // The broker sends nobody what is their own.
  await subscribed;
  const refused = new Promise((resolve) =>
    client.watchForReceipt("r1", ({ headers }) => resolve(headers.refused)),
  );
  client.publish({ destination: "/queue/orders", body: "one", headers: { receipt: "r1" } });
  t.is(await refused, "orders are for clerks");
  client.publish({ destination: "/topic/hello", body: "hello", headers: { note: "first" } });
  client.publish({ destination: "/topic/hello", body: "secret" });
  client.publish({ destination: "/topic/hello", body: "e".repeat(50_000) });
  client.publish({ destination: "/topic/hello", body: "last" });
  await last;
  t.deepEqual(arrived, [
    ["HELLO", "eve", "first"],
    ["E".repeat(50_000), "eve", undefined],
    ["LAST", "eve", undefined],
  ]);
});

/** Each call is told who makes it, some are refused, and of a stream one item is left out. */
const SIGNALR = `
  import { signalr } from "framegate/lenses";

  export default signalr({
    client: {
      invocation(message) {
        if (message.target === "DeleteAll")
          return { drop: true, reply: [{ type: 3, invocationId: message.invocationId ?? "", error: "not allowed" }] };
        return { content: { body: { ...message, arguments: ["eve", ...message.arguments] } } };
      },
    },
    server: {
      invocation: (message) => (message.target === "internal" ? { drop: true } : undefined),
      streamItem: (message) => (message.item === 2 ? { drop: true } : undefined),
      completion: (message) =>
        message.result === undefined ? undefined : { content: { body: { ...message, result: message.result + "!" } } },
    },
  });`;

const END = "\u001e";

/** A hub as those of ASP.NET Core, on Microsoft's own reader and writer of its protocol: there is none for Node. */
async function startHub(t: ExecutionContext): Promise<{ url: string; called: unknown[] }> {
  const protocol = new JsonHubProtocol();
  const called: unknown[] = [];
  const server = await startServer(t, (socket) => {
    const send = (...messages: readonly Parameters<typeof protocol.writeMessage>[0][]) =>
      socket.send(messages.map((message) => protocol.writeMessage(message)).join(""));
    socket.once("message", (handshake) => {
      if (!String(handshake).startsWith('{"protocol":"json"')) return socket.close();
      socket.send(`{}${END}`);
      socket.on("message", (text) => {
        for (const record of String(text).split(END).slice(0, -1)) answer(JSON.parse(record), record);
      });
    });
    function answer({ type, invocationId }: { type: number; invocationId: string }, record: string) {
      if (type === 4) {
        const items = [1, 2, 3].map((item) => ({ type: 2, invocationId, item }) as const);
        return send(...items, { type: 3, invocationId });
      }
      const [message] = protocol.parseMessages(record + END, NullLogger.instance);
      if (message?.type !== 1) return;
      called.push([message.target, ...message.arguments]);
      send(
        { type: 1, target: "internal", arguments: [] },
        { type: 1, target: "said", arguments: message.arguments },
      );
      if (message.invocationId) send({ type: 3, invocationId, result: message.arguments.join(" ") });
    }
  });
  return { url: server.url, called };
}

async function connectHub(t: ExecutionContext, url: string): Promise<HubConnection> {
  const transport = { transport: HttpTransportType.WebSockets, skipNegotiation: true };
  const hub = new HubConnectionBuilder()
    .withUrl(url.replace("ws:", "http:"), transport)
    .configureLogging(LogLevel.None)
    .build();
  t.teardown(() => hub.stop());
  await hub.start();
  return hub;
}

test("a lens of SignalR between Microsoft's client and a hub: calls are changed and refused, streams and answers too", async (t) => {
  const { url, called } = await startHub(t);
  const gateway = await startGateway(t, {
    policies: { "lens.ts": SIGNALR },
    routes: [{ path: "/*", upstream: url, policies: ["lens"] }],
  });
  const hub = await connectHub(t, `${gateway.url}/hub`);
  const heard: unknown[] = [];
  for (const target of ["internal", "said"]) hub.on(target, (...args) => heard.push([target, ...args]));
  t.is(await hub.invoke("Say", "hello", "world"), "eve hello world!");
  await t.throwsAsync(hub.invoke("DeleteAll"), { message: /not allowed/ });
  await hub.send("Say", "again");
  const items: unknown[] = [];
  await new Promise<void>((resolve, reject) =>
    hub.stream("Count", 3).subscribe({ next: (item) => items.push(item), complete: resolve, error: reject }),
  );
  t.deepEqual(items, [1, 3]);
  t.deepEqual(called, [
    ["Say", "eve", "hello", "world"],
    ["Say", "eve", "again"],
  ]);
  t.deepEqual(heard, [
    ["said", "eve", "hello", "world"],
    ["said", "eve", "again"],
  ]);
});
