import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import fc from "fast-check";
import { decodeInput, encodeInput, keepInput, readCorpus } from "./harness/corpus.ts";
import { fuzz } from "./harness/fuzz.ts";
import { createRunner } from "./harness/runner.ts";
import { defineTarget } from "./harness/target.ts";

const brittle = defineTarget<{ readonly bytes: Uint8Array; readonly text: string }>({
  name: "brittle",
  inputs: fc.record({ bytes: fc.uint8Array(), text: fc.string() }),
  check({ bytes }) {
    if (bytes.includes(7)) throw new RangeError("seven");
    return "fine";
  },
});

test("an input that fails is found, made small, and tried first ever after", async (t) => {
  const dir = mkdtempSync(join(tmpdir(), "framegate-corpus-"));
  t.teardown(() => rmSync(dir, { recursive: true }));
  const { crash } = await fuzz(brittle, { seed: 1, runs: 10_000 });
  t.is(crash?.input, '{"bytes":{"$hex":"07"},"text":""}');
  t.regex(crash?.error ?? "", /RangeError: seven/);
  keepInput("brittle", crash?.input ?? "", dir);
  t.deepEqual(readCorpus("brittle", dir), [{ bytes: Buffer.of(7), text: "" }]);
});

test("what is kept is what failed, bytes and halves of characters included", (t) => {
  const input = { bytes: Buffer.of(0, 255), list: [Uint8Array.of(1)], text: "\ud800\u0000é", none: null };
  t.deepEqual(decodeInput(encodeInput(input)), { ...input, list: [Buffer.of(1)] });
});

test("an input that hangs is told, and the next target is tried", async (t) => {
  const runner = createRunner(new URL("harness-targets.ts", import.meta.url).href, 1000);
  t.teardown(() => runner.close());
  const { crash } = await runner.run({ target: "endless", seed: 1, milliseconds: 60_000 });
  t.deepEqual(crash, { input: '"again and again"', error: "no end after 1000 ms" });
  const next = await runner.run({ target: "harmless", seed: 1, milliseconds: 50 });
  t.is(next.crash, undefined);
  t.true(next.runs > 0 && (next.kinds.more ?? 0) > 0);
});
