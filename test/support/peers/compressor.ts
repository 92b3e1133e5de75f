import { constants, createDeflateRaw, deflateRawSync, inflateRawSync } from "node:zlib";

/** The tail that senders of permessage-deflate cut off (RFC 7692 section 7.2.1). */
const TAIL = Buffer.of(0, 0, 0xff, 0xff);

/** Compresses messages that refer to those before them, as with context takeover. */
export function createContextCompressor(windowBits = 15): (message: string | Uint8Array) => Promise<Buffer> {
  const stream = createDeflateRaw({ windowBits });
  const parts: Buffer[] = [];
  stream.on("data", (part: Buffer) => parts.push(part));
  return async (message) => {
    if (message.length > 0) stream.write(message);
    await new Promise<void>((resolve) => stream.flush(constants.Z_SYNC_FLUSH, resolve));
    return withoutTail(Buffer.concat(parts.splice(0)));
  };
}

/** A message that stands alone. */
export function deflateAlone(message: string | Uint8Array): Buffer {
  return withoutTail(deflateRawSync(message, { finishFlush: constants.Z_SYNC_FLUSH }));
}

/** Throws when the message does not stand alone. */
export function inflateAlone(payload: Uint8Array): Buffer {
  return inflateRawSync(Buffer.concat([payload, TAIL]), { finishFlush: constants.Z_SYNC_FLUSH });
}

function withoutTail(compressed: Buffer): Buffer {
  return compressed.subarray(0, compressed.length - TAIL.length);
}
