import { isUtf8 } from "node:buffer";

/**
 * Checks text that comes in pieces, cut anywhere, inside of a character too. A wrong byte is found with the piece that it
 * stands in, and a piece costs its own length only (RFC 6455 section 8.1; the ranges are those of RFC 3629 section 4).
 */
export class Utf8Check {
  // The character that is cut: how many bytes it still needs, and what the next of them may be.
  #missing = 0;
  #least = 0x80;
  #most = 0xbf;

  /** No character is cut. */
  get isWhole(): boolean {
    return this.#missing === 0;
  }

  /** @returns whether text may go on like this; after `false` nothing else means anything */
  push(piece: Uint8Array): boolean {
    let from = 0;
    for (; this.#missing > 0 && from < piece.length; from++) {
      if (!this.#take(piece[from] as number)) return false;
    }
    const cut = findCut(piece, from);
    if (!isUtf8(piece.subarray(from, cut))) return false;
    for (let i = cut; i < piece.length; i++) {
      if (!this.#take(piece[i] as number)) return false;
    }
    return true;
  }

  #take(byte: number): boolean {
    if (this.#missing === 0) return this.#begin(byte);
    if (byte < this.#least || byte > this.#most) return false;
    this.#missing--;
    this.#least = 0x80;
    this.#most = 0xbf;
    return true;
  }

  /** The first byte says how many follow; of some the second is limited, against overlong forms and surrogates. */
  #begin(byte: number): boolean {
    this.#missing = bytesBehind(byte);
    if (byte === 0xe0) this.#least = 0xa0;
    if (byte === 0xed) this.#most = 0x9f;
    if (byte === 0xf0) this.#least = 0x90;
    if (byte === 0xf4) this.#most = 0x8f;
    return byte < 0x80 || (byte >= 0xc2 && byte <= 0xf4);
  }
}

/** Where the character begins that the end of `piece` cuts; its length when it cuts none. */
function findCut(piece: Uint8Array, from: number): number {
  const earliest = Math.max(from, piece.length - 3);
  for (let i = piece.length - 1; i >= earliest; i--) {
    const byte = piece[i] as number;
    if ((byte & 0xc0) === 0x80) continue;
    return bytesBehind(byte) >= piece.length - i ? i : piece.length;
  }
  return piece.length;
}

function bytesBehind(first: number): number {
  if (first < 0xc0) return 0;
  return first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
}
