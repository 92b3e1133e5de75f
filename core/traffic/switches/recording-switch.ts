/** What an operator has said of recording, for as long as it holds. Plain data. */
export interface RecordingSwitch {
  /** No other has it: what it has counted is its own. */
  readonly id: number;
  /** Absent: of all routes that have none of their own, and of what comes to no route. */
  readonly route?: string;
  /** Which part of the sessions, from 0 to 1; 0: nothing is recorded. */
  readonly sample: number;
  readonly payloadBytes: number;
  /** When as many have been recorded it is over; 0: it goes by time alone. */
  readonly maxRecords: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly until: number;
}

/** How many records a switch has brought. */
export interface SwitchCount {
  readonly id: number;
  readonly records: number;
}

/** Of several workers. */
export function sumCounts(counts: readonly SwitchCount[]): readonly SwitchCount[] {
  const sums = new Map<number, number>();
  for (const { id, records } of counts) sums.set(id, (sums.get(id) ?? 0) + records);
  return [...sums].map(([id, records]) => ({ id, records }));
}
