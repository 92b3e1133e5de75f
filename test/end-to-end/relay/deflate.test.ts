import { randomBytes } from "node:crypto";
import { constants, deflateRawSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import {
  connectRaw,
  clientFrame as fromClient,
  serverFrame as fromServer,
  type RawPeer,
} from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const upper = `
  const change = ({ content }) => ({
    content: { body: typeof content.body === "string" ? content.body.toUpperCase() : content.body.toReversed() },
  });
  export { change as client, change as server };
`;
const relay = shareRelay(test, {
  policies: { "upper.ts": upper },
  routes: (upstream) => [
    { path: "/upper/*", upstream, policies: ["upper"] },
    { path: "/off/*", upstream, compression: false },
  ],
});

const on = {
  client: { perMessageDeflate: { threshold: 0 } },
  server: { perMessageDeflate: { threshold: 0 } },
};
const deflateOffer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
const standAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

const messages: readonly (string | Buffer)[] = [
  "",
  "a",
  "z".repeat(1023),
  "y".repeat(1024),
  "text that repeats, ".repeat(10_000),
  Buffer.from("bytes"),
  randomBytes(100_000),
  "again",
];

for (const mode of modes) {
  test(`${mode}: compressed messages of all sizes arrive unharmed, both ways`, async (t) => {
    const { client, server } = await relay.open(t, mode, on);
    t.is(client.ws.extensions, "permessage-deflate");
    for (const message of messages) {
      client.send(message);
      server.send(message);
    }
    t.deepEqual(await server.take(messages.length), messages);
    t.deepEqual(await client.take(messages.length), messages);
  });

  test(`${mode}: one end without compression means none on both legs`, async (t) => {
    for (const options of [{ client: on.client }, { server: on.server }]) {
      const { client, server } = await relay.open(t, mode, options);
      t.is(client.ws.extensions, "");
      t.is(server.ws.extensions, "");
      client.send("x".repeat(5000));
      t.is(await server.next(), "x".repeat(5000));
    }
  });
}

test("a policy's changes to compressed messages arrive, both ways", async (t) => {
  const { client, server } = await relay.open(t, "upper", on);
  const changed = messages.map((message) =>
    typeof message === "string" ? message.toUpperCase() : Buffer.from(message.toReversed()),
  );
  for (const message of messages) {
    client.send(message);
    server.send(message);
  }
  t.deepEqual(await server.take(messages.length), changed);
  t.deepEqual(await client.take(messages.length), changed);
  // What the policy made is compressed too.
  t.true(server.socket.bytesRead < 150_000);
  t.true(client.socket.bytesRead < 150_000);
});

test("spliced: the offer and the answer pass unchanged, and so does the context of the compressor", async (t) => {
  const { client, server, path } = await relay.open(t, "spliced", on);
  const { request } = await relay.server.upgrade(path);
  t.is(request.headers["sec-websocket-extensions"], "permessage-deflate; client_max_window_bits");
  const noise = randomBytes(5000).toString("base64");
  for (let round = 0; round < 10; round++) {
    client.send(noise);
    server.send(noise);
  }
  t.deepEqual(new Set([...(await server.take(10)), ...(await client.take(10))]), new Set([noise]));
  // Ten times what cannot be compressed fits into twice its size only because each refers to the one before.
  t.true(server.socket.bytesRead < 2 * noise.length);
  t.true(client.socket.bytesRead < 2 * noise.length);
});

test("spliced: compressed frames go on as they came", async (t) => {
  const { client, server } = await openAgreed(t, "spliced", "permessage-deflate");
  const payload = deflate("compressed ".repeat(100));
  client.write(fromClient(OPCODE.text, payload.subarray(0, 7), { rsv1: true, fin: false }));
  client.write(fromClient(OPCODE.continuation, payload.subarray(7)));
  t.deepEqual(await server.next(), { fin: false, rsv1: true, opcode: 1, payload: payload.subarray(0, 7) });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 0, payload: payload.subarray(7) });
  server.write(fromServer(OPCODE.text, payload, { rsv1: true }));
  t.deepEqual(await client.next(), { fin: true, rsv1: true, opcode: 1, payload });
});

test("policy: no context takeover is agreed on for both directions", async (t) => {
  const path = relay.path("policy");
  const [client, upgrade] = await Promise.all([
    connectRaw(t, relay.gateway.port, path, [deflateOffer]),
    relay.server.upgrade(path).then(async (pending) => {
      await pending.accept(on.server);
      return pending;
    }),
  ]);
  t.regex(upgrade.request.headers["sec-websocket-extensions"] ?? "", /server_no_context_takeover/);
  t.regex(client.head, /^Sec-WebSocket-Extensions: permessage-deflate.*server_no_context_takeover/im);
  t.regex(client.head, /^Sec-WebSocket-Extensions: permessage-deflate.*client_no_context_takeover/im);
});

test("policy: a message it leaves unchanged goes on as the frames that came", async (t) => {
  const { client, server } = await openAgreed(t, "policy", standAlone);
  const payload = deflate("compressed ".repeat(100));
  client.write(fromClient(OPCODE.text, payload.subarray(0, 7), { rsv1: true, fin: false }));
  client.write(fromClient(OPCODE.continuation, payload.subarray(7)));
  t.deepEqual(await server.next(), { fin: false, rsv1: true, opcode: 1, payload: payload.subarray(0, 7) });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 0, payload: payload.subarray(7) });
});

for (const from of ["client", "server"] as const) {
  test(`policy: a message of the ${from} that inflates over the limit is a 1009`, async (t) => {
    await t.notThrowsAsync(expectFault(t, from, deflate(Buffer.alloc(50 * 1024 * 1024)), 1009));
  });

  test(`policy: a message of the ${from} that cannot be inflated is a 1007`, async (t) => {
    await t.notThrowsAsync(expectFault(t, from, Buffer.alloc(50, 0xff), 1007));
  });
}

test("compression: false keeps the offer from the server", async (t) => {
  const { client, server, path } = await relay.open(t, "off", on);
  const { request } = await relay.server.upgrade(path);
  t.is(request.headers["sec-websocket-extensions"], undefined);
  t.is(client.ws.extensions, "");
  client.send("plain ".repeat(1000));
  t.is(await server.next(), "plain ".repeat(1000));
});

/** @param answer what the server agrees to */
async function openAgreed(
  t: ExecutionContext,
  mode: string,
  answer: string,
): Promise<{ client: RawPeer; server: RawPeer }> {
  const path = relay.path(mode);
  const accept = relay.server
    .upgrade(path)
    .then((upgrade) => upgrade.acceptRaw({ headers: [`Sec-WebSocket-Extensions: ${answer}`] }));
  const client = await connectRaw(t, relay.gateway.port, path, [deflateOffer]);
  return { client, server: await accept };
}

async function expectFault(
  t: ExecutionContext,
  from: "client" | "server",
  payload: Buffer,
  code: number,
): Promise<void> {
  const pair = await openAgreed(t, "policy", standAlone);
  const [own, others] = from === "client" ? [fromClient, fromServer] : [fromServer, fromClient];
  const [offender, other] = from === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
  offender.write(Buffer.concat([own(OPCODE.text, "good"), own(OPCODE.binary, payload, { rsv1: true })]));
  t.is(String((await other.next()).payload), "good");
  const told = await other.next();
  t.is(told.payload.readUInt16BE(0), code);
  other.write(others(OPCODE.close, told.payload));
  t.is((await offender.next()).payload.readUInt16BE(0), code);
}

/** RFC 7692 section 7.2.1: without the tail of the empty block. */
function deflate(data: string | Buffer): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}
