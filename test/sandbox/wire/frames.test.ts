import test from "ava";
import fc from "fast-check";
import { createFrameReader, FRAME_KIND, FrameWriter, readControl } from "../../../sandbox/wire/frames.ts";
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

test("a frame that is too long to be one is refused", (t) => {
  const header = Buffer.from([0, 0, 0, 0x7f, FRAME_KIND.calls]);
  t.throws(() => createFrameReader(() => {})(header), { message: /cannot be right/ });
});
