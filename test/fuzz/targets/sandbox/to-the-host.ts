import assert from "node:assert/strict";
import fc from "fast-check";
import { decodeAnswer, encodeAnswer } from "../../../../sandbox/wire/answers.ts";
import { CallsEncoder, decodeCalls } from "../../../../sandbox/wire/calls.ts";
import { createFrameReader, FRAME_KIND, FrameWriter, readControl } from "../../../../sandbox/wire/frames.ts";
import { sent } from "../../../sandbox/wire/sent.ts";
import { defineTarget } from "../../harness/target.ts";

interface Input {
  readonly calls: readonly { readonly id: number; readonly text?: string; readonly binary?: Uint8Array }[];
  readonly answers: readonly { readonly id: number; readonly text: string }[];
  readonly step: number;
}

const text = fc.oneof(fc.string({ maxLength: 20 }), fc.string({ unit: "binary", maxLength: 20 }));

/** The worker's half of the stream: what clients send arrives in the host as it came, however the stream is cut. */
export const toTheHost = defineTarget<Input>({
  name: "to-the-host",
  inputs: fc.record({
    calls: fc.array(
      fc.oneof(
        fc.record({ id: fc.nat(0x7fff_ffff), text }),
        fc.record({ id: fc.nat(0x7fff_ffff), binary: fc.uint8Array({ maxLength: 20 }) }),
      ),
      { maxLength: 10 },
    ),
    answers: fc.array(fc.record({ id: fc.integer({ min: 1, max: 0x7fff_ffff }), text }), { maxLength: 3 }),
    step: fc.integer({ min: 1, max: 100 }),
  }),
  check({ calls, answers, step }) {
    const out = new FrameWriter();
    const encoder = new CallsEncoder();
    for (const { id, text = "", binary } of calls) {
      const payload = { binary: binary !== undefined, bytes: binary ?? Buffer.from(text) };
      encoder.call(id, 1, 1, { payload, sequence: 1, time: 2 });
    }
    encoder.finish(out, FRAME_KIND.calls, 1);
    for (const { id, text } of answers) encodeAnswer(out, 1, { id, isGood: true, text });
    out.control({ type: "ping" });

    const read: unknown[] = [];
    const onChunk = createFrameReader((kind, bytes, start, end) => {
      if (kind === FRAME_KIND.control) return read.push(readControl(bytes, start, end));
      if (kind === FRAME_KIND.answers) return read.push(decodeAnswer(bytes, start, end).text);
      const { count, records, text, binary } = decodeCalls(bytes, start);
      const ids = Array.from({ length: count }, (_, i) => records.id(i));
      return read.push({ ids, text, binary: Buffer.from(binary ?? []).toString("hex") });
    });
    const stream = sent(out);
    for (let at = 0; at < stream.length; at += step) onChunk(stream.subarray(at, at + step));

    const told = (value: string) => Buffer.from(value).toString();
    assert.deepEqual(read, [
      {
        ids: calls.map(({ id }) => id),
        text: calls.map(({ text = "" }) => told(text)).join(""),
        binary: calls.map(({ binary = [] }) => Buffer.from(binary).toString("hex")).join(""),
      },
      ...answers.map(({ text }) => told(text)),
      { type: "ping" },
    ]);
    return `${calls.length === 0 ? "no calls" : "calls"}, ${answers.length === 0 ? "no answers" : "answers"}`;
  },
});
