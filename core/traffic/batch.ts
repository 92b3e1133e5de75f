/**
 * How workers hand records to the supervisor: many at a time, as bytes, in the order they happened. Small frames that
 * passed without a policy lie in it as they were on the wire; nobody looks into them before somebody reads.
 *
 *   batch:   u32 size of the batch │ u32 records in it │ u32 records dropped since the last batch │ u32 size of `names`
 *            names: JSON { worker, purpose, routes: string[] } │ records, one after the other
 *   record:  u8 type │ u8 origin (0 client, 1 server) │ u16 route │ u32 size of the record │ u32 session
 *            u32 sequence │ f64 time │ body          (all little endian; a session's id is `${worker}-${base36}`)
 *
 *   frames   body: whole frames as they were on the wire; the first has this `sequence`
 *   frame    body: u8 first byte of its header │ u8 1: masked, 2: dropped, not passed on │ u16 0 │ u32 mask key │
 *            f64 length │ kept payload, masked as on the wire; its record's `time` is when its last byte came
 *   json     body: u32 size of the JSON │ JSON │ blobs that the JSON refers to by their lengths
 */

export const recordType = { frames: 1, frame: 2, json: 3 } as const;

export const batchHeaderBytes = 16;
export const recordHeaderBytes = 24;
export const frameHeaderBytes = 16;

/** What a batch is for: to be kept, or to become log lines and be forgotten. */
export type BatchPurpose = "store" | "log";

/** One batch, its header and names read. */
export interface Batch {
  /** The records, one after the other; nothing else. */
  readonly bytes: Buffer;
  readonly records: number;
  /** Records that were lost before this batch because nobody took them. */
  readonly dropped: number;
  readonly worker: string;
  readonly purpose: BatchPurpose;
  readonly routes: readonly string[];
}
