import test from "ava";
import fc from "fast-check";
import { MessageInflater } from "../../core/wire/message-inflater.ts";
import { createContextCompressor, deflateAlone, inflateAlone } from "../support/peers/compressor.ts";

const MOST = 1_000_000;
const create = (noContextTakeover: boolean, windowBits = 15) =>
  new MessageInflater({ noContextTakeover, windowBits }, MOST, 0);

const texts = fc.array(
  fc.oneof(fc.string(), fc.constantFrom("", '{"type":"ping","id":1}', "z".repeat(50_000))),
);

for (const noContextTakeover of [true, false]) {
  test(`messages with context are read by one who agreed on ${noContextTakeover ? "none" : "it"}, and those that stand alone are known`, async (t) => {
    await fc.assert(
      fc.asyncProperty(texts, fc.integer({ min: 9, max: 15 }), async (messages, windowBits) => {
        const compress = createContextCompressor(windowBits);
        const inflater = create(noContextTakeover, windowBits);
        for (const message of messages) {
          const compressed = await compress(message);
          const inflated = inflater.inflate(compressed);
          if ("fault" in inflated) return t.fail(inflated.fault.reason);
          t.is(String(inflated.bytes), message);
          if (inflated.standsAlone) t.is(String(inflateAlone(compressed)), message);
        }
      }),
      { numRuns: 50 },
    );
  });
}

test("a sender turns out to use its context with the first message that refers to another", async (t) => {
  const compress = createContextCompressor();
  const inflater = create(true);
  const first = inflater.inflate(await compress("a message like the next"));
  t.like(first, { standsAlone: true });
  t.false(inflater.isDependent);
  t.like(inflater.inflate(await compress("a message like the next")), { standsAlone: false });
  t.true(inflater.isDependent);
});

test("a sender whose messages have stood alone for long is believed, and nothing is kept for it any more", async (t) => {
  const inflater = create(true);
  const message = "x".repeat(300);
  for (let i = 0; i < 17; i++) inflater.inflate(deflateAlone(message + i));
  const compress = createContextCompressor();
  inflater.inflate(await compress(message));
  t.like(inflater.inflate(await compress(message)), { fault: { code: 1007 } });
});

test("few messages, or little ones, prove nothing", async (t) => {
  const message = "a message like the next";
  for (const [count, size] of [
    [15, 1000],
    [40, 100],
  ] as const) {
    const inflater = create(true);
    for (let i = 0; i < count; i++) inflater.inflate(deflateAlone("y".repeat(size)));
    const compress = createContextCompressor();
    inflater.inflate(await compress(message));
    t.is(String((inflater.inflate(await compress(message)) as { bytes: Buffer }).bytes), message);
  }
});

test("behind a message that passed unread nothing is read that refers to it", async (t) => {
  const compress = createContextCompressor();
  const inflater = create(true);
  inflater.inflate(await compress("a message like the next"));
  inflater.skip();
  t.like(inflater.inflate(await compress("a message like the next")), { fault: { code: 1007 } });
  t.like(inflater.inflate(deflateAlone("alone")), { standsAlone: true });
});

test("limits hold with a window as without", async (t) => {
  const compress = createContextCompressor();
  const inflater = new MessageInflater({ noContextTakeover: false, windowBits: 15 }, 1000, 0);
  t.like(inflater.inflate(await compress("z".repeat(1000))), { bytes: Buffer.from("z".repeat(1000)) });
  t.like(inflater.inflate(await compress("z".repeat(1001))), { fault: { code: 1009 } });
});
