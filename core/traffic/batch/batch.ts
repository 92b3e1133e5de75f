/** What a batch is for: to be kept, or to become log lines and be forgotten. */
export type BatchPurpose = "store" | "log";

/** Records of one worker, with what they have in common. How they lie in its bytes is in layout.ts. */
export interface Batch {
  /** The records, one after the other; nothing else. */
  readonly bytes: Buffer;
  readonly records: number;
  /** Records that were lost before this batch because nobody took them. */
  readonly dropped: number;
  readonly worker: string;
  readonly purpose: BatchPurpose;
  readonly routes: readonly string[];
  /** On a batch without records: the answer to a `collect`, behind all that was asked for. */
  readonly mark?: number;
}
