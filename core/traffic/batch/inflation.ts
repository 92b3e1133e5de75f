import { constants, inflateRawSync } from "node:zlib";
import { inflateMessage } from "../../wire/deflate.ts";
import type { FrameParts, RawPayload } from "./raw-record.ts";

/** A message that inflates to more is not shown. */
const MAX_MESSAGE_BYTES = 256 * 1024;
/**
 * All messages of a batch together: a few bytes on the wire must not become a memory full, nor hold up the supervisor,
 * which takes in connections: the SQLite store reads a batch in one go.
 */
const MAX_BATCH_BYTES = 1024 * 1024;

/**
 * Inflates the compressed messages of one batch. One that refers to messages before it (context takeover) says nothing
 * by itself: it is unreadable, and so is one that is too large.
 */
export function createInflation(): (frame: FrameParts, kind: "text" | "binary") => RawPayload {
  let left = MAX_BATCH_BYTES;
  return ({ kept, length, fin }, kind) => {
    const isWhole = fin && kept.length === length;
    const limit = Math.min(MAX_MESSAGE_BYTES, left);
    const bytes = limit === 0 ? undefined : isWhole ? inflateWhole(kept, limit) : inflateStart(kept, limit);
    const before = Buffer.alloc(0);
    if (bytes === undefined) return { bytes: before, kind: "unreadable", length, isCut: true, before };
    left -= bytes.length;
    if (isWhole) return { bytes, kind, length: bytes.length, isCut: false, before };
    return { bytes, kind, length: Math.max(length, bytes.length), isCut: true, before };
  };
}

function inflateWhole(kept: Buffer, maxBytes: number): Buffer | undefined {
  const result = inflateMessage(kept, maxBytes);
  return "bytes" in result ? result.bytes : undefined;
}

/** What can be read of a message from its first bytes. */
function inflateStart(kept: Buffer, maxOutputLength: number): Buffer | undefined {
  try {
    return inflateRawSync(kept, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength });
  } catch {
    return undefined;
  }
}
