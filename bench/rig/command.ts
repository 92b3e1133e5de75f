import { parseArgs } from "node:util";
import { allColumns } from "../columns/all.ts";
import type { Column, Extent } from "../columns/column.ts";
import { parseMessageColumn } from "../columns/messages.ts";
import type { Peer } from "../peers/peer.ts";
import { placesOf, rowsFor } from "./goal-places.ts";
import { goals } from "./goals.ts";
import type { Place } from "./results.ts";
import { summaryPlaces } from "./summary.ts";

export interface BenchCommand {
  readonly extent: Extent;
  readonly rounds: number;
  readonly isFull: boolean;
  readonly isGoals: boolean;
  readonly isHelp: boolean;
  readonly isList: boolean;
  readonly isSource: boolean;
  readonly isWritten: boolean;
  readonly json: string | undefined;
  readonly compare: string | undefined;
  /** Path of another Node. */
  readonly node: string | undefined;
  /** Ids; undefined: the usual ones. */
  readonly rows: readonly string[] | undefined;
  readonly columns: readonly string[] | undefined;
}

/** Until V8 has compiled what a message passes: after one second most of it, which is what there is time for in a short run. */
const WARM_SECONDS = { short: 1, long: 3 };

export const HELP = `usage: npm run bench -- [options]
Measures the gateway beside others: CPU time of all its processes, memory, latency. Linux.
  --rounds N        each row so many times, in turn (default: 3; with --full or --goals 5)
  --seconds N       each measurement for so long (default: 0.7; with --full or --goals 2)
  --warm N          each has its load for so long before (default: 1; with --full or --goals 3)
  --full            all rows and columns: about two hours
  --goals           what the goals and the table of the README are about, and no more: about half an hour
  --rows A,B        only these rows (--list has them)
  --columns A,B     only these columns; any of the matrix: 1Kx50x32 is 1 KiB on 50 connections, 32 in flight on each,
                    1Kx50x32b the same in binary messages, 1Kx50x32s where only the server sends
  --list            the rows and columns there are
  --compare REV     beside the same rows of another revision: a worktree of its own, npm ci, and the build
  --node PATH       beside the same rows run by another Node
  --source          the source as it stands, not built first: starts and memory are those of Node's type stripping
  --write           puts the results into docs/performance.md and README.md: of a quiet machine only
  --json FILE       writes what each round has found
  --help
Other programs come with: npm ci --ignore-scripts --prefix bench, and apt-get install nginx-light haproxy gcc
`;

/** Throws what is wrong with them. */
export function parseCommand(args: readonly string[]): BenchCommand {
  const { values } = parseArgs({
    args: [...args],
    options: {
      rounds: { type: "string" },
      seconds: { type: "string" },
      warm: { type: "string" },
      full: { type: "boolean", default: false },
      goals: { type: "boolean", default: false },
      rows: { type: "string" },
      columns: { type: "string" },
      list: { type: "boolean", default: false },
      compare: { type: "string" },
      node: { type: "string" },
      source: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { full, goals: isGoals } = values;
  if (values.compare !== undefined && values.node !== undefined)
    throw new Error("--compare and --node are each about one difference: leave out one of them");
  const isLong = full || isGoals;
  const warm = isLong ? WARM_SECONDS.long : WARM_SECONDS.short;
  return {
    extent: {
      seconds: positive("--seconds", values.seconds ?? (isLong ? "2" : "0.7")),
      warmSeconds: positive("--warm", values.warm ?? String(warm)),
      restSeconds: isLong ? 3 : 1.5,
      idleConnections: 10_000,
      firstUpgrades: 2_000,
      warmUpgrades: 20_000,
      warmMessages: 50_000,
      warmLone: 20_000,
    },
    rounds: Math.round(positive("--rounds", values.rounds ?? (isLong ? "5" : "3"))),
    isFull: full,
    isGoals,
    isHelp: values.help,
    isList: values.list,
    isSource: values.source,
    isWritten: values.write,
    json: values.json,
    compare: values.compare,
    node: values.node,
    rows: values.rows?.split(","),
    columns: values.columns?.split(","),
  };
}

/** Throws the name of a row that is not there. With `--compare` or `--node`, a row is one of both. */
export function chooseRows(command: BenchCommand, peers: readonly Peer[]): readonly Peer[] {
  const { rows, isFull, isGoals } = command;
  if (isGoals) return rowsFor(goalPlaces(), peers);
  const nameOf = ({ id }: Peer) => id.split("@")[0] ?? id;
  if (rows === undefined) return peers.filter(({ isUsual }) => isFull || isUsual);
  const unknown = rows.find((row) => !peers.some((peer) => nameOf(peer) === row));
  if (unknown !== undefined) throw new Error(`--rows: there is no ${unknown}; --list has those there are`);
  return peers.filter((peer) => rows.includes(nameOf(peer)));
}

export function chooseColumns({ columns, isFull, isGoals, extent }: BenchCommand): readonly Column[] {
  const all = allColumns(extent);
  if (isGoals) return all.filter(({ id }) => goalPlaces().some(({ column }) => column === id));
  if (columns === undefined) return all.filter(({ isUsual }) => isFull || isUsual);
  return columns.map((id) => {
    const column = all.find((each) => each.id === id) ?? parseMessageColumn(id, extent);
    if (column === undefined) throw new Error(`--columns: there is no ${id}; --list has those there are`);
    return column;
  });
}

/** What `--goals` measures: the table of the README is written from the same run. */
function goalPlaces(): readonly Place[] {
  return [...placesOf(goals), ...summaryPlaces];
}

function positive(option: string, text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new Error(`${option} is to be a number above 0, got ${text}`);
  return value;
}
