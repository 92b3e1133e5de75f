import { setTimeout as delay } from "node:timers/promises";
import type { Column } from "../columns/column.ts";
import { startScript } from "../lib/processes.ts";
import type { Peer, Upstream } from "../peers/peer.ts";
import type { Cell, Results } from "./results.ts";

export interface RunOptions {
  readonly peers: readonly Peer[];
  readonly columns: readonly Column[];
  readonly rounds: number;
  /** What has just started has things to do that no message is to pay for: it is left alone for so long. */
  readonly restSeconds: number;
  /** Ends it with what there is, once what is being measured is. */
  readonly signal?: AbortSignal;
  /** A line for who waits. */
  progress(line: string): void;
}

/**
 * Measures every row once, then every row again: what the machine does meanwhile meets all of them. What cannot be
 * measured is a cell that says why, and the others go on.
 */
export async function runRounds(options: RunOptions): Promise<Results> {
  const { peers, columns, rounds, signal, progress } = options;
  const rows = peers.map((peer) => ({ peer, missing: peer.missing(), cells: new Map<string, Cell>() }));
  const echo = await startScript("echo-server.ts", []);
  try {
    for (let round = 1; round <= rounds; round++) {
      for (const { peer, missing, cells } of rows) {
        if (missing !== undefined || signal?.aborted) continue;
        progress(`round ${round} of ${rounds}: ${peer.title}`);
        for (const group of groupByProcess(columns.filter((column) => isFor(column, peer)))) {
          for (const [column, cell] of await measureInOneProcess(peer, group, echo, options)) {
            cells.set(column.id, addRound(cells.get(column.id), cell));
            if ("failure" in cell) progress(`${peer.title}, ${column.title}: ${cell.failure}`);
          }
        }
      }
    }
  } finally {
    await echo.stop();
  }
  return { columns, rows };
}

function isFor(column: Column, peer: Peer): boolean {
  return peer.only === undefined ? column.suits(peer) : peer.only.includes(column.id);
}

/** Those of the process that all have, the first ones first, and each that wants its own. */
function groupByProcess(columns: readonly Column[]): readonly (readonly Column[])[] {
  const of = (process: Column["process"]) => columns.filter((column) => column.process === process);
  const shared = [...of("first"), ...of("shared")];
  return [...(shared.length > 0 ? [shared] : []), ...of("own").map((column) => [column])];
}

async function measureInOneProcess(
  peer: Peer,
  columns: readonly Column[],
  upstream: Upstream,
  { restSeconds, signal }: RunOptions,
): Promise<ReadonlyMap<Column, Cell>> {
  const cells = new Map<Column, Cell>();
  if (signal?.aborted) return cells;
  try {
    const running = await peer.start(upstream);
    try {
      await delay(restSeconds * 1000);
      for (const column of columns) {
        if (signal?.aborted) break;
        cells.set(column, await column.measure(running, peer).then(toCell, toFailure));
      }
    } finally {
      await running.stop();
    }
  } catch (error) {
    for (const column of columns) cells.set(column, toFailure(error));
  }
  return cells;
}

const toCell = (figures: Readonly<Record<string, number>>): Cell => ({ rounds: [figures] });
const toFailure = (error: unknown): Cell => ({
  failure: error instanceof Error ? error.message.replace(/\s+/g, " ") : String(error),
});

/** One failure is one too many: what is left would be a figure of better rounds. */
function addRound(before: Cell | undefined, now: Cell): Cell {
  if (before === undefined || "failure" in now) return now;
  return "failure" in before ? before : { rounds: [...before.rounds, ...now.rounds] };
}
