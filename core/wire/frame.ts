/** The parts of a WebSocket frame (RFC 6455 section 5.2) and of a Close payload (section 7.4). */

export const OPCODE = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** Beside an opcode: the message is compressed (RFC 7692 section 6). */
export const RSV1 = 0x40;

export const MAX_CONTROL_PAYLOAD = 125;

export function isControl(code: number): boolean {
  return code >= 8;
}

/** Why a peer's bytes cannot go on: what it is told in a Close frame. */
export interface WireFault {
  readonly code: 1002 | 1007 | 1009;
  readonly reason: string;
}

/**
 * May this code stand in a Close frame? 1004 is reserved, 1005, 1006 and 1015 never appear on the wire, 1016–2999 are
 * for future RFCs (section 7.4.2).
 */
export function isWireCloseCode(code: number): boolean {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
