import test from "ava";
import { parseDuration, parseSize } from "../../core/config/amounts.ts";

test("durations", (t) => {
  const texts = ["250ms", "15s", "5m", "1h", "2d", "1.5s", "10 s"];
  t.deepEqual(texts.map(parseDuration), [250, 15_000, 300_000, 3_600_000, 172_800_000, 1_500, 10_000]);
});

test("what is no duration", (t) => {
  for (const text of ["", "15", "s", "-1s", "1w", "1s ", "1S", "1e3s", "1s2ms"])
    t.is(parseDuration(text), undefined, text);
});

test("sizes", (t) => {
  t.deepEqual(
    ["10B", "64KiB", "1MiB", "2GiB", "0.5KiB"].map(parseSize),
    [10, 65_536, 1_048_576, 2_147_483_648, 512],
  );
});

test("what is no size", (t) => {
  for (const text of ["", "10", "1KB", "1mib", "-1MiB", "1 TiB"]) t.is(parseSize(text), undefined, text);
});
