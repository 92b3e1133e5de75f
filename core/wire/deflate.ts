import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import type { WireFault } from "./frame.ts";

/**
 * permessage-deflate (RFC 7692), one message at a time. Without context takeover each is compressed from an empty window:
 * that is what the gateway negotiates for a direction that its policies read, and what it makes itself.
 */

/** What both ends agreed on for one direction. */
export interface DeflateDirection {
  /** Each message can be inflated, and replaced, by itself. */
  readonly noContextTakeover: boolean;
  /** LZ77 window of the sender, 8–15. */
  readonly windowBits: number;
}

/** What a peer and the gateway agreed on, by whose messages it is about. */
export interface LegDeflate {
  readonly client: DeflateDirection;
  readonly server: DeflateDirection;
}

/** Section 7.2.2: put back the tail that the sender cut off. */
const tail = Buffer.from([0x00, 0x00, 0xff, 0xff]);

/**
 * @param maxBytes largest message after inflating; a larger one is a 1009 and is not inflated to its end.
 * @param maxRatio how many times its size the message may inflate to, likewise; 0: no limit
 * @param window what the message may refer to: the end of what the messages before it inflated to; none: it stands alone
 */
export function inflateMessage(
  compressed: Uint8Array,
  maxBytes: number,
  maxRatio = 0,
  window?: Buffer,
): { bytes: Buffer } | { fault: WireFault } {
  const ratioBytes = maxRatio === 0 ? Number.POSITIVE_INFINITY : compressed.length * maxRatio;
  try {
    const input = Buffer.concat([compressed, tail]);
    const { buffer, engine } = inflateRawSync(input, {
      finishFlush: constants.Z_SYNC_FLUSH,
      maxOutputLength: Math.max(1, Math.min(maxBytes, ratioBytes)),
      info: true,
      ...(window !== undefined && { dictionary: window }),
    }) as unknown as { buffer: Buffer; engine: { bytesWritten: number } };
    return isEmptyBlock(input.subarray(engine.bytesWritten)) ? { bytes: buffer } : { fault: INVALID };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") {
      return {
        fault: { code: 1009, reason: ratioBytes < maxBytes ? "inflates too much" : "message too big" },
      };
    }
    return { fault: INVALID };
  }
}

/**
 * Whether a message inflates to more than `maxBytes`, or cannot be inflated. What stood in the window does not matter to
 * the size, so that one of zeros does for any: messages that refer to earlier ones can be measured without these.
 */
export function measureMessage(compressed: Uint8Array, maxBytes: number): WireFault | undefined {
  const inflated = inflateMessage(compressed, maxBytes, 0, zeros);
  return "fault" in inflated ? inflated.fault : undefined;
}

/** No message inflates to more than so many times its size: two bits are the least that stand for 258 bytes. */
export const MAX_INFLATION = 1032;

const zeros = Buffer.alloc(32 * 1024);

const INVALID: WireFault = { code: 1007, reason: "invalid compressed data" };

/**
 * zlib stops behind a block marked final, which section 7.2.3.4 allows at the end of a message, with an octet of zeros
 * behind it. More than that would be text that the policies do not see, and the receiver perhaps does.
 */
function isEmptyBlock(rest: Buffer): boolean {
  return rest.length === 0 || rest.equals(tail) || rest.equals(emptyBlock);
}

const emptyBlock = Buffer.concat([Buffer.of(0x00), tail]);

/**
 * @param minBytes below this compressing costs more than it saves; a sender may leave any message uncompressed
 *   (section 6)
 * @returns the compressed payload, or undefined when the message should go uncompressed.
 */
export function deflateMessage(
  bytes: Uint8Array,
  direction: DeflateDirection,
  minBytes: number,
): Buffer | undefined {
  // zlib's raw deflate cannot do a window of 2^8 bytes.
  if (bytes.length < minBytes || direction.windowBits < 9) return undefined;
  const compressed = deflateRawSync(bytes, {
    windowBits: direction.windowBits,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  return compressed.subarray(0, compressed.length - tail.length);
}
