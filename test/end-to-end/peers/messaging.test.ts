import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import type { AddressInfo } from "node:net";
import { Client, type StompConfig } from "@stomp/stompjs";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import { startGateway } from "../../support/gateways/gateway.ts";

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
