/**
 * What does recording add to a message of a splice, without sockets? A pump takes chunks of 32 small frames, with a recorder whose
 * batches stay in the worker, as those of a flood do, and with none. Prints CPU ns of each message, one way.
 *
 *   npx node bench/recording.ts [rounds]
 */
import { Duplex, Writable } from "node:stream";
import { MessageMeter } from "../core/session/meters/message-meter.ts";
import { Outbox, Turn } from "../core/session/outbox.ts";
import { Pump } from "../core/session/relay/pump.ts";
import type { TrafficSink } from "../core/session/tap/traffic-tap.ts";
import { BatchOutbox } from "../core/traffic/batch/batch-outbox.ts";
import { BatchWriter } from "../core/traffic/batch/batch-writer.ts";
import { SessionRecorder } from "../core/traffic/recorder.ts";
import { encodeFrame } from "../core/wire/frame-encoder.ts";
import { createFrameSlab } from "../core/wire/frame-slab.ts";
import { makeMessage } from "./load/message.ts";
import { median } from "./rig/statistics.ts";

const FRAMES = 32;
const CHUNKS = 20_000;
/** A turn of a process under load: so many connections have something. */
const CHUNKS_A_TURN = 20;
const [, , rounds = "9"] = process.argv;
const frame = encodeFrame(1, Buffer.from(makeMessage(64)), () => 0x5ac3178e);
const chunk = Buffer.concat(Array.from({ length: FRAMES }, () => frame));
const pipe = new Writable({ write: (_bytes, _encoding, done) => done() });
const outbox = new BatchOutbox({ pipe, kept: { maxBytes: 64 * 1024 ** 2, maxRecords: 200_000 } });
const writer = new BatchWriter("w", "store", outbox);
const tap = new SessionRecorder({ id: "w-1", route: "/" }, { writer, keepBytes: 64 * 1024 });
const kinds: readonly (readonly [name: string, run: () => Promise<void>])[] = [
  ["not recorded", makeRun(undefined)],
  ["recorded", makeRun(tap.client)],
];

const seen = kinds.map((): number[] => []);
for (let round = -2; round < Number(rounds); round++) {
  for (const [i, [, run]] of kinds.entries()) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    if (round >= 0) seen[i]?.push(((user + system) * 1000) / (CHUNKS * FRAMES));
  }
}
for (const [i, [name]] of kinds.entries())
  console.log(`${name.padEnd(12)} ${median(seen[i] ?? []).toFixed(0)} ns a message`);
process.exit();

function makeRun(sink: TrafficSink | undefined): () => Promise<void> {
  const socket = new Duplex({ read() {}, write: (_bytes, _encoding, done) => done() });
  const refuse = (): never => {
    throw new Error("nothing of that kind comes here");
  };
  const pump = new Pump({
    origin: "client",
    outbox: new Outbox(socket, new Turn(), { onFull() {} }),
    allocate: createFrameSlab(),
    allocateFrame: createFrameSlab(),
    maskKeys: undefined,
    limits: { maxMessageBytes: 1_000_000, maxFrameBytes: 0 },
    deflate: { from: undefined, to: undefined, minBytes: 0, maxRatio: 0 },
    onError: "close",
    clock: { now: 0 },
    meter: new MessageMeter(),
    sampler: undefined,
    rate: undefined,
    ownPong: undefined,
    sink,
    chains: { chain: () => [] },
    owner: {
      onAside: refuse,
      onCloseAhead: refuse,
      onReply: refuse,
      onCloseReceived: refuse,
      onCloseSent: refuse,
      onCloseDecided: refuse,
      onFinSent: refuse,
      onPressure() {},
    },
  });
  return async () => {
    for (let i = 0; i < CHUNKS; i++) {
      pump.receive(chunk, true);
      if (i % CHUNKS_A_TURN === 0) await new Promise(setImmediate);
    }
  };
}
