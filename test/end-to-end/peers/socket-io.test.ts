import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { Server, type Socket } from "socket.io";
import { type Socket as Client, io } from "socket.io-client";
import { loadPolicy } from "../../../testing/index.ts";
import { makeFolder } from "../../config/folder.ts";
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

async function start(
  t: ExecutionContext,
  onConnection: (socket: Socket) => void,
  ofOrders = policy,
): Promise<Client> {
  const http = createServer();
  const server = new Server(http, { transports: ["websocket"] });
  server.on("connection", onConnection);
  http.listen(0, "127.0.0.1");
  await once(http, "listening");
  t.teardown(() => server.close());
  const { port } = await startGateway(t, {
    policies: { "orders.ts": ofOrders },
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

async function fileOf(t: ExecutionContext, source: string): Promise<string> {
  return join(await makeFolder(t, { "policy.ts": source }), "policy.ts");
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

const lens = `
  import { socketIo } from "framegate/lenses";

  const answer = ({ namespace, id }, ...args) => ({ drop: true, reply: id === undefined ? [] : [{ type: "ack", namespace, id, args }] });

  export default socketIo({
    client: {
      connect: ({ data, namespace }) => ({ content: { body: { type: "connect", namespace, data: { ...data, by: "gateway" } } } }),
      event(event) {
        const { name, args } = event;
        if (name === "forbidden") return answer(event, { error: "not allowed" });
        if (name === "rename") return { content: { body: { ...event, name: "order" } } };
        if (name === "first") return { content: { body: { ...event, args: [args[0]] } } };
        if (name === "last") return { content: { body: { ...event, args: [args.at(-1), args[0]] } } };
        if (name === "blank") return { content: { body: { ...event, args: [new Uint8Array([7, 7]), "made here"] } } };
        if (name === "big") return;
      },
      async attachment(attachment) {
        if (attachment.bytes[0] === 66) return { content: { body: { ...attachment, bytes: new TextEncoder().encode("xyz") } } };
      },
    },
    server: {
      event: (event) => (event.name === "secret" ? { drop: true } : undefined),
      ack: (ack) => (ack.args[0]?.price === undefined ? undefined
        : { content: { body: { ...ack, args: [{ ...ack.args[0], price: undefined }] } } }),
      engine: ({ packet, data }, { log }) => (packet === "open" ? log.info("opened", "sid" in JSON.parse(data)) : undefined),
    },
  });`;

test("a lens: events refused, changed and answered, attachments left out, replaced and made, both ways", async (t) => {
  const auth = Promise.withResolvers<unknown>();
  const client = await start(
    t,
    (socket) => {
      auth.resolve(socket.handshake.auth);
      socket.on("order", (order, answer) => answer({ ...order, price: 12 }));
      for (const name of ["first", "last", "blank", "big"]) socket.on(name, (...args) => args.pop()(...args));
      socket.on("forbidden", () => socket.disconnect());
      socket.on("ask", (answer) => {
        socket.emit("secret", { bytes: Buffer.alloc(10) }, Buffer.alloc(20));
        socket.emit("open", Buffer.from("to all"));
        answer("asked");
      });
    },
    lens,
  );
  t.deepEqual(await client.emitWithAck("rename", { item: "tea" }), { item: "tea" });
  t.deepEqual(await auth.promise, { by: "gateway" });
  t.deepEqual(await client.emitWithAck("forbidden", 1), { error: "not allowed" });

  const ack = (name: string, ...args: unknown[]) =>
    new Promise<unknown[]>((resolve) =>
      client.emit(name, ...args, (...answer: unknown[]) => resolve(answer)),
    );
  const [a, b, c] = ["Abc", "Bcd", "Cde"].map((text) => Buffer.from(text));
  t.deepEqual(await ack("first", { a, b: [b, c] }, c), [{ a, b: [Buffer.from("xyz"), c] }]);
  t.deepEqual(await ack("first", [c], b, a), [[c]]);
  t.deepEqual(await ack("last", [1, b], a, { c, a }), [{ c, a }, [1, Buffer.from("xyz")]]);
  t.deepEqual(await ack("last", "none", b, a), [a, "none"]);
  t.deepEqual(await ack("forbidden", a, b), [{ error: "not allowed" }]);
  t.deepEqual(await ack("blank"), [Buffer.from([7, 7]), "made here"]);
  const big = Buffer.alloc(300_000, 1);
  t.deepEqual(await ack("big", { big, a }), [{ big, a }]);

  const heard: unknown[] = [];
  client.on("secret", () => heard.push("secret"));
  client.on("open", (bytes) => heard.push(String(bytes)));
  t.deepEqual(await ack("ask"), ["asked"]);
  t.deepEqual(heard, ["to all"]);
});

test("a lens: a reply waits until the attachments that come the same way have passed", async (t) => {
  const policy = await loadPolicy(await fileOf(t, lens));
  const connection = policy.connection();
  await connection.server('452-["a",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]');
  t.deepEqual((await connection.client('421["forbidden"]')).replies, []);
  t.deepEqual((await connection.server(new Uint8Array([1]))).appended, []);
  t.deepEqual((await connection.server(new Uint8Array([2]))).appended, ['431[{"error":"not allowed"}]']);
  t.deepEqual((await connection.client('422["forbidden"]')).replies, ['432[{"error":"not allowed"}]']);
});

test("a lens: what is not of Socket.IO ends the connection", async (t) => {
  const policy = await loadPolicy(await fileOf(t, lens));
  t.is((await policy.upgrade({ url: "/socket.io/?EIO=3&transport=websocket" })).status, 400);
  t.true((await policy.upgrade({ url: "/socket.io/?EIO=4&transport=websocket" })).accepted);
  for (const query of ["EIO=4&EIO=3&transport=websocket", "EIO=4&transport=websocket&transport=polling"])
    t.is((await policy.upgrade({ url: `/socket.io/?${query}` })).status, 400, query);
  const foreign: readonly (readonly (string | Uint8Array)[])[] = [
    ["hello"],
    ["49"],
    ["42"],
    ["42{}"],
    ['42["connect"]'],
    ['44{"message":"of the server"}'],
    [new Uint8Array(1)],
    ["bAAAA"],
    ['451-["a",{"_placeholder":true,"num":1}]'],
    ['451-["a",{"_placeholder":true,"num":0.5}]'],
    ['451-["a",{"_placeholder":true,"num":0}]', '42["b"]'],
    ['451-["a",{"_placeholder":true,"num":0}]', new Uint8Array(1), new Uint8Array(1)],
    ['451-["a",{"_placeholder":true,"num":0}]', "bZ\nXZpbCBib2R5"],
    ['451-["a",{"_placeholder":true,"num":0}]', "bZXZpbA"],
    ['451-["a",{"_placeholder":true,"num":0}]', "bZXZpbB=="],
    ['45999-["a",{"_placeholder":true,"num":0}]'],
  ];
  for (const messages of foreign) {
    const connection = policy.connection();
    let close: { readonly code: number } | undefined;
    for (const message of messages) {
      t.is(close, undefined);
      ({ close } = await connection.client(message));
    }
    t.is(close?.code, 1002, String(messages[0]));
  }
});
