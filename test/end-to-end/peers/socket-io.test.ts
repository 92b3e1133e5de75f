import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test, { type ExecutionContext } from "ava";
import { Server, type Socket } from "socket.io";
import { type Socket as Client, io } from "socket.io-client";
import { startGateway } from "../../support/gateways/gateway.ts";

/** Socket.IO's own packets: "42" begins an event, whose JSON is [name, ...arguments]. */
const policy = `
  const EVENT = /^42(\\d*)(\\[.*)$/s;
  const change = (content, to) => {
    const [, id, json] = (typeof content.body === "string" && EVENT.exec(content.body)) || [];
    if (json === undefined) return;
    const [name, ...values] = JSON.parse(json);
    return { content: { body: "42" + id + JSON.stringify([name, ...values.map(to)]) } };
  };
  const isOrder = (value) => typeof value === "object" && value !== null && "item" in value;
  export const client = ({ content, session }) =>
    change(content, (value) => isOrder(value) ? { ...value, number: (session.orders = (session.orders ?? 0) + 1) } : value);
  export const server = ({ content }) =>
    change(content, (value) => isOrder(value) ? { ...value, price: undefined } : value);`;

async function start(t: ExecutionContext, onConnection: (socket: Socket) => void): Promise<Client> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  server.on("connection", onConnection);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.teardown(() => server.close());
  const { port } = await startGateway(t, {
    policies: { "orders.ts": policy },
    routes: [
      {
        path: "/socket.io/*",
        upstream: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
        policies: ["orders"],
      },
    ],
  });
  const client = io(`http://127.0.0.1:${port}`, { transports: ["websocket"], reconnection: false });
  t.teardown(() => client.disconnect());
  return client;
}

test("events both ways with acknowledgements, their payloads changed by a policy", async (t) => {
  const client = await start(t, (socket) => {
    socket.on("order", (order, answer) => {
      socket.emit("confirmed", { ...order, price: 12 });
      answer({ got: order });
    });
  });
  for (const number of [1, 2]) {
    const confirmed = new Promise((resolve) => client.once("confirmed", resolve));
    t.deepEqual(await client.emitWithAck("order", { item: "tea" }), { got: { item: "tea", number } });
    t.deepEqual(await confirmed, { item: "tea", number });
  }
});

test("an acknowledgement asked for by the server, text beyond ASCII, and many events in order", async (t) => {
  const seen: unknown[] = [];
  const all = Promise.withResolvers<void>();
  const client = await start(t, async (socket) => {
    socket.on("n", (n) => {
      seen.push(n);
      if (n === 500) all.resolve();
    });
    socket.emit("echo", await socket.emitWithAck("ask", { text: "naïve ✓ 😀" }));
  });
  client.on("ask", (question, answer) => answer({ answered: question }));
  const echo = new Promise((resolve) => client.once("echo", resolve));
  for (let n = 1; n <= 500; n++) client.emit("n", n);
  t.deepEqual(await echo, { answered: { text: "naïve ✓ 😀" } });
  await all.promise;
  t.deepEqual(
    seen,
    Array.from({ length: 500 }, (_, index) => index + 1),
  );
});

test("binary attachments both ways", async (t) => {
  const client = await start(t, (socket) => {
    socket.on("blob", (blob: { name: string; bytes: Buffer }, answer) =>
      answer({ name: blob.name, bytes: Buffer.from(blob.bytes).reverse() }),
    );
  });
  const bytes = Buffer.from(Uint8Array.from({ length: 100_000 }, (_, index) => index % 251));
  const answer = await client.emitWithAck("blob", { name: "b", bytes });
  t.is(answer.name, "b");
  t.true(Buffer.from(answer.bytes).equals(Buffer.from(bytes).reverse()));
});

test("a disconnect of either side arrives as what it is", async (t) => {
  const reasons = Promise.withResolvers<string>();
  const client = await start(t, (socket) => {
    socket.on("disconnect", (reason) => reasons.resolve(reason));
    socket.on("leave", () => socket.disconnect(true));
  });
  client.emit("leave");
  const reason = await new Promise((resolve) => client.once("disconnect", resolve));
  t.is(reason, "io server disconnect");
  t.is(await reasons.promise, "server namespace disconnect");
});
