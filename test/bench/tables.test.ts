import { readFile } from "node:fs/promises";
import test from "ava";
import type { Column } from "../../bench/columns/column.ts";
import { renderChart } from "../../bench/rig/chart.ts";
import { renderComparison } from "../../bench/rig/comparison.ts";
import { measuredOf, renderGoals } from "../../bench/rig/goal-table.ts";
import { replaceSection } from "../../bench/rig/page.ts";
import type { Cell, ResultRow, Results } from "../../bench/rig/results.ts";
import { median, spread } from "../../bench/rig/statistics.ts";
import { renderSummary } from "../../bench/rig/summary.ts";
import { formatFigure, renderTables } from "../../bench/rig/tables.ts";
import { fakePeer } from "./fake-peer.ts";

const cpuColumn: Column = {
  id: "messages",
  title: "64×50×32",
  group: {
    title: "Messages",
    figures: [
      { key: "cpu", title: "CPU µs" },
      { key: "p50", title: "latency" },
    ],
  },
  isUsual: true,
  process: "shared",
  suits: () => true,
  measure: async () => ({}),
};
const row = (id: string, cell: Cell | undefined, missing?: string): ResultRow => ({
  peer: fakePeer(id),
  missing,
  cells: new Map(cell === undefined ? [] : [["messages", cell]]),
});
const rounds = (...cpu: number[]): Cell => ({ rounds: cpu.map((value) => ({ cpu: value, p50: 100 })) });
const results: Results = {
  columns: [cpuColumn],
  rows: [
    row("nginx", rounds(1, 2, 3)),
    row("gateway", rounds(2, 8, 6)),
    row("gateway@old", rounds(4, 8, 24)),
    row("new", rounds(1, 2, 3)),
    row("new@old", { failure: "ended with 2" }),
    row("broken", { failure: "ended with 1" }),
    row("absent", undefined, "apt-get install absent"),
  ],
};
const place = (id: string) => ({ row: id, column: "messages", figure: "cpu" });

test("a median is of the middle, a spread of the ends", (t) => {
  t.is(median([9, 1, 5]), 5);
  t.is(median([1, 2, 3, 9]), 2.5);
  t.true(Number.isNaN(median([])));
  t.is(spread([8, 10, 12]), 0.2);
});

test("figures have three digits, or those before the point", (t) => {
  t.deepEqual([0.614, 12.345, 1234.5, Number.NaN].map(formatFigure), ["0.61", "12.3", "1,235", "–"]);
});

test("a table has medians with their spread, what failed and why, and how to get what is not there", (t) => {
  const text = renderTables(results);
  t.true(text.includes("Each cell: CPU µs (latency)."), text);
  t.true(text.includes("| the nginx | 2.00 ±50 % (100) |"), text);
  t.true(text.includes("| the broken | failed |"), text);
  t.true(text.includes("- the broken: ended with 1"), text);
  t.true(text.includes("- the absent: not installed: `apt-get install absent`"), text);
  t.false(text.includes("| the absent"), text);
});

test("a goal compares round by round, and says when one side was not measured", (t) => {
  const goal = { what: "gateway : nginx", atMost: 2, of: place("gateway"), over: place("nginx") };
  t.is(measuredOf(goal, results), 2);
  t.is(measuredOf({ what: "", atMost: 1, of: place("gateway"), minus: place("nginx") }, results), 3);
  const table = renderGoals(
    [
      goal,
      { ...goal, what: "gateway : nginx, better", atMost: 1.5 },
      { ...goal, what: "gateway : broken", over: place("broken") },
      { what: "gateway", atMost: 9, unit: "MiB", of: place("gateway") },
    ],
    results,
  );
  t.deepEqual(table.split("\n").slice(2), [
    "| gateway : nginx | 2.00 | ≤ 2.00 | reached |",
    "| gateway : nginx, better | 2.00 | ≤ 1.50 | **missed** |",
    "| gateway | 6.00 MiB | ≤ 9.00 MiB | reached |",
    "",
    "1 of 4 were not measured.",
  ]);
});

test("a comparison is of the rows that both trees have", (t) => {
  const text = renderComparison(results, "@old");
  t.true(text.includes("This tree : old"), text);
  t.true(text.includes("| the gateway | 0.50 ±"), text);
  t.true(text.includes("| the new | – |"), text);
  t.false(text.includes("nginx"), text);
});

test("a chart has a bar for each row that was measured", (t) => {
  const svg = renderChart(results, [cpuColumn]);
  t.is(svg.match(/<rect/g)?.length, 4);
  t.regex(svg, /<title>.+<\/title>/);
  t.true(svg.includes("the nginx</text>"));
});

test("what was measured takes the place of what was there", (t) => {
  const section = { path: "README.md", name: "measured", text: "new" };
  const page = "a\n<!-- measured: begin -->\nold\n<!-- measured: end -->\nb\n";
  t.is(replaceSection(page, section), "a\n<!-- measured: begin -->\n\nnew\n\n<!-- measured: end -->\nb\n");
  for (const text of [
    "no place",
    "<!-- measured: begin --> and no end",
    "<!-- other: begin --><!-- other: end -->",
  ])
    t.throws(() => replaceSection(text, section), { message: /README\.md has no/ });
});

test("the pages have the places that what was measured is written to", async (t) => {
  const places = [
    ["docs/performance.md", "measured"],
    ["docs/reliability.md", "memory"],
    ["README.md", "measured"],
  ] as const;
  for (const [path, name] of places) {
    const page = await readFile(new URL(`../../${path}`, import.meta.url), "utf8");
    t.notThrows(() => replaceSection(page, { path, name, text: "" }));
  }
});

test("the table of README.md has the rows that were measured, without their spread", (t) => {
  const id = "64x50x32";
  const named = (peer: string, cell?: Cell): ResultRow => ({
    ...row(peer, undefined),
    cells: new Map(cell === undefined ? [] : [[id, cell]]),
  });
  const text = renderSummary({
    columns: [{ ...cpuColumn, id }, cpuColumn],
    rows: [
      named("looks", rounds(2, 4, 9)),
      named("nginx", rounds(1, 1, 1)),
      named("bun"),
      named("relay", rounds(1)),
    ],
  });
  t.is(text, "| CPU µs a message | 64×50×32 |\n| --- | --- |\n| the nginx | 1.00 |\n| the looks | 4.00 |");
});
