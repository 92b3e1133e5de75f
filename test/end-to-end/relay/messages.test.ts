import { randomBytes } from "node:crypto";
import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame as fromClient, serverFrame as fromServer } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const maxMessageBytes = 256 * 1024;
const relay = shareRelay(test, { route: { maxMessageSize: maxMessageBytes } });

const messages: readonly (string | Buffer)[] = [
  "text",
  "",
  Buffer.alloc(0),
  "ünï¢ødé 🎈 漢字",
  '{"json": [1, 2, 3]}',
  Buffer.from([0, 255, 128, 1]),
  ...[125, 126, 127, 65_535, 65_536, 70_001].map((size) => randomBytes(size)),
  "x".repeat(65_536),
  randomBytes(maxMessageBytes),
];

for (const mode of modes) {
  test(`${mode}: messages of every kind and size arrive, in order, both ways`, async (t) => {
    const { client, server } = await relay.open(t, mode);
    for (const message of messages) {
      client.send(message);
      server.send(message);
    }
    t.deepEqual(await server.take(messages.length), messages);
    t.deepEqual(await client.take(messages.length), messages);
  });

  test(`${mode}: hundreds of messages in flight keep their order`, async (t) => {
    const { client, server } = await relay.open(t, mode);
    server.ws.on("message", (data: Buffer) => server.send(`echo ${data}`));
    const sent = Array.from({ length: 800 }, (_, index) => `${index} ${"-".repeat(index % 300)}`);
    for (const message of sent) client.send(message);
    t.deepEqual(
      await client.take(sent.length),
      sent.map((message) => `echo ${message}`),
    );
  });

  test(`${mode}: many connections at once do not get each other's messages`, async (t) => {
    const pairs = await Promise.all(Array.from({ length: 20 }, () => relay.open(t, mode)));
    for (const [index, { client, server }] of pairs.entries()) {
      for (let count = 0; count < 20; count++) {
        client.send(`from client ${index}, ${count}`);
        server.send(`from server ${index}, ${count}`);
      }
    }
    for (const [index, { client, server }] of pairs.entries()) {
      const expected = (who: string) => Array.from({ length: 20 }, (_, n) => `from ${who} ${index}, ${n}`);
      t.deepEqual(await server.take(20), expected("client"));
      t.deepEqual(await client.take(20), expected("server"));
    }
  });

  test(`${mode}: a message goes on in the fragments it came in`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    const parts = [
      { opcode: OPCODE.text, payload: "one, ", fin: false },
      { opcode: OPCODE.continuation, payload: "", fin: false },
      { opcode: OPCODE.continuation, payload: "two, ", fin: false },
      { opcode: OPCODE.continuation, payload: "three", fin: true },
      { opcode: OPCODE.binary, payload: "alone", fin: true },
    ];
    for (const { opcode: code, payload, fin } of parts) {
      client.write(fromClient(code, payload, { fin }));
      server.write(fromServer(code, payload, { fin }));
    }
    const expected = parts.map((part) => ({ ...part, rsv1: false, payload: Buffer.from(part.payload) }));
    for (const frame of expected) {
      t.deepEqual(await server.next(), frame);
      t.deepEqual(await client.next(), frame);
    }
  });

  test(`${mode}: frames that come byte by byte arrive whole`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    const large = randomBytes(300);
    await Promise.all([
      client.trickle(
        Buffer.concat([
          fromClient(OPCODE.text, "trickled"),
          fromClient(OPCODE.ping, "p"),
          fromClient(2, large),
        ]),
      ),
      server.trickle(
        Buffer.concat([
          fromServer(OPCODE.text, "trickled"),
          fromServer(OPCODE.ping, "p"),
          fromServer(2, large),
        ]),
      ),
    ]);
    for (const peer of [server, client]) {
      const got = [await peer.next(), await peer.next(), await peer.next()];
      t.deepEqual(
        got.map((frame) => [frame.opcode, frame.payload]),
        [
          [OPCODE.text, Buffer.from("trickled")],
          [OPCODE.ping, Buffer.from("p")],
          [OPCODE.binary, large],
        ],
      );
    }
  });

  test(`${mode}: a session that says nothing opens and ends`, async (t) => {
    const { client, server, path } = await relay.open(t, mode);
    client.close(1000);
    t.is((await server.closed).code, 1000);
    const end = await relay.ended(path);
    t.deepEqual(end.messages, { client: 0, server: 0 });
  });
}

test("spliced: the very bytes go on, masks included, however they are cut", async (t) => {
  const { client, server } = await relay.openRaw(t, "spliced");
  const sent = Buffer.concat([
    fromClient(OPCODE.text, "first", { fin: false }),
    fromClient(OPCODE.ping, "between"),
    fromClient(OPCODE.continuation, "last"),
    fromClient(OPCODE.binary, randomBytes(70_000)),
    fromClient(OPCODE.pong, "unasked"),
    fromClient(OPCODE.text, ""),
  ]);
  let got = Buffer.alloc(0);
  const arrived = new Promise<void>((resolve) => {
    server.socket.on("data", (chunk: Buffer) => {
      got = Buffer.concat([got, chunk]);
      if (got.length >= sent.length) resolve();
    });
  });
  for (let at = 0, size = 1; at < sent.length; at += size, size = (size * 7) % 1009) {
    await new Promise((resolve) => client.socket.write(sent.subarray(at, at + size), resolve));
  }
  await arrived;
  t.deepEqual(got, sent);
});

test("spliced: text is not looked into", async (t) => {
  const { client, server } = await relay.openRaw(t, "spliced");
  client.write(fromClient(OPCODE.text, Buffer.of(0xc3, 0x28)));
  t.deepEqual((await server.next()).payload, Buffer.of(0xc3, 0x28));
});

test("a policy's message is counted once, with the bytes it had", async (t) => {
  const { client, server, path } = await relay.open(t, "policy");
  client.send("12345");
  server.send("1234567");
  await server.next();
  await client.next();
  client.close(1000);
  const end = await relay.ended(path);
  t.deepEqual(end.messages, { client: 1, server: 1 });
  t.deepEqual(end.bytes, { client: 5, server: 7 });
});
