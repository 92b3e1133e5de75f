const CONTINUES = 0x80;
const MAX_LENGTH_BYTES = 4;
/** Of a message: all of them are read within the time of one call. */
const MAX_PACKETS = 1_024;

export interface PacketSplit {
  /** Each with its fixed header. */
  readonly packets: readonly Uint8Array[];
  /** The beginning of a packet whose end has not come. */
  readonly rest: Uint8Array;
}

/** Where one packet ends and the next begins (MQTT 3.1.1 and 5, 2.1). Throws at a length that is none, and at too many. */
export function splitPackets(bytes: Uint8Array): PacketSplit {
  const packets: Uint8Array[] = [];
  let at = 0;
  while (at < bytes.length) {
    const end = endOf(bytes, at);
    if (end > bytes.length) break;
    if (packets.length === MAX_PACKETS) throw new RangeError(`more than ${MAX_PACKETS} packets`);
    packets.push(bytes.subarray(at, end));
    at = end;
  }
  return { packets, rest: bytes.subarray(at) };
}

/** Beyond the bytes where these do not say it yet. */
function endOf(bytes: Uint8Array, at: number): number {
  let length = 0;
  for (let i = 0; i < MAX_LENGTH_BYTES; i++) {
    const byte = bytes[at + 1 + i];
    if (byte === undefined) return Number.POSITIVE_INFINITY;
    length += (byte & ~CONTINUES) * 0x80 ** i;
    if ((byte & CONTINUES) === 0) return at + 2 + i + length;
  }
  throw new Error("a length of more than four bytes");
}
