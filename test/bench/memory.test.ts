import test from "ava";
import fc from "fast-check";
import type { Course } from "../../bench/memory/course.ts";
import { renderGraph } from "../../bench/memory/graph.ts";
import { isFlat, linesOf, renderCourses } from "../../bench/memory/table.ts";
import { type Point, readMemoryTrend } from "../../bench/memory/trend.ts";

const line = (mibAt: (at: number) => number): Point[] =>
  Array.from({ length: 100 }, (_, at) => ({ at, mib: mibAt(at) }));

test("what rises at the start only is flat, and so is a saw", (t) => {
  t.true(readMemoryTrend(line((at) => 100 + Math.min(at, 20) * 5))?.isFlat);
  t.true(readMemoryTrend(line((at) => 100 + (at % 10) * 10))?.isFlat);
  t.true(readMemoryTrend(line((at) => (at % 17 === 0 ? 900 : 100)))?.isFlat);
  t.true(readMemoryTrend(line((at) => 200 - at))?.isFlat);
});

test("what goes on rising is not flat, also beneath a saw", (t) => {
  const trend = readMemoryTrend(line((at) => 100 + at / 2 + (at % 10) * 3));
  t.false(trend?.isFlat);
  // Over the last three quarters.
  t.true(Math.abs((trend?.growth ?? 0) - 37) < 3, `${trend?.growth}`);
});

test("property: growth is that of the slope, and a fall is none", (t) => {
  fc.assert(
    fc.property(fc.integer({ min: -50, max: 50 }), fc.integer({ min: 100, max: 400 }), (rise, level) => {
      const trend = readMemoryTrend(line((at) => level + (rise * at) / 100));
      t.true(Math.abs((trend?.growth ?? Number.NaN) - rise * 0.74) < 0.01);
      t.is(trend?.isFlat, rise * 0.74 <= Math.max(8, (trend?.first ?? 0) * 0.05));
    }),
    { numRuns: 30 },
  );
});

test("too few samples say nothing", (t) => {
  t.is(readMemoryTrend([]), undefined);
  t.is(readMemoryTrend([{ at: 1, mib: 1 }]), undefined);
  t.is(readMemoryTrend([1, 1, 1].map((at) => ({ at, mib: 1 }))), undefined);
});

const course: Course = {
  title: "Messages <of> 64 KiB",
  unit: "minutes",
  passed: "9 messages",
  samples: Array.from({ length: 400 }, (_, i) => ({
    at: i / 40,
    // esbuild ends when it has nothing to do.
    mib: { supervisor: 50, worker: 100 + i, host: 80, ...(i < 50 && { esbuild: 20 }) },
  })),
  failure: undefined,
};

test("a line is there for each kind of process that is there at the end, and one for all", (t) => {
  const lines = linesOf(course);
  t.deepEqual(
    lines.map(({ name }) => name),
    ["supervisor", "worker", "sandbox hosts", "all of them"],
  );
  t.is(lines.at(-1)?.points[0]?.mib, 250);
  t.is(lines.at(-1)?.points[60]?.mib, 290);
});

test("a table says which lines rise", (t) => {
  const text = renderCourses([course]);
  t.true(text.includes("Messages <of> 64 KiB: 9 messages."), text);
  t.true(text.includes("| supervisor | 50 | 50 | 50 | 0.0 | flat |"), text);
  t.regex(text, /\| worker \| 2\d\d \| 48\d \| 499 \| \+299\.0 \| \*\*rises\*\* \|/);
  t.false(isFlat(course));
  t.true(isFlat({ ...course, samples: course.samples.map(({ at }) => ({ at, mib: { worker: 9 } })) }));
  t.true(renderCourses([{ ...course, samples: [] }]).includes("too few samples"));
});

test("a course that did not come to its end is not flat, and says why", (t) => {
  const samples = course.samples.map(({ at }) => ({ at, mib: { worker: 9 } }));
  const ended = { ...course, samples, failure: "closed by the other side with 1011" };
  t.false(isFlat(ended));
  t.true(
    renderCourses([ended]).includes(
      "9 messages. **Ended before its time: closed by the other side with 1011.**",
    ),
  );
});

test("a graph has a panel a course and a line a kind of process, within its frame", (t) => {
  const svg = renderGraph([course, course]);
  t.is(svg.match(/<polyline/g)?.length, 8);
  t.regex(svg, /<title>.+<\/title>/);
  t.true(svg.includes("Messages &lt;of> 64 KiB"));
  t.true(svg.includes("prefers-color-scheme: dark"));
  const [, width, height] = /viewBox="0 0 (\d+) (\d+)"/.exec(svg)?.map(Number) ?? [];
  for (const [, points] of svg.matchAll(/points="([^"]+)"/g))
    for (const [x, y] of (points ?? "").split(" ").map((point) => point.split(",").map(Number)))
      t.true(x! >= 0 && x! <= width! && y! >= 0 && y! <= height!, `${x}, ${y}`);
});
