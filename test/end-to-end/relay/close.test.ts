import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import {
  clientFrame as fromClient,
  serverFrame as fromServer,
  type RawFrame,
} from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test, {
  routes: (upstream) => [{ path: "/hurried/*", upstream, closeTimeout: "300ms" }],
});

const codes = [1000, 1001, 1008, 1011, 1012, 3000, 4999] as const;

for (const mode of modes) {
  for (const code of codes) {
    test(`${mode}: ${code} and its reason reach the other end, whoever closes`, async (t) => {
      for (const from of ["client", "server"] as const) {
        const { path, ...pair } = await relay.open(t, mode);
        const to = from === "client" ? "server" : "client";
        pair[from].close(code, `because of ${code} ✓`);
        t.deepEqual(await pair[to].closed, { code, reason: `because of ${code} ✓` });
        // The answer of `ws` to a Close is the same code.
        t.is((await pair[from].closed).code, code);
        const end = await relay.ended(path);
        t.like(end, { initiator: from, code, reason: `because of ${code} ✓`, cause: "peer" });
      }
    });
  }

  test(`${mode}: a Close without a code stays one`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    client.write(fromClient(OPCODE.close, ""));
    t.deepEqual(await server.next(), closeFrame(Buffer.alloc(0)));
    server.write(fromServer(OPCODE.close, ""));
    t.deepEqual(await client.rest(), { frames: [closeFrame(Buffer.alloc(0))], ended: "fin" });
    client.socket.end();
    t.is((await server.rest()).ended, "fin");
    server.socket.end();
    t.like(await relay.ended(path), {
      ...{ initiator: "client", code: 1005, reason: "", policy: "", version: "", rule: "" },
      codes: { client: { sent: 1005, got: 1005 }, server: { sent: 1005, got: 1005 } },
    });

    const other = await relay.open(t, mode);
    other.server.close();
    t.is((await other.client.closed).code, 1005);
  });

  test(`${mode}: messages before a Close are delivered, bytes after it are not`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    const late = [fromClient(OPCODE.text, "late"), fromClient(OPCODE.close, status(4000, "again"))];
    client.write(
      Buffer.concat([
        fromClient(OPCODE.text, "good"),
        fromClient(OPCODE.close, status(4001, "bye")),
        ...late,
      ]),
    );
    t.deepEqual((await server.next()).payload, Buffer.from("good"));
    t.deepEqual(await server.next(), closeFrame(status(4001, "bye")));
    server.write(
      Buffer.concat([fromServer(OPCODE.text, "answer"), fromServer(OPCODE.close, status(4001, "ok"))]),
    );
    const { frames } = await client.rest();
    t.deepEqual(
      frames.map(({ payload }) => payload),
      [Buffer.from("answer"), status(4001, "ok")],
    );
    client.socket.end();
    server.socket.end();
    t.deepEqual((await server.rest()).frames, []);
  });

  test(`${mode}: crossing closes each reach the other end`, async (t) => {
    const { client, server, path } = await relay.openRaw(t, mode);
    client.write(fromClient(OPCODE.close, status(4001, "client")));
    server.write(fromServer(OPCODE.close, status(4002, "server")));
    t.deepEqual(await server.next(), closeFrame(status(4001, "client")));
    t.deepEqual(await client.next(), closeFrame(status(4002, "server")));
    // The gateway is the client's server: it ends the TCP connection first, the server behind it its own.
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
    client.socket.end();
    server.socket.end();
    t.deepEqual(await server.rest(), { frames: [], ended: "fin" });
    await relay.ended(path);
  });

  test(`${mode}: a leg that is cut off gets no Close that nobody sent`, async (t) => {
    const cutByClient = await relay.open(t, mode);
    cutByClient.client.ws.terminate();
    t.is((await cutByClient.server.closed).code, 1006);

    const { client, server, path } = await relay.openRaw(t, mode);
    server.socket.end();
    t.deepEqual(await client.rest(), { frames: [], ended: "fin" });
    client.socket.end();
    const none = { sent: null, got: null };
    const codes = { client: none, server: none };
    t.like(await relay.ended(path), { initiator: "server", code: 1006, cause: "vanished", codes });
  });

  for (const code of [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535]) {
    test(`${mode}: ${code} in a Close frame is a 1002 on both legs`, async (t) => {
      await closeWrongly(t, mode, status(code, "wrong"), 1002);
    });
  }

  test(`${mode}: a Close payload of one byte is a 1002, a reason that is not UTF-8 a 1007`, async (t) => {
    await closeWrongly(t, mode, Buffer.of(3), 1002);
    await closeWrongly(t, mode, Buffer.concat([status(1000, ""), Buffer.of(0xc3, 0x28)]), 1007);
  });
}

test("a peer that does not answer a Close is cut off after closeTimeout", async (t) => {
  const { client, server, path } = await relay.openRaw(t, "hurried");
  client.write(fromClient(OPCODE.close, status(1000, "")));
  await server.next();
  t.is((await client.rest()).frames.length, 0);
  await server.rest();
  t.like(await relay.ended(path), {
    ...{ initiator: "client", code: 1000 },
    codes: { client: { sent: 1000, got: null }, server: { sent: null, got: 1000 } },
  });
});

test("a closeTimeout of 0 waits", async (t) => {
  const { client, server } = await relay.openRaw(t, "spliced");
  client.write(fromClient(OPCODE.close, status(1000, "")));
  await server.next();
  for (let count = 0; count < 50; count++) {
    server.write(fromServer(OPCODE.text, "not yet"));
    t.is(String((await client.next()).payload), "not yet");
  }
  server.write(fromServer(OPCODE.close, status(1000, "at last")));
  t.deepEqual(await client.next(), closeFrame(status(1000, "at last")));
  client.socket.end();
  server.socket.end();
});

async function closeWrongly(
  t: Parameters<typeof relay.openRaw>[0],
  mode: string,
  payload: Buffer,
  expected: number,
): Promise<void> {
  for (const from of ["client", "server"] as const) {
    const { path, ...pair } = await relay.openRaw(t, mode);
    const to = from === "client" ? "server" : "client";
    const frame = { client: fromClient, server: fromServer };
    pair[from].write(frame[from](OPCODE.close, payload));
    const told = await pair[to].next();
    t.is(told.payload.readUInt16BE(0), expected);
    pair[to].write(frame[to](OPCODE.close, told.payload));
    t.deepEqual(await pair[from].next(), closeFrame(told.payload));
    pair.client.socket.end();
    pair.server.socket.end();
    t.like(await relay.ended(path), { initiator: from, code: expected });
  }
}

function status(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return Buffer.concat([payload, Buffer.from(reason)]);
}

function closeFrame(payload: Buffer): RawFrame {
  return { fin: true, rsv1: false, opcode: OPCODE.close, payload };
}
