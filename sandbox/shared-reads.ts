import { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/**
 * One buffer that all connections of a process are read into, one read after the other: memory of its own for each read
 * would be most of the garbage that a relay makes.
 *
 * Node has this (`onread`) for sockets that it is told so of as they are made, and not for those that it accepts. Those get
 * here what the option gives. Where Node does not have it as it had it when this was written, and over TLS, reads come as
 * they always do.
 */
export class SharedReads {
  #buffer: Buffer | undefined;

  /**
   * What Node has read of the socket by itself comes as `data` events within this call: before all that is read from here on,
   * and whether the socket is paused or not. Call `pause` or `resume` afterwards, whatever has been called before.
   *
   * @param onBytes is called with the socket as `this`, so that one function can serve all of them, and given what has been
   *   read; it is there as long as the call, and no longer
   * @returns false when it comes as `data` events only
   */
  follow<Followed extends Socket>(
    socket: Followed,
    onBytes: (this: Followed, bytes: Buffer) => void,
  ): boolean {
    const { _handle: handle } = socket as unknown as { readonly _handle?: Partial<StreamHandle> | null };
    const isKnown = bufferKey !== undefined && callbackKey !== undefined;
    if (!isKnown || socket instanceof TLSSocket || typeof handle?.useUserBuffer !== "function") return false;
    // A stream that is full takes up reading in the tick after a `resume`, whatever has come in between. One that has been read
    // empty takes itself for one that reads already.
    while (socket.read() !== null);
    if (socket.destroyed) return false;
    this.#buffer ??= Buffer.allocUnsafeSlow(READ_BYTES);
    const buffer = this.#buffer;
    handle.useUserBuffer(buffer);
    Object.assign(socket, { [bufferKey]: buffer, [callbackKey]: takeRead, [onBytesKey]: onBytes });
    return true;
  }
}

const onBytesKey: unique symbol = Symbol("onBytes");

type FollowedSocket = Socket & {
  readonly [onBytesKey]: (bytes: Buffer) => void;
  readonly [key: symbol]: unknown;
};

/** What Node calls when it has read. @returns whether to read on */
function takeRead(this: FollowedSocket, length: number): boolean {
  const buffer = this[bufferKey as symbol] as Buffer;
  this[onBytesKey](buffer.subarray(0, length));
  return !this.isPaused();
}

interface StreamHandle {
  useUserBuffer(buffer: Buffer): void;
}

/** More than most messages have: one that is read whole is put together without a copy more. */
const READ_BYTES = 256 * 1024;

const known = Object.getOwnPropertySymbols(new Socket());
const symbolOf = (name: string) => known.find(({ description }) => description === name);
const bufferKey = symbolOf("kBuffer");
const callbackKey = symbolOf("kBufferCb");
