import { connect as connectTcp, type Socket } from "node:net";
import test from "ava";
import { readSessions } from "../../../core/recording/read-recording.ts";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import { connectClient, startServer, type TestServer, wrapWebSocket } from "../../support/peers/peers.ts";
import { frame } from "../../wire/frames.ts";
import { type Asking, adminToken, ask, bearer, readerToken } from "../console.ts";

const policy = `export const client = ({ content }) => ({ content: { body: "[" + content.body + "]" } });`;

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: GatewayProcess;
let server: TestServer;

test.before(async () => {
  server = await startServer(scope, () => {}, { perMessageDeflate: { threshold: 0 } });
  const upstream = server.url;
  gateway = await startGatewayProcess(scope, {
    policies: { "mark.ts": policy },
    config: {
      workers: 2,
      console: { port: 0, token: adminToken, readerToken },
      routes: [
        { path: "/marked", upstream, policies: ["mark"], recording: true, contentType: "text/plain" },
        { path: "/small", upstream, limits: { client: { maxMessageSize: 10 } } },
        { path: "/*", upstream, recording: true },
      ],
    },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const call = (path: string, asking: Asking = {}) =>
  ask(gateway.consolePort, `/api/v1${path}`, { headers: bearer(adminToken), ...asking });

/** Client, server and id of one session. */
async function open(t: Parameters<typeof connectClient>[0], path: string, options = {}) {
  const accepted = server.accept();
  const client = await connectClient(t, gateway.url + path, options);
  const peer = wrapWebSocket(await accepted);
  const port = client.socket.localPort;
  const { sessions } = (await call(`/sessions?client=127.0.0.1:${port}`)).json;
  return { client, peer, id: sessions[0].id as string };
}

const say = (id: string, body: object, asking: Asking = {}) =>
  call(`/sessions/${id}/messages`, { body, ...asking });

test.serial("a message goes to either side as it is, in text and bytes, over all workers", async (t) => {
  // Connections go to workers in turn: both are asked.
  for (const { client, peer, id } of [await open(t, "/room"), await open(t, "/room")]) {
    t.is((await say(id, { to: "client", text: "für dich" })).status, 200);
    t.is(await client.next(), "für dich");
    await say(id, { to: "server", base64: "AAH/" });
    t.deepEqual(await peer.next(), Buffer.from([0, 1, 255]));
    await say(id, { to: "server", hex: "00 fF" });
    t.deepEqual(await peer.next(), Buffer.from([0, 255]));
    peer.send("after it");
    t.is(await client.next(), "after it");
    const { messages } = (await call(`/sessions/${id}`)).json;
    t.deepEqual(messages, { client: 0, server: 1 });
  }
});

test.serial(
  "policies read it only where that is asked for, and it says so wherever it is shown",
  async (t) => {
    const { client, peer, id } = await open(t, "/marked");
    client.send("mine");
    t.is(await peer.next(), "[mine]");
    await say(id, { to: "server", text: "past" });
    t.is(await peer.next(), "past");
    await say(id, { to: "server", text: "read", through: "policies" });
    t.is(await peer.next(), "[read]");
    await say(id, { to: "client", text: "for the client" });
    t.is(await client.next(), "for the client");

    const records = await eventually("all are recorded", async () => {
      const { json } = await call(`/traffic?session=${id}&kind=frame`);
      return json.records.length === 4 && json.records.toReversed();
    });
    t.deepEqual(
      records.map((each: Record<string, unknown>) => [each.origin, each.by, each.outcome]),
      [
        ["client", undefined, "replaced"],
        ["client", "operator", "passed"],
        ["client", "operator", "replaced"],
        ["server", "operator", "passed"],
      ],
    );
    const explained = (await call(`/sessions/${id}/explain`)).json.messages;
    t.deepEqual(
      explained.map(({ by }: { by?: string }) => by),
      [undefined, "operator", "operator", "operator"],
    );
    // The client's side of it: what was said in its name it has not sent.
    const har = (await call(`/traffic.har?session=${id}`)).json;
    t.deepEqual(
      har.log.entries[0]._webSocketMessages.map((each: Record<string, unknown>) => [each.data, each._by]),
      [
        ["mine", undefined],
        ["for the client", "operator"],
      ],
    );
    const { recording } = (await call(`/recording?session=${id}`)).json;
    const lines = readSessions(recording, "r").events.filter((event) => event.type === "message");
    t.deepEqual(
      lines.map(({ by }) => by),
      [undefined, "operator", "operator", "operator"],
    );
    const log = await gateway.output(/message sent by an operator/);
    t.truthy(log);
  },
);

test.serial(
  "it waits for the end of a message in fragments, and comes before what is sent later",
  async (t) => {
    const accepted = server.accept();
    const { socket, port } = await dialRaw(t);
    const peer = wrapWebSocket(await accepted);
    const { id } = (await call(`/sessions?client=127.0.0.1:${port}`)).json.sessions[0];
    socket.write(frame({ opcode: 1, fin: false, payload: "be", key: 7 }));
    // A ping between fragments goes on: when it is there, so is the fragment.
    const ping = new Promise((resolve) => peer.ws.once("ping", resolve));
    socket.write(frame({ opcode: 9, payload: "p", key: 7 }));
    await ping;
    t.is((await say(id, { to: "server", text: "between" })).status, 200);
    socket.write(frame({ opcode: 0, fin: true, payload: "gin", key: 7 }));
    socket.write(frame({ opcode: 1, payload: "later", key: 7 }));
    t.deepEqual(await peer.take(3), ["begin", "between", "later"]);
    // What waits is bounded.
    socket.write(frame({ opcode: 1, fin: false, payload: "be", key: 7 }));
    const again = new Promise((resolve) => peer.ws.once("ping", resolve));
    socket.write(frame({ opcode: 9, payload: "p", key: 7 }));
    await again;
    const statuses: number[] = [];
    for (let count = 0; count < 65; count++)
      statuses.push((await say(id, { to: "server", text: `${count}` })).status);
    t.deepEqual(statuses, [...Array(64).fill(200), 409]);
    socket.write(frame({ opcode: 0, fin: true, payload: "gin", key: 7 }));
    t.is((await peer.take(65)).at(-1), "63");
  },
);

test.serial(
  "where compression was agreed on peers read it, and what they have sent before stays readable",
  async (t) => {
    const { client, peer, id } = await open(t, "/room", { perMessageDeflate: { threshold: 0 } });
    t.regex(client.ws.extensions, /permessage-deflate/);
    const text = "again and again and again and again";
    for (let round = 0; round < 2; round++) {
      peer.send(text);
      t.is(await client.next(), text);
      await say(id, { to: "client", text: `${text} ${round}` });
      t.is(await client.next(), `${text} ${round}`);
      await say(id, { to: "server", text });
      t.is(await peer.next(), text);
      client.send(text);
      t.is(await peer.next(), text);
    }
  },
);

test.serial("what cannot be sent is refused, with why", async (t) => {
  const { client, id } = await open(t, "/small");
  const refused = async (body: object, status: number, asking: Asking = {}) => {
    const answer = await say(id, body, asking);
    t.is(answer.status, status, JSON.stringify(body));
    return answer.json.error.message as string;
  };
  t.regex(await refused({ to: "server", text: "longer than ten" }, 413), /maxMessageSize/);
  t.regex(await refused({ to: "server" }, 400), /expected one of text, base64 and hex/);
  t.regex(await refused({ to: "server", text: "a", hex: "00" }, 400), /got 2 of them/);
  t.regex(await refused({ to: "server", hex: "0" }, 400), /pairs of hex digits, got "0"/);
  t.regex(await refused({ to: "server", base64: "?" }, 400), /expected base64 to be base64/);
  t.regex(await refused({ to: "server", text: "\ud800" }, 400), /lone surrogate/);
  await refused({ to: "nobody", text: "a" }, 400);
  await refused({ to: "client", text: "a" }, 403, { headers: bearer(readerToken) });
  t.is((await say("nobody", { to: "client", text: "a" })).status, 404);
  // The server does not answer the Close, so that the session is there still.
  const accepted = server.wss.clients;
  for (const ws of accepted) ws.pause();
  client.close(1000);
  await eventually(
    "its Close has come",
    async () => (await say(id, { to: "server", text: "a" })).status === 409,
  );
  for (const ws of accepted) ws.resume();
});

async function dialRaw(t: Parameters<typeof connectClient>[0]): Promise<{ socket: Socket; port: number }> {
  const { port, hostname } = new URL(gateway.url);
  const socket = connectTcp(Number(port), hostname);
  t.teardown(() => socket.destroy());
  socket.write(
    "GET /raw HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n",
  );
  await new Promise((resolve) => socket.once("data", resolve));
  socket.resume();
  return { socket, port: socket.localPort! };
}
