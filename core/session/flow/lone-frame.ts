import { applyMask } from "../../wire/mask.ts";

/**
 * A message that is one frame, in memory of its own: the frame as it came, but for its payload, which is unmasked where it
 * lies. So the message is there once, and not once to be read and once to go on.
 */
export class LoneFrame {
  /** Header and payload. */
  readonly bytes: Buffer;
  readonly payload: Buffer;
  readonly #headerSize: number;
  readonly #maskKey: number;

  /** @param maskKey 0: it came unmasked */
  constructor(bytes: Buffer, headerSize: number, maskKey: number) {
    this.bytes = bytes;
    this.payload = bytes.subarray(headerSize);
    this.#headerSize = headerSize;
    this.#maskKey = maskKey;
  }

  /** It goes on as it came: nobody may read the payload any more. */
  restore(): void {
    if (this.#maskKey !== 0) applyMask(this.bytes, this.#headerSize, this.bytes.length, this.#maskKey);
  }
}
