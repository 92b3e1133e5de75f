import test from "ava";
import fc from "fast-check";
import { MAX_COPY_BYTES, MirrorFeed } from "../../core/mirror/mirror-feed.ts";
import { MirrorRoom } from "../../core/mirror/mirror-room.ts";
import { Mirrors } from "../../core/mirror/mirrors.ts";
import { OPCODE, RSV1 } from "../../core/wire/frame.ts";
import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import { FrameScanner } from "../../core/wire/frame-scanner.ts";
import { applyMask } from "../../core/wire/mask.ts";
import { createContextCompressor, deflateAlone } from "../support/peers/compressor.ts";

const key = () => 0x12345678;

/** What a mirror is sent of these bytes, message by message; "lost" where it is sent nothing. */
function copiesOf(
  origin: "client" | "server",
  bytes: readonly Uint8Array[],
  deflate?: { readonly noContextTakeover: boolean; readonly windowBits: number },
  room = new MirrorRoom(),
): { readonly frames: readonly Buffer[]; readonly words: readonly string[] } {
  const frames: Buffer[] = [];
  const words: string[] = [];
  const feed = new MirrorFeed({
    ...{ origin, deflate, maskKeys: key, room },
    onMessage(message) {
      frames.push(message);
      words.push(textOf(message));
    },
    onLost: () => words.push("lost"),
  });
  for (const chunk of bytes) feed.take(chunk);
  return { frames, words };
}

/** As a server reads it. */
function textOf(frames: Buffer): string {
  const scanner = new FrameScanner({ masked: true, allowRsv1: false, maxMessageBytes: 2 ** 30 });
  const bytes = Buffer.from(frames);
  let text = "";
  const sink = {
    onHeader() {},
    onPayload(from: number, to: number) {
      applyMask(bytes, from, to, scanner.maskKey);
      text += bytes.toString("utf8", from, to);
    },
    onFrameEnd() {},
  };
  if (scanner.scan(bytes, sink) !== bytes.length || scanner.fault) throw new Error("no frames of a client");
  return text;
}

/** In pieces, wherever they end. */
const split = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 });

function cut(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = sizes[i % sizes.length] ?? 1;
    pieces.push(bytes.subarray(at, at + size));
    at += size;
  }
  return pieces;
}

test("of what a server is sent the very frames go on, fragments too, and no control frames", (t) => {
  const whole = encodeFrame(OPCODE.text, Buffer.from("whole"), key);
  const ping = encodeFrame(OPCODE.ping, Buffer.from("p"), key);
  const [first, last] = [
    encodeFrame(OPCODE.text, Buffer.from("frag"), key),
    encodeFrame(OPCODE.continuation, Buffer.from("ments"), key),
  ];
  first[0] = OPCODE.text;
  const stream = Buffer.concat([whole, ping, first, ping, last, whole]);
  fc.assert(
    fc.property(split, (sizes) => {
      const { frames } = copiesOf("client", cut(stream, sizes));
      t.deepEqual(frames, [whole, Buffer.concat([first, last]), whole]);
    }),
    { numRuns: 100 },
  );
});

test("of what a client is sent messages are made, masked", (t) => {
  const say = (text: string) => encodeFrame(OPCODE.text, Buffer.from(text), undefined);
  const stream = Buffer.concat([say("one"), say(""), say("x".repeat(300))]);
  fc.assert(
    fc.property(split, (sizes) => {
      t.deepEqual(copiesOf("server", cut(stream, sizes)).words, ["one", "", "x".repeat(300)]);
    }),
    { numRuns: 50 },
  );
});

test("compressed messages are inflated; after one that is lost none is copied that refers to what is not known", async (t) => {
  const compress = createContextCompressor();
  const say = async (text: string) => encodeFrame(OPCODE.text | RSV1, await compress(text), key);
  const huge = Array.from({ length: 60_000 }, (_, i) => `${i} number`).join(",");
  const large = `${huge}${huge}`;
  t.true(large.length > MAX_COPY_BYTES);
  const frames = [
    await say("hello hello"),
    await say("hello again"),
    await say(large),
    await say(large.slice(-1000)),
  ];
  const alone = encodeFrame(OPCODE.text | RSV1, deflateAlone("by itself"), key);
  const deflate = { noContextTakeover: false, windowBits: 15 };
  const { words } = copiesOf("client", [...frames, alone], deflate);
  t.deepEqual(words, ["hello hello", "hello again", "lost", "lost", "by itself"]);
});

test("a message that is too large is lost, the ones around it are not", (t) => {
  const say = (text: string) => encodeFrame(OPCODE.text, Buffer.from(text), key);
  const large = say("x".repeat(MAX_COPY_BYTES + 1));
  t.deepEqual(copiesOf("client", [say("a"), large.subarray(0, 9), large.subarray(9), say("b")]).words, [
    "a",
    "lost",
    "b",
  ]);
});

test("what has come of a message is taken from the room, and given back when it is whole, too large or over", (t) => {
  let taken = 0;
  let free = 100_000;
  const room = {
    take(bytes: number): boolean {
      if (bytes > free) return false;
      free -= bytes;
      taken += bytes;
      return true;
    },
    giveBack(bytes: number): void {
      free += bytes;
      taken -= bytes;
    },
  };
  const words: string[] = [];
  const feed = new MirrorFeed({
    ...{ origin: "client", deflate: undefined, maskKeys: key, room },
    onMessage: (message) => words.push(textOf(message)),
    onLost: () => words.push("lost"),
  });
  const say = (text: string) => encodeFrame(OPCODE.text, Buffer.from(text), key);
  const long = say("x".repeat(50_000));
  feed.take(long.subarray(0, -1));
  t.true(taken >= long.length - 1, `${taken}`);
  feed.take(long.subarray(-1));
  t.is(taken, 0);
  const longer = say("y".repeat(200_000));
  for (let at = 0; at < longer.length; at += 1000) {
    feed.take(longer.subarray(at, at + 1000));
    t.true(taken <= 100_000);
  }
  t.is(taken, 0);
  feed.take(say("after"));
  t.deepEqual(
    words.map((word) => word.slice(0, 5)),
    ["xxxxx", "lost", "after"],
  );
  feed.take(long.subarray(0, 9000));
  t.true(taken >= 9000);
  feed.skip();
  t.is(taken, 0);
});

test("a worker's mirrors have so much room together, and are read so much", async (t) => {
  const room = new MirrorRoom();
  let taken = 0;
  while (room.take(2 ** 20)) taken++;
  t.is(taken, 64);
  room.giveBack(2 ** 20);
  t.true(room.take(2 ** 20));

  const { signal } = new AbortController();
  const places = await Promise.all(Array.from({ length: 32 }, () => room.dial("dead", signal)));
  t.true(places.every((leave) => leave !== undefined));
  // One that does not answer keeps nobody from another, and who waits for it comes in his turn.
  const gone = new AbortController();
  const [given, second] = [room.dial("dead", gone.signal), room.dial("dead", signal)];
  t.truthy(await room.dial("well", signal));
  gone.abort();
  t.is(await given, undefined);
  places[0]?.();
  t.truthy(await second);

  // The room itself keeps no process alive.
  const alive = setInterval(() => {}, 1000);
  t.teardown(() => clearInterval(alive));
  t.true(room.read(1000, () => {}));
  await new Promise<void>((resolve) => t.false(room.read(16 * 2 ** 20, resolve)));
  t.true(room.read(1000, () => {}));
});

test("what is counted of routes that are renamed again and again is bounded", (t) => {
  const upstreams = {} as ConstructorParameters<typeof Mirrors>[0];
  const mirrors = new Mirrors(upstreams, () => {});
  const config = { upstream: "http://127.0.0.1:1", sample: 1, origins: ["client"], sendsCredentials: false };
  const request = { config } as unknown as Parameters<Mirrors["open"]>[0];
  const open = (name: string) =>
    mirrors.open(request, {
      runtime: { name, config: { mirror: config } },
      extensions: { deflate: {} },
      held: { add() {} },
    } as unknown as Parameters<Mirrors["open"]>[1]);
  for (let i = 0; i < 2100; i++) open(`route ${i}`);
  mirrors.close();
  t.is(mirrors.counts().length, 2001);
  t.is(mirrors.counts().at(-1)?.route, "");
});
