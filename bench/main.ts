/**
 * The gateway beside others, in one run: CPU time of all its processes for each message and upgrade, memory, latency.
 * Rounds in turn, medians. What counts is the ratio between rows: the microseconds move with the machine. bench/README.md
 * says how it is made.
 */
import { writeFile } from "node:fs/promises";
import { allPeers } from "./peers/all.ts";
import { renderChart } from "./rig/chart.ts";
import { type BenchCommand, chooseColumns, chooseRows, HELP, parseCommand } from "./rig/command.ts";
import { renderComparison } from "./rig/comparison.ts";
import { renderGoals } from "./rig/goal-table.ts";
import { goals } from "./rig/goals.ts";
import { describeMachine, loadAverage } from "./rig/machine.ts";
import { writeSection } from "./rig/page.ts";
import type { Results } from "./rig/results.ts";
import { runRounds } from "./rig/run.ts";
import { renderSummary } from "./rig/summary.ts";
import { renderTables } from "./rig/tables.ts";
import { checkOut, thisTree, withNode } from "./rig/tree.ts";

const CHARTED = ["64x50x32", "64x50x1", "1Kx50x32", "64Kx50x1", "upgrades"];
/** More than this, and something else uses the machine. */
const QUIET = 0.3;

try {
  const command = parseCommand(process.argv.slice(2));
  if (command.isHelp) process.stdout.write(HELP);
  else if (command.isList) await list(command);
  else await measure(command);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}

async function list(command: BenchCommand): Promise<void> {
  const tree = await thisTree(false);
  const mark = (isUsual: boolean) => (isUsual ? "*" : " ");
  const rows = allPeers([tree]).map((peer) => `${mark(peer.isUsual)} ${peer.id.padEnd(14)} ${peer.title}`);
  const columns = chooseColumns({ ...command, isFull: true }).map(
    ({ id, title, group, isUsual }) => `${mark(isUsual)} ${id.padEnd(14)} ${group.title}: ${title}`,
  );
  process.stdout.write(`rows (*: without --full)\n${rows.join("\n")}\n\ncolumns\n${columns.join("\n")}\n`);
}

async function measure(command: BenchCommand): Promise<void> {
  const machine = describeMachine();
  if (loadAverage() > QUIET)
    process.stderr.write("bench: the machine is busy: only ratios between rows say anything\n");
  const columns = chooseColumns(command);
  // What there is no such row of is said before anything is built.
  chooseRows(command, allPeers([await thisTree(false)]));
  const interrupted = new AbortController();
  process.on("SIGTERM", () => interrupted.abort());
  process.once("SIGINT", () => interrupted.abort()); // the second Ctrl-C ends it at once
  const other = command.compare === undefined ? undefined : await checkOut(command.compare);
  try {
    const own = await thisTree(!command.isSource);
    const beside = command.node === undefined ? other?.tree : await withNode(own, command.node);
    const trees = beside === undefined ? [own] : [own, beside];
    const peers = chooseRows(command, allPeers(trees));
    const results = await runRounds({
      peers,
      columns,
      rounds: command.rounds,
      restSeconds: command.extent.restSeconds,
      signal: interrupted.signal,
      progress: (line) => process.stderr.write(`${line}\n`),
    });
    const { aborted } = interrupted.signal;
    await tell({ ...command, isWritten: command.isWritten && !aborted }, results, machine, beside?.suffix);
    if (aborted) throw new Error("interrupted: this is what there was");
  } finally {
    await other?.remove();
  }
}

async function tell(
  command: BenchCommand,
  results: Results,
  machine: string,
  suffix: string | undefined,
): Promise<void> {
  const { rounds, extent } = command;
  const head = `${machine}. Medians of ${rounds} rounds of ${extent.seconds} s; ±: half of the way from the smallest to the largest.`;
  const sections = [head, renderTables(results)];
  if (suffix !== undefined) sections.push(renderComparison(results, suffix));
  sections.push(`### Goals\n\n${renderGoals(goals, results)}`);
  const text = sections.join("\n\n");
  process.stdout.write(`${text}\n`);
  const charted = results.columns.filter(({ id }) => CHARTED.includes(id));
  if (command.isWritten) {
    const pictures = { "docs/performance.svg": renderChart(results, charted) };
    await writeSection(
      "docs/performance.md",
      "measured",
      `${text}\n\n![CPU time beside others](performance.svg)`,
      pictures,
    );
    await writeSection("README.md", "measured", renderSummary(results));
  }
  if (command.json !== undefined) await writeFile(command.json, toJson(results, machine));
}

function toJson({ rows }: Results, machine: string): string {
  const measured = rows.map(({ peer, missing, cells }) => ({
    row: peer.id,
    missing,
    cells: Object.fromEntries(cells),
  }));
  return `${JSON.stringify({ machine, rows: measured }, undefined, 1)}\n`;
}
