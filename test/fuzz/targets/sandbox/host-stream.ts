import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAsk, encodeAsk } from "../../../../sandbox/wire/asks.ts";
import { createFrameReader, FRAME_KIND, FrameWriter } from "../../../../sandbox/wire/frames.ts";
import { hostFrameLimit } from "../../../../sandbox/wire/host-limits.ts";
import { decodeHostMessage } from "../../../../sandbox/wire/host-messages.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";
import { NO_SESSION, RESULT_BYTES, ResultRecords } from "../../../../sandbox/wire/result-record.ts";
import {
  binaryOf,
  createResultsDecoder,
  encodeResults,
  sessionOf,
  stringOf,
} from "../../../../sandbox/wire/results.ts";
import { sent } from "../../../sandbox/wire/sent.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const text = fc.string({ unit: "grapheme", maxLength: 12 });
const results = fc.array(
  fc.record({ id: fc.nat(0x7fff_ffff), kind: fc.nat(7), text, binary: fc.uint8Array({ maxLength: 12 }) }),
  { minLength: 1, maxLength: 4 },
);

type Write = (out: FrameWriter) => void;

const frames: fc.Arbitrary<Write> = fc.oneof(
  results.map((list) => (out: FrameWriter) => {
    const records = new ResultRecords(new ArrayBuffer(list.length * RESULT_BYTES), 0, list.length);
    for (const [i, { id, kind, text, binary }] of list.entries()) {
      const lengths = { textLength: text.length, sessionLength: NO_SESSION, binaryLength: binary.length };
      records.write(i, { id, kind, ...lengths });
    }
    const all = list.map((one) => one.text).join("");
    const binary = Buffer.concat(list.map((one) => one.binary));
    encodeResults(out, 1, { count: list.length, records, text: all, binary, spentUs: 5 });
  }),
  fc.tuple(fc.integer({ min: 1, max: 0x7fff_ffff }), text).map(([id, question]) => (out: FrameWriter) => {
    encodeAsk(out, 1, { id, kind: 2, deadline: 5, text: question, binary: undefined });
  }),
  fc
    .constantFrom<object>({ type: "ready" }, { type: "tired", instance: 1 })
    .map((message) => (out: FrameWriter) => {
      out.control(message);
    }),
);

const streams = fc.array(frames, { maxLength: 5 }).map((writes) => {
  const out = new FrameWriter();
  for (const write of writes) write(out);
  return sent(out);
});

/** All of one chunk that comes before the first nonsense, a line a thing, as the worker reads it. */
function read(chunks: readonly Buffer[]): readonly string[] {
  const lines: string[] = [];
  const onResults = createResultsDecoder((one) => {
    const binary = Buffer.from(binaryOf(one)).toString("hex");
    lines.push(["result", one.id, one.kind, stringOf(one), sessionOf(one), binary].join(" "));
  });
  const onChunk = createFrameReader(
    (kind, bytes, start, end) => {
      if (kind === FRAME_KIND.results) onResults(bytes, start, end);
      else if (kind === FRAME_KIND.asks) lines.push(`ask ${decodeAsk(bytes, start, end).id}`);
      else lines.push(`control ${decodeHostMessage(bytes, start, end).type}`);
    },
    { maxLength: hostFrameLimit(1000, false) },
  );
  try {
    for (const chunk of chunks) onChunk(chunk);
  } catch (error) {
    if (!(error instanceof HostNonsense)) throw error;
    lines.push("nonsense");
  }
  return lines;
}

/** The stream of a sandbox host: the same however it is cut, within its frames, or nonsense. */
export const hostStream = defineTarget<{ readonly bytes: Uint8Array; readonly step: number }>({
  name: "host-stream",
  inputs: fc.record({ bytes: nearly(streams), step: fc.integer({ min: 1, max: 40 }) }),
  seeds: ["", "00000000", "ffffffff04", "0100000001", "0100000009"].map((hex) => ({
    bytes: Buffer.from(hex, "hex"),
    step: 1,
  })),
  runs: 400,
  check({ bytes, step }) {
    // At an address that nobody can rely on to be aligned, between bytes that are somebody else's.
    const whole = Buffer.concat([Buffer.of(0xee), bytes, Buffer.alloc(50, 0xee)]).subarray(
      1,
      1 + bytes.length,
    );
    const lines = read([whole]);
    const pieces: Buffer[] = [];
    for (let at = 0; at < whole.length; at += step) pieces.push(whole.subarray(at, at + step));
    assert.deepEqual(read(pieces), lines);
    return lines.at(-1)?.replace(/^(\w+).*/s, "$1") ?? "nothing";
  },
});
