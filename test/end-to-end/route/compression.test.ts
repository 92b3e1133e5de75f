import { randomBytes } from "node:crypto";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import {
  connectRaw,
  clientFrame as fromClient,
  serverFrame as fromServer,
  type RawPeer,
} from "../../support/peers/raw-client.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const upper = `
  const change = ({ content }) => ({ content: { body: content.body.toUpperCase() } });
  export { change as client, change as server };
`;
const echo = "export const client = ({ content }) => ({ drop: true, reply: [content.body] });";

const trim = 'export const client = () => ({ content: { remove: ["internal"] } });';

const relay = shareRelay(test, {
  policies: { "upper.ts": upper, "echo.ts": echo, "trim.ts": trim },
  routes: (upstream) => [
    { path: "/client/*", upstream, compression: { server: false } },
    { path: "/server/*", upstream, compression: { client: false } },
    { path: "/client-upper/*", upstream, policies: ["upper"], compression: { server: false } },
    { path: "/server-upper/*", upstream, policies: ["upper"], compression: { client: false } },
    { path: "/echo/*", upstream, policies: ["echo"], compression: { server: false, minSize: 10 } },
    { path: "/trim/*", upstream, policies: ["trim"] },
    { path: "/small/*", upstream, compression: { client: false, minSize: 10 } },
    { path: "/ratio/*", upstream, compression: { maxRatio: 10 } },
    { path: "/alone/*", upstream, compression: { clientContextTakeover: false, clientMaxWindowBits: 10 } },
  ],
});

const on = {
  client: { perMessageDeflate: { threshold: 0 } },
  server: { perMessageDeflate: { threshold: 0 } },
};
const text = "text that repeats, ".repeat(10_000);
const messages: readonly (string | Buffer)[] = [
  "",
  "a",
  "z".repeat(1023),
  "y".repeat(1024),
  text,
  Buffer.from("bytes"),
  randomBytes(100_000),
  "again",
];

for (const leg of ["client", "server"] as const) {
  test(`compression on the ${leg}'s leg alone: messages of all sizes arrive unharmed, both ways`, async (t) => {
    const { client, server } = await relay.open(t, leg, on);
    t.is(client.ws.extensions, leg === "client" ? "permessage-deflate" : "");
    t.is(server.ws.extensions, leg === "server" ? "permessage-deflate" : "");
    for (const message of messages) {
      client.send(message);
      server.send(message);
    }
    t.deepEqual(await server.take(messages.length), messages);
    t.deepEqual(await client.take(messages.length), messages);
    const [compressed, plain] = leg === "client" ? [client, server] : [server, client];
    t.true(compressed.socket.bytesRead < 110_000);
    t.true(plain.socket.bytesRead > 290_000);
  });

  test(`compression on the ${leg}'s leg alone: policies read and change messages`, async (t) => {
    const { client, server } = await relay.open(t, `${leg}-upper`, on);
    client.send(text);
    server.send(text);
    t.is(await server.next(), text.toUpperCase());
    t.is(await client.next(), text.toUpperCase());
    const compressed = leg === "client" ? client : server;
    t.true(compressed.socket.bytesRead < 10_000);
  });

  test(`compression on the ${leg}'s leg alone, whose peer wants none: none`, async (t) => {
    const { client, server } = await relay.open(
      t,
      leg,
      leg === "client" ? { server: on.server } : { client: on.client },
    );
    client.send(text);
    t.is(await server.next(), text);
    t.true(server.socket.bytesRead > text.length);
  });
}

test("fragments are put together where they are compressed on the way, and pings pass between them", async (t) => {
  const { client, server } = await openAgreed(t, "client", undefined);
  const payload = deflate(text);
  client.write(fromClient(OPCODE.text, payload.subarray(0, 7), { rsv1: true, fin: false }));
  client.write(fromClient(OPCODE.ping, "now"));
  client.write(fromClient(OPCODE.continuation, payload.subarray(7)));
  client.write(fromClient(OPCODE.text, "plain"));
  t.like(await server.next(), { opcode: OPCODE.ping, payload: Buffer.from("now") });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 1, payload: Buffer.from(text) });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 1, payload: Buffer.from("plain") });
});

test("a message that is edited leaves in one frame, compressed; one of which nothing changes as the frames that came", async (t) => {
  const { client, server } = await openAgreed(t, "trim", standAlone);
  const long = `"text": "${text}"`;
  for (const json of [`{"internal": 1, ${long}}`, `{${long}}`]) {
    const payload = deflate(json);
    client.write(fromClient(OPCODE.text, payload.subarray(0, 7), { rsv1: true, fin: false }));
    client.write(fromClient(OPCODE.continuation, payload.subarray(7)));
  }
  const edited = await server.next();
  t.like(edited, { fin: true, rsv1: true, opcode: OPCODE.text });
  t.is(inflate(edited.payload), `{${long}}`);
  const same = deflate(`{${long}}`);
  t.deepEqual(await server.next(), { fin: false, rsv1: true, opcode: 1, payload: same.subarray(0, 7) });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 0, payload: same.subarray(7) });
});

test("minSize: a message of so many bytes is compressed, a shorter one goes on as it came", async (t) => {
  const { client, server } = await openAgreed(t, "small", standAlone);
  client.write(fromClient(OPCODE.text, "123", { fin: false }));
  client.write(fromClient(OPCODE.continuation, "456789"));
  client.write(fromClient(OPCODE.text, "1234567890"));
  t.deepEqual(await server.next(), { fin: false, rsv1: false, opcode: 1, payload: Buffer.from("123") });
  t.deepEqual(await server.next(), { fin: true, rsv1: false, opcode: 0, payload: Buffer.from("456789") });
  const last = await server.next();
  t.like(last, { fin: true, rsv1: true, opcode: 1 });
  t.is(inflate(last.payload), "1234567890");
});

test("minSize holds for a policy's replies, which are compressed as the leg they go to", async (t) => {
  const { client } = await openAgreed(t, "echo", undefined);
  client.write(Buffer.concat([fromClient(OPCODE.text, "123456789"), fromClient(OPCODE.text, "1234567890")]));
  t.like(await client.next(), { rsv1: false, payload: Buffer.from("123456789") });
  const long = await client.next();
  t.true(long.rsv1);
  t.is(inflate(long.payload), "1234567890");
});

for (const from of ["client", "server"] as const) {
  test(`maxRatio: a message of the ${from} above it is a 1009, one below goes on as the frames that came`, async (t) => {
    const pair = await openAgreed(t, "ratio", standAlone);
    const frameOf = from === "client" ? fromClient : fromServer;
    const [offender, other] = from === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
    const good = deflate(randomBytes(500).toString("hex"));
    offender.write(frameOf(OPCODE.text, good.subarray(0, 7), { rsv1: true, fin: false }));
    offender.write(frameOf(OPCODE.continuation, good.subarray(7)));
    offender.write(frameOf(OPCODE.text, "z".repeat(1000)));
    offender.write(frameOf(OPCODE.text, deflate("z".repeat(1000)), { rsv1: true }));
    t.deepEqual(await other.next(), { fin: false, rsv1: true, opcode: 1, payload: good.subarray(0, 7) });
    t.deepEqual(await other.next(), { fin: true, rsv1: false, opcode: 0, payload: good.subarray(7) });
    t.is(String((await other.next()).payload), "z".repeat(1000));
    const { payload } = await other.next();
    t.is(payload.readUInt16BE(0), 1009);
    t.is(String(payload.subarray(2)), "inflates too much");
  });
}

for (const [what, payload, code] of [
  ["inflates over maxMessageSize", Buffer.alloc(50 * 1024 * 1024), 1009],
  ["cannot be inflated", undefined, 1007],
] as const) {
  test(`compression on the client's leg alone: a message that ${what} is a ${code}`, async (t) => {
    const { client, server } = await openAgreed(t, "client", undefined);
    const bytes = payload === undefined ? Buffer.alloc(50, 0xff) : deflate(payload);
    client.write(fromClient(OPCODE.binary, bytes, { rsv1: true }));
    t.is((await server.next()).payload.readUInt16BE(0), code);
  });
}

test("parameters: the client is told to let messages stand alone, in a small window; the server need not", async (t) => {
  const { client } = await openAgreed(t, "alone", "permessage-deflate");
  t.regex(
    client.head,
    /^Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; client_max_window_bits=10$/im,
  );
});

const standAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

/** @param answer what the server agrees to */
async function openAgreed(
  t: ExecutionContext,
  mode: string,
  answer: string | undefined,
): Promise<{ client: Awaited<ReturnType<typeof connectRaw>>; server: RawPeer }> {
  const path = relay.path(mode);
  const headers = answer === undefined ? [] : [`Sec-WebSocket-Extensions: ${answer}`];
  const accept = relay.server.upgrade(path).then((upgrade) => upgrade.acceptRaw({ headers }));
  const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits";
  const client = await connectRaw(t, relay.gateway.port, path, [offer]);
  return { client, server: await accept };
}

/** RFC 7692 section 7.2.1: without the tail of the empty block. */
function deflate(data: string | Buffer): Buffer {
  return deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH }).subarray(0, -4);
}

function inflate(payload: Buffer): string {
  const input = Buffer.concat([payload, Buffer.of(0, 0, 0xff, 0xff)]);
  return String(inflateRawSync(input, { finishFlush: constants.Z_SYNC_FLUSH }));
}
