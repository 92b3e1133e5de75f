import type { TrafficRecord } from "../traffic/records.ts";

/** A record on its way to a sink: redacted, and written as JSON once for all who take it. */
export interface SinkRecord {
  /** Of the gateway: what `node`, `run` and `seq` say together is said of no other record. */
  readonly node: string;
  /** Of the gateway's process: another with each start. */
  readonly run: string;
  /** Grows by one with each record, those included that no sink takes. */
  readonly seq: number;
  readonly time: number;
  readonly kind: TrafficRecord["kind"];
  readonly session: string;
  readonly route: string;
  /** One line: all of it, `node` and `run` included. */
  readonly json: string;
}

/**
 * Where records of traffic go. One contract, a folder an implementation. Only one of its methods runs at a time, but for
 * `close`, which may come while another waits.
 */
export interface Sink {
  /** At the start, and again after each failure: whatever is left of the last time is given up. */
  open(signal: AbortSignal): Promise<void>;
  /**
   * Settles when all of them are taken. What it has rejected is given once more, the same records in the same order: what
   * had been taken of them must not be there twice, as far as the other side can tell.
   */
  write(records: readonly SinkRecord[], signal: AbortSignal): Promise<void>;
  /** Never rejects. */
  close(): Promise<void>;
}
