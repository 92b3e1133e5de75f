import test from "ava";
import fc from "fast-check";
import {
  createFrameReader,
  FRAME_KIND,
  type FrameLimit,
  FrameWriter,
  readControl,
} from "../../../sandbox/wire/frames.ts";
import { hostFrameLimit } from "../../../sandbox/wire/host-limits.ts";
import { HostNonsense } from "../../../sandbox/wire/nonsense.ts";
import { sent, splitAt } from "./sent.ts";

const frame = fc.record({
  kind: fc.constantFrom(...Object.values(FRAME_KIND)),
  body: fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes).toString("hex")),
});

test("frames come out as they went in, however the stream is cut", (t) => {
  fc.assert(
    fc.property(fc.array(frame), fc.array(fc.nat(2000)), (frames, cuts) => {
      const out = new FrameWriter();
      for (const { kind, body } of frames) {
        const start = out.open(body.length + 10);
        out.seal(kind, start + out.bytes.write(body, start, "hex"));
      }
      const read: unknown[] = [];
      const onChunk = createFrameReader((kind, bytes, start, end) => {
        read.push({ kind, body: bytes.toString("hex", start, end) });
      });
      for (const chunk of splitAt(sent(out), cuts)) onChunk(chunk);
      t.deepEqual(read, frames);
    }),
  );
});

test("control messages come out as they went in", (t) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ text: fc.string({ unit: "binary" }) }), { maxLength: 5 }),
      (messages) => {
        const out = new FrameWriter();
        for (const message of messages) out.control(message);
        const read: unknown[] = [];
        createFrameReader((kind, bytes, start, end) => {
          t.is(kind, FRAME_KIND.control);
          read.push(readControl(bytes, start, end));
        })(sent(out));
        t.deepEqual(
          read,
          messages.map((message) => JSON.parse(JSON.stringify(message))),
        );
      },
    ),
  );
});

test("a writer is empty after it was sent, also when it has grown", (t) => {
  const out = new FrameWriter();
  out.control({ text: "x".repeat(300_000) });
  t.true(sent(out).length > 300_000);
  t.is(sent(out).length, 0);
  out.control({});
  t.deepEqual([...sent(out)], [3, 0, 0, 0, FRAME_KIND.control, ...Buffer.from("{}")]);
});

const outletSteps = fc.array(fc.constantFrom("frame", "flush", "take", "drain"), { maxLength: 60 });

test("property: whatever a receiver takes when, it gets all frames in order, and nothing is written over before", (t) => {
  fc.assert(
    fc.property(outletSteps, fc.boolean(), (steps, tells) => {
      const out = new FrameWriter();
      const waiting: { frames: Buffer; taken: () => void }[] = [];
      const told: (() => void)[] = [];
      const got: Buffer[] = [];
      let sequence = 0;
      let isQuick = false;
      const outlet = {
        write(frames: Buffer, taken: () => void) {
          if (!isQuick) return waiting.push({ frames, taken });
          got.push(Buffer.from(frames));
          return told.push(taken);
        },
        get writableLength() {
          return tells ? waiting.length : undefined;
        },
      };
      const take = () => {
        const one = waiting.shift();
        if (one === undefined) return;
        got.push(Buffer.from(one.frames));
        one.taken();
      };
      for (const step of steps) {
        isQuick = tells && waiting.length === 0 && sequence % 3 === 0;
        if (step === "frame")
          out.control({ sequence: ++sequence, pad: "x".repeat((sequence * 7919) % 90_000) });
        else if (step === "flush") out.flush(outlet);
        else if (step === "take") take();
        else for (const taken of told.splice(0)) taken();
      }
      isQuick = false;
      out.flush(outlet);
      while (waiting.length > 0 || told.length > 0) {
        take();
        for (const taken of told.splice(0)) taken();
      }
      const read: number[] = [];
      createFrameReader((_, bytes, start, end) => {
        read.push(readControl<{ sequence: number }>(bytes, start, end).sequence);
      })(Buffer.concat(got));
      t.deepEqual(
        read,
        Array.from({ length: sequence }, (_, i) => i + 1),
      );
    }),
    { numRuns: 150 },
  );
});

const nonsense = { instanceOf: HostNonsense };

test("a frame that is too long to be one, of no kind, or without one, is refused before it has come", (t) => {
  const read = (length: number, kind: number, limit?: FrameLimit) => {
    const header = Buffer.alloc(5);
    header.writeUInt32LE(length, 0);
    header.writeUInt8(kind, 4);
    createFrameReader(() => {}, { maxLength: limit })(header);
  };
  t.throws(() => read(0x7f00_0000, FRAME_KIND.calls), nonsense);
  t.throws(() => read(0, FRAME_KIND.calls), nonsense);
  const limit = hostFrameLimit(1024 * 1024, false);
  const most: Record<number, number> = {
    [FRAME_KIND.results]: 24,
    [FRAME_KIND.asks]: 49,
    [FRAME_KIND.control]: 16,
  };
  for (const kind of [...Array(9).keys(), 255]) {
    const bytes = (most[kind] ?? 0) * 1024 * 1024;
    if (bytes > 0) t.notThrows(() => read(bytes, kind, limit));
    t.throws(() => read(bytes + 1, kind, limit), nonsense, String(kind));
  }
});

test("a frame that comes a byte at a time takes its own length and no more", (t) => {
  const size = 64 * 1024;
  const out = new FrameWriter();
  const at = out.open(size);
  out.seal(FRAME_KIND.results, at + size);
  const bytes = sent(out);
  let ends = 0;
  const read = createFrameReader((_, chunk, start, end) => {
    ends++;
    t.is(end - start, size);
    t.true(chunk.buffer.byteLength <= size + 5);
  });
  for (let i = 0; i < bytes.length; i++) read(bytes.subarray(i, i + 1));
  t.is(ends, 1);
});

test("whatever bytes come, frames lie inside of what came or are nonsense", (t) => {
  const limit = hostFrameLimit(1024, false);
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
      const read = createFrameReader(
        (kind, bytes, start, end) => {
          t.true(limit(kind) > 0 && start <= end && end <= bytes.length);
        },
        { maxLength: limit },
      );
      try {
        for (const chunk of chunks) read(Buffer.from(chunk));
      } catch (error) {
        t.true(error instanceof HostNonsense, String(error));
      }
    }),
  );
});

test("what has been taken stays as it is, whatever is written later", (t) => {
  const out = new FrameWriter();
  t.true(out.isEmpty);
  const texts = Array.from({ length: 40 }, (_, i) => String(i).repeat(2000));
  const taken = texts.map((text) => {
    out.control({ text });
    t.false(out.isEmpty);
    const frames = out.take();
    t.true(out.isEmpty);
    return frames;
  });
  t.is(out.take().length, 0);
  const got: unknown[] = [];
  const read = createFrameReader((_, bytes, start, end) => got.push(readControl(bytes, start, end)));
  for (const frames of taken) read(frames);
  t.deepEqual(
    got,
    texts.map((text) => ({ text })),
  );
});

test("of chunks that pass, all of a frame is kept, wherever they were cut", (t) => {
  fc.assert(
    fc.property(fc.array(fc.nat(60), { maxLength: 8 }), fc.integer({ min: 1, max: 90 }), (sizes, cut) => {
      const out = new FrameWriter();
      for (const [i, size] of sizes.entries()) out.control({ text: String(i).repeat(size) });
      const bytes = sent(out);
      const kept: Buffer[] = [];
      const read = createFrameReader((_, all, start, end) => kept.push(all.subarray(start, end)), {
        areChunksPassing: true,
      });
      const chunk = Buffer.alloc(cut);
      for (let at = 0; at < bytes.length; at += cut) read(chunk.subarray(0, bytes.copy(chunk, 0, at)));
      chunk.fill(0);
      t.deepEqual(
        kept.map((one) => readControl(one, 0, one.length)),
        sizes.map((size, i) => ({ text: String(i).repeat(size) })),
      );
    }),
  );
});
