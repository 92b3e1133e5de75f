import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import test from "ava";
import fc from "fast-check";
import { readMappings } from "../../sandbox/mappings.ts";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

function encode(value: number): string {
  let rest = value < 0 ? -value * 2 + 1 : value * 2;
  let text = "";
  do {
    const digit = rest % 32;
    rest = Math.floor(rest / 32);
    text += BASE64[rest > 0 ? digit + 32 : digit];
  } while (rest > 0);
  return text;
}

type Segment = readonly [column: number, ...rest: number[]];

/** What a bundler writes for these lines. */
function mappingsOf(lines: readonly (readonly Segment[])[]): string {
  const before = [0, 0, 0, 0, 0];
  return lines
    .map((line) => {
      before[0] = 0;
      const encodeField = (value: number, field: number) => {
        const text = encode(value - before[field]!);
        before[field] = value;
        return text;
      };
      return line.map((segment) => segment.map(encodeField).join("")).join(",");
    })
    .join(";");
}

const place = fc.tuple(fc.nat(2), fc.nat(70_000), fc.nat(300));
const segment = fc.oneof(
  fc.nat(400).map((column): Segment => [column]),
  fc.tuple(fc.nat(400), place).map(([column, rest]): Segment => [column, ...rest]),
  fc.tuple(fc.nat(400), place, fc.nat(3)).map(([column, rest, name]): Segment => [column, ...rest, name]),
);
const line = fc
  .uniqueArray(segment, { selector: ([column]) => column, maxLength: 12 })
  .map((segments) => segments.toSorted(([a], [b]) => a - b));
const longLine = fc
  .integer({ min: 200, max: 1200 })
  .map((count) => Array.from({ length: count }, (_, i): Segment => [i * 3, 1, i, i % 7]));

test("a place is found as a library finds it, in lines of all lengths", (t) => {
  const lines = fc.array(fc.oneof({ weight: 9, arbitrary: line }, longLine, fc.constant([])), {
    maxLength: 60,
  });
  fc.assert(
    fc.property(lines, fc.array(fc.tuple(fc.nat(61), fc.nat(4000)), { minLength: 1 }), (lines, wanted) => {
      const mappings = mappingsOf(lines);
      const map = new TraceMap({
        version: 3,
        sources: ["a", "b", "c"],
        names: ["n", "m", "o", "p"],
        mappings,
      });
      const ours = readMappings(mappings);
      for (const [line, column] of wanted) {
        const { source, line: original, column: at } = originalPositionFor(map, { line: line + 1, column });
        const expected =
          source === null
            ? undefined
            : { source: map.sources.indexOf(source), line: original - 1, column: at };
        t.deepEqual(ours.find(line, column), expected);
      }
    }),
    { numRuns: 60 },
  );
});

test("whatever a map holds, a search ends with a place or none", (t) => {
  const text = fc.oneof(
    fc.string({ unit: fc.constantFrom(";", ",", "A", "C", "g", "/", "+", "é", "\0") }),
    fc.string({ unit: "binary" }),
  );
  fc.assert(
    fc.property(text, fc.integer(), fc.integer(), (mappings, line, column) => {
      const found = readMappings(mappings).find(line, column);
      t.true(found === undefined || Number.isInteger(found.line));
    }),
  );
});

test("millions of empty lines, or of segments, are read without being unfolded", (t) => {
  for (const mappings of [";".repeat(4_000_000), "AAAA,".repeat(800_000), "g".repeat(4_000_000)]) {
    const before = process.memoryUsage().heapUsed;
    const read = readMappings(mappings);
    t.is(read.find(3_999_999, 0)?.source, undefined);
    t.true(process.memoryUsage().heapUsed - before < 32 * 1024 * 1024);
  }
});
