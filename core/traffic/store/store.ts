import type { RedactionRules } from "../../redaction/rules.ts";
import type { Batch } from "../batch/batch.ts";
import type {
  RecordNote,
  SessionFacts,
  TrafficPage,
  TrafficQuery,
  TrafficRecord,
  TrafficStats,
} from "../records.ts";

/** Keeps what was recorded, within bounds. One contract, three implementations: memory, SQLite, and what a sink keeps in Postgres. */
export interface TrafficStore {
  /** Takes a batch over; never throws: what cannot be kept is counted as dropped. */
  append(batch: Batch): void;
  /**
   * Yields to the event loop while it searches.
   *
   * @param rules in place of the store's own; only where `redactsLate`
   */
  query(query: TrafficQuery, rules?: RedactionRules): Promise<TrafficPage>;
  /** Secrets are hidden when records are read, and not when they come. */
  readonly redactsLate: boolean;
  get(seq: number): Promise<TrafficRecord | undefined>;
  /**
   * Keeps a mark or a note with a record, for as long as that is kept.
   *
   * @returns the record with it; undefined: it is not kept
   * @throws TrafficError `ERR_TRAFFIC_NOTES` where there is no room for a further one, `ERR_TRAFFIC_WRITE` where it
   * cannot be kept now
   */
  note(seq: number, note: RecordNote): Promise<TrafficRecord | undefined>;
  /** What is known of these sessions; of those whose upgrade is not kept nothing is. */
  facts(sessions: ReadonlySet<string>): Promise<ReadonlyMap<string, SessionFacts>>;
  stats(): TrafficStats;
  /** @throws TrafficError `ERR_TRAFFIC_SHARED` where it is not this gateway's to say */
  clear(): void;
  /** Goes by these bounds from now on, and shows what it keeps by the rules as they are now. */
  change(bounds: StoreBounds): void;
  close(): void;
}

export interface StoreBounds {
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly maxAgeMs: number;
  /** The attributes that say who a session is of: the first that it has. */
  readonly subjects: readonly string[];
}
