import type { Peer, RunningPeer } from "../peers/peer.ts";

/** What one measurement has found, by the key of the figure. */
export type Figures = Readonly<Record<string, number>>;

export interface FigureKind {
  readonly key: string;
  /** As in "p99 µs". */
  readonly title: string;
}

/** A kind of thing to measure: columns of one table have the same figures. */
export interface ColumnGroup {
  readonly title: string;
  /** The first stands in the table with its spread, the others behind it in brackets. */
  readonly figures: readonly FigureKind[];
}

export interface Column {
  /** For `--columns`, and for the goals. */
  readonly id: string;
  readonly title: string;
  readonly group: ColumnGroup;
  /** Measured unless `--columns` or `--full` say otherwise. */
  readonly isUsual: boolean;
  /**
   * The process it is measured in: one that all others of the row have, or its own. Of that which all have, "first" is as
   * long as it has done nothing yet.
   */
  readonly process: "first" | "shared" | "own";
  suits(peer: Peer): boolean;
  measure(running: RunningPeer, peer: Peer): Promise<Figures>;
}

/** How long and how much: small in tests, larger where there is time. */
export interface Extent {
  readonly seconds: number;
  /** Before each measurement: what is measured is not the start. */
  readonly warmSeconds: number;
  /** Until a process that has started, or was given connections, is at rest. */
  readonly restSeconds: number;
  readonly idleConnections: number;
  /** Those that pay for what V8 has to compile: told beside the others. */
  readonly firstUpgrades: number;
  /** An upgrade passes more code than a message, and each piece of it once: so many are needed until V8 has compiled it. */
  readonly warmUpgrades: number;
  /** Of lone messages a second brings too few for that: so many come before them, many in flight. */
  readonly warmMessages: number;
  /** And after those so many alone: they pass other code, and what V8 has compiled for many it compiles anew for them. */
  readonly warmLone: number;
}
