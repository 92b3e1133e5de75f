/**
 * What a relay asks another process about the messages of its clients: frames, end to end, over a socket pair (little endian).
 *
 *   told      u32 bytes │ u32 0     │ u32 connection │ JSON of its context; nothing once it is closed
 *   asked     u32 bytes │ u32 count │ count × (u32 connection, u32 bytes of the message)          │ messages, unless it sets
 *   answered  u32 bytes │ u32 count │ count × (i32 bytes of the new text, UNCHANGED or DROPPED)   │ new texts
 */
export type Question = "looks" | "sets" | "rewrites";

export const SOCKET_FD = 3;
export const HEAD_BYTES = 8;
export const COUNT_AT = 4;
/** Of a frame that tells of a connection, before the JSON. */
export const TOLD_BYTES = 12;
export const RECORD_BYTES = 8;
export const LENGTH_AT = 4;
export const ANSWER_BYTES = 4;
/** Of one frame. */
export const MOST_RECORDS = 256;
export const MOST_TEXT = 96 * 1024;

/** In place of the length of a new text. */
export const UNCHANGED = -1;
export const DROPPED = -2;

/** A stream cut into frames. @param onFrame what it is given is there as long as the call */
export function createFrameReader(
  onFrame: (bytes: Buffer, from: number, to: number) => void,
): (chunk: Buffer) => void {
  let rest: Buffer | undefined;
  return (chunk) => {
    const bytes = rest === undefined ? chunk : Buffer.concat([rest, chunk]);
    let at = 0;
    while (at + HEAD_BYTES <= bytes.length) {
      const end = at + bytes.readUInt32LE(at);
      if (end < at + HEAD_BYTES) throw new Error("a frame that ends in its head");
      if (end > bytes.length) break;
      onFrame(bytes, at, end);
      at = end;
    }
    rest = at === bytes.length ? undefined : Buffer.from(bytes.subarray(at));
  };
}
