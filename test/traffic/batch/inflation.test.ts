import { deflateRawSync } from "node:zlib";
import test from "ava";
import { createInflation } from "../../../core/traffic/batch/inflation.ts";

test("the messages of one batch inflate to 1 MiB and no more", (t) => {
  const kept = deflateRawSync(Buffer.alloc(200 * 1024, "a"));
  const inflate = createInflation();
  let shown = 0;
  for (let i = 0; i < 100; i++) {
    const frame = { fin: true, rsv1: true, opcode: 1, kept, length: kept.length };
    shown += inflate(frame, "text").bytes.length;
  }
  t.true(shown > 0);
  t.true(shown <= 1024 * 1024, String(shown));
});
