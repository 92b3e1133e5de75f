import type { SinkRecord } from "../sink.ts";

/** How entries lie in a file: a line each, between a head and a tail, so that the file is whole after each write. */
export interface DocumentFormat {
  readonly extension: "jsonl" | "har";
  /** With their line ends; empty: none. */
  readonly head: string;
  readonly tail: string;
  /** Before each line but the first. */
  readonly separator: string;
  /**
   * The lines that these records make. What it is given again it knows. What they make later is held back, within a bound.
   */
  take(records: readonly SinkRecord[]): readonly string[];
  /** What it holds back, as far as it has come. */
  rest(): readonly string[];
}

export function createJsonLines(): DocumentFormat {
  return {
    ...{ extension: "jsonl", head: "", tail: "", separator: "" },
    take: (records) => records.map(({ json }) => json),
    rest: () => [],
  };
}
