import test from "ava";
import fc from "fast-check";
import type { FlowResult, FlowTrace } from "../../../core/session/tap/flow-trace.ts";
import type { TrafficSink } from "../../../core/session/tap/traffic-tap.ts";
import type { Batch } from "../../../core/traffic/batch/batch.ts";
import { BatchWriter } from "../../../core/traffic/batch/batch-writer.ts";
import { readRecords } from "../../../core/traffic/batch/reader.ts";
import { SessionRecorder } from "../../../core/traffic/recorder.ts";
import { cut, frame, scanAll } from "../../wire/frames.ts";
import { createRig, fault, HeldSeat, seatOf, textPayload, unchanged } from "../relay/pump-rig.ts";

/** What a sink was told, a line a frame or message. */
function createSink(keepBytes = 1_000): TrafficSink & { readonly lines: string[] } {
  const lines: string[] = [];
  return {
    lines,
    keepBytes,
    frames({ chunk, from, to, count }) {
      // Nothing is kept of the chunk: a sink that did would see it change.
      const { frames } = scanAll([Buffer.from(chunk.subarray(from, to))], { masked: false, allowRsv1: true });
      if (frames.length !== count) throw new Error(`${count} frames were announced, ${frames.length} came`);
      for (const { opcode, payload } of frames) lines.push(`${opcode} ${payload}`);
    },
    frame({ header, payload, isDropped }) {
      const cut = payload.length < header.length ? `…${header.length}` : "";
      lines.push(`${header.opcode} ${Buffer.from(payload)}${cut}${isDropped ? " dropped" : ""}`);
    },
    message(trace, result) {
      lines.push(describe(trace, result));
      return undefined;
    },
  };
}

function describe({ original, steps, origin }: FlowTrace, result: FlowResult): string {
  const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString();
  const parts = [
    `message ${text(original.bytes)} in ${origin.frames}`,
    ...steps.map(({ policy, action, detail }) => `${policy} ${action}${detail && ` (${detail})`}`),
    result.outcome,
    ...(result.after === undefined ? [] : [`after ${text(result.after.bytes)}`]),
    ...result.replies.map(({ bytes }) => `reply ${text(bytes)}`),
    ...result.appended.map(({ bytes }) => `append ${text(bytes)}`),
  ];
  return parts.join(", ");
}

const specs = fc.array(
  fc.record({
    opcode: fc.constantFrom(1, 2, 9, 10),
    payload: fc.string({ unit: "grapheme-ascii", maxLength: 40 }),
  }),
  { maxLength: 12 },
);

test("every frame is told once and in order, however the bytes come and however little of them is kept", (t) => {
  fc.assert(
    fc.property(specs, fc.array(fc.nat()), fc.nat(20), (frames, cuts, keepBytes) => {
      const sink = createSink(keepBytes);
      const rig = createRig({ sink });
      for (const chunk of cut(Buffer.concat(frames.map(frame)), cuts)) rig.pump.receive(Buffer.from(chunk));
      const expected = frames.map(({ opcode, payload }) => {
        const kept = payload.slice(0, keepBytes);
        return `${opcode} ${kept}${kept.length < payload.length ? `…${payload.length}` : ""}`;
      });
      t.deepEqual(sink.lines, expected);
    }),
  );
});

test("what does not go on is told as dropped", (t) => {
  const sink = createSink();
  const rig = createRig({ sink });
  rig.receive({ opcode: 1, payload: "a" });
  rig.pump.close({ code: 1001, reason: "" });
  rig.receive({ opcode: 1, payload: "b" }, { opcode: 8, payload: "" });
  t.deepEqual(sink.lines, ["1 a", "1 b dropped", "8 "]);
});

test("a message that policies read is told as one, with what each of them did", (t) => {
  const sink = createSink();
  const rig = createRig({ sink });
  const reply = [textPayload("no")];
  rig.chain = [
    seatOf((body) => ({
      kind: "message",
      body: textPayload(`${body}!`),
      drop: false,
      reply: [],
      append: [],
    })),
    seatOf((body) =>
      body === "two!" ? { kind: "message", drop: true, reply, append: [] } : { kind: "unchanged" },
    ),
  ];
  rig.receive(
    { opcode: 1, payload: "on", fin: false },
    { opcode: 9, payload: "ping" },
    { opcode: 0, payload: "e" },
    { opcode: 1, payload: "two" },
  );
  t.deepEqual(sink.lines.toSorted(), [
    "9 ping",
    "message one in 2, answers replaced, answers passed, replaced, after one!",
    "message two in 1, answers replaced, answers replied, dropped, reply no",
  ]);
});

test("a fault, a close, and what came behind it", (t) => {
  const sink = createSink();
  const rig = createRig({ sink, onError: "drop" });
  const seat = new HeldSeat();
  rig.chain = [seat];
  const append = [textPayload("bye")];
  const close = { code: 4001, reason: "out" };
  rig.receive({ opcode: 1, payload: "a" }, { opcode: 1, payload: "b" }, { opcode: 1, payload: "c" });
  seat.settle(fault, { kind: "message", drop: false, reply: [], append, close });
  seat.settle(unchanged);
  t.deepEqual(sink.lines, [
    "message a in 1, held failed (no), failed",
    "message b in 1, held closed (4001 out), closed, append bye",
    "message c in 1, dropped",
  ]);
});

test("who begins to want to know is told from the next frame on, and who wants it no longer nothing more", (t) => {
  const rig = createRig({});
  const late = createSink();
  const bytes = ["first", "second", "third"].map((payload) => frame({ opcode: 1, payload }));
  const [first, second, third] = bytes as [Buffer, Buffer, Buffer];
  rig.pump.receive(first.subarray(0, 5));
  rig.pump.tellTo(late);
  rig.pump.receive(Buffer.concat([first.subarray(5), second]));
  t.deepEqual(late.lines, ["1 second"]);
  rig.pump.tellTo(undefined);
  rig.pump.receive(third);
  t.deepEqual(late.lines, ["1 second"]);
});

test("what came with one read is recorded in its order, whatever becomes of it, and of what leaves how it was written", async (t) => {
  const batches: Batch[] = [];
  const taker = { take: (batch: Batch) => batches.push(batch) > 0, spare: () => undefined, suit() {} };
  const writer = new BatchWriter("w", "store", taker);
  const { client } = new SessionRecorder({ id: "w-1", route: "r" }, { writer, keepBytes: 60_000 });
  const rig = createRig({ sink: client, origin: "client" });
  rig.chain = [seatOf((body) => (body === "drop" ? dropped : unchanged))];
  // So long that it is unmasked where it lies, and masked again as it leaves; and two of them fill a batch.
  const long = ["first", "second", "third"].map((start) => start + "x".repeat(100_000));
  const payloads = [long[0]!, "drop", long[1]!, "drop", long[2]!];
  rig.receive(...payloads.map((payload) => ({ opcode: 1, payload, key: 0x0a0b0c0d })));
  t.is(batches.length, 0, "none is shipped that is not whole");
  await new Promise(setImmediate);
  writer.flush();
  t.is(batches.length, 3);
  const records = batches.flatMap((batch) => [...readRecords(batch, 1)]);
  t.deepEqual(
    records.map((record) => record.kind === "frame" && [record.sequence, record.outcome]),
    [
      [1, "passed"],
      [2, "dropped"],
      [3, "passed"],
      [4, "dropped"],
      [5, "passed"],
    ],
  );
  for (const [index, record] of records.entries()) {
    if (record.kind !== "frame") return t.fail();
    t.is(record.payload?.bytes.toString(), payloads[index]!.slice(0, 60_000));
    if (record.outcome === "passed") t.true(Number(record.writeMs ?? -1) >= 0);
    else t.is(record.writeMs, null);
  }
});

const dropped = { kind: "message", drop: true, reply: [], append: [] } as const;
