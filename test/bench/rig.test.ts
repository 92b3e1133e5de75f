import test, { type ExecutionContext } from "ava";
import { allColumns } from "../../bench/columns/all.ts";
import { allPeers } from "../../bench/peers/all.ts";
import type { Cell, Results } from "../../bench/rig/results.ts";
import { runRounds } from "../../bench/rig/run.ts";
import { thisTree } from "../../bench/rig/tree.ts";
import { fakePeer } from "./fake-peer.ts";

/** Too short to say anything, long enough for a message to come back. */
const EXTENT = {
  seconds: 0.2,
  warmSeconds: 0.1,
  restSeconds: 0.1,
  idleConnections: 8,
  firstUpgrades: 4,
  warmUpgrades: 8,
  warmMessages: 8,
  warmLone: 4,
};
const TIMEOUT_MS = 110_000;

test.serial("the rig measures a relay in all kinds of columns", async (t) => {
  t.timeout(TIMEOUT_MS);
  const columns = [
    "64x50x1",
    "1Kx50x32b",
    "64x50x32s",
    "5000/s",
    "half-load",
    "upgrades",
    "rest",
    "idle",
    "ready",
  ];
  assertMeasured(t, await run("ws", columns), "ws", columns);
});

test.serial("the rig measures the gateway while its policy is saved under load", async (t) => {
  t.timeout(TIMEOUT_MS);
  assertMeasured(t, await run("rewrites", ["reload"]), "rewrites", ["reload"]);
});

test.serial("the rig sees when a saved policy is live", async (t) => {
  t.timeout(TIMEOUT_MS);
  assertMeasured(t, await run("ten", ["live"]), "ten", ["live"]);
});

test.serial(
  "what is not installed is a row that says how to get it, what does not start a cell that says why",
  async (t) => {
    const peers = [fakePeer("broken"), fakePeer("absent", { missing: () => "get it" })];
    const columns = allColumns(EXTENT).filter(({ id }) => id === "rest");
    const results = await runRounds({ peers, columns, rounds: 2, restSeconds: 0.1, progress() {} });
    t.deepEqual(cellOf(results, "broken", "rest"), { failure: "broken does not start" });
    t.is(cellOf(results, "absent", "rest"), undefined);
    t.deepEqual(
      results.rows.map(({ missing }) => missing),
      [undefined, "get it"],
    );
  },
);

async function run(row: string, columns: readonly string[]): Promise<Results> {
  const peers = allPeers([await thisTree(false)]).filter(({ id }) => id === row);
  const chosen = allColumns(EXTENT).filter(({ id }) => columns.includes(id));
  return runRounds({ peers, columns: chosen, rounds: 1, restSeconds: 0.1, progress() {} });
}

function assertMeasured(
  t: ExecutionContext,
  results: Results,
  row: string,
  columns: readonly string[],
): void {
  t.deepEqual(results.columns.map(({ id }) => id).toSorted(), columns.toSorted());
  for (const { id, group } of results.columns) {
    const cell = cellOf(results, row, id);
    if (cell === undefined || "failure" in cell) {
      t.fail(`${row}, ${id}: ${cell?.failure}`);
      continue;
    }
    for (const { key } of group.figures) t.true(Number.isFinite(cell.rounds[0]?.[key]), `${id}: ${key}`);
  }
}

function cellOf({ rows }: Results, row: string, column: string): Cell | undefined {
  return rows.find(({ peer }) => peer.id === row)?.cells.get(column);
}
