import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import {
  clientFrame as fromClient,
  serverFrame as fromServer,
  type RawFrame,
} from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test);

for (const mode of modes) {
  test(`${mode}: pings and pongs go end to end, in their order among the messages`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    const sequence: [number, string][] = [
      [OPCODE.text, "1"],
      [OPCODE.ping, "2"],
      [OPCODE.text, "3"],
      [OPCODE.pong, "4, unasked"],
      [OPCODE.ping, ""],
      [OPCODE.binary, "5"],
      [OPCODE.ping, "x".repeat(125)],
    ];
    client.write(Buffer.concat(sequence.map(([code, payload]) => fromClient(code, payload))));
    server.write(Buffer.concat(sequence.map(([code, payload]) => fromServer(code, payload))));
    for (const expected of sequence) {
      t.deepEqual(summary(await server.next()), expected);
      t.deepEqual(summary(await client.next()), expected);
    }
  });

  test(`${mode}: the gateway answers no ping itself`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    server.write(fromServer(OPCODE.ping, "are you there?"));
    t.deepEqual(summary(await client.next()), [OPCODE.ping, "are you there?"]);
    client.write(fromClient(OPCODE.ping, "and you?"));
    t.deepEqual(summary(await server.next()), [OPCODE.ping, "and you?"]);
    // Whatever the gateway had said by itself would have come before these.
    client.write(fromClient(OPCODE.text, "no pong"));
    server.write(fromServer(OPCODE.text, "no pong"));
    t.deepEqual(summary(await server.next()), [OPCODE.text, "no pong"]);
    t.deepEqual(summary(await client.next()), [OPCODE.text, "no pong"]);
  });

  test(`${mode}: each end gets the other's pong`, async (t) => {
    const { client, server } = await relay.open(t, mode);
    const pongs = Promise.all(
      [client, server].map(
        ({ ws }) => new Promise((resolve) => ws.once("pong", (data) => resolve(String(data)))),
      ),
    );
    client.ws.ping("of the client");
    server.ws.ping("of the server");
    t.deepEqual(await pongs, ["of the client", "of the server"]);
  });
}

const fragments = (frame: typeof fromClient): Buffer =>
  Buffer.concat([
    frame(OPCODE.text, "a", { fin: false }),
    frame(OPCODE.ping, "p1"),
    frame(OPCODE.continuation, "b", { fin: false }),
    frame(OPCODE.ping, "p2"),
    frame(OPCODE.continuation, "c"),
    frame(OPCODE.ping, "p3"),
  ]);

test("spliced: a ping keeps its place between fragments", async (t) => {
  const { client, server } = await relay.openRaw(t, "spliced");
  client.write(fragments(fromClient));
  server.write(fragments(fromServer));
  for (const peer of [server, client]) {
    const got = await takeFrames(peer, 6);
    t.deepEqual(
      got.map(({ payload }) => String(payload)),
      ["a", "p1", "b", "p2", "c", "p3"],
    );
  }
});

test("policy: a ping does not wait for the message it interrupts, one behind the message does", async (t) => {
  const { client, server } = await relay.openRaw(t, "policy");
  await Promise.all([client.trickle(fragments(fromClient)), server.trickle(fragments(fromServer))]);
  for (const peer of [server, client]) {
    const got = await takeFrames(peer, 6);
    t.deepEqual(
      got.map(({ payload }) => String(payload)),
      ["p1", "p2", "a", "b", "c", "p3"],
    );
  }
});

function summary({ opcode: code, payload }: RawFrame): [number, string] {
  return [code, String(payload)];
}

function takeFrames(peer: { next(): Promise<RawFrame> }, count: number): Promise<RawFrame[]> {
  return Promise.all(Array.from({ length: count }, () => peer.next()));
}
