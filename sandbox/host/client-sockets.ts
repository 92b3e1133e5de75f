import { readSync, writeSync } from "node:fs";
import { Socket } from "node:net";
import { CALLS_FD, RESULTS_FD } from "../host-descriptors.ts";
import type { FrameOutlet } from "../wire/frames.ts";

export interface ClientSocketsParts {
  /** @param frames there as long as this call */
  take(frames: Buffer): void;
  /** Whether nothing but more frames can give this process work, and nothing else is due. */
  waitsForFrames(): boolean;
  /** The client has gone. */
  onEnd(): void;
}

/** Of the buffer that all reads go into: more than a socket of this kind holds. */
const READ_BYTES = 256 * 1024;

/**
 * The ways from the client and to it. As long as nothing but more frames can give this process work it waits for them in `read`
 * itself, in the midst of the event that the last ones came with: a message that is alone does not pay for the way through the
 * event loop. With each of the client's pings the loop turns once.
 *
 *                         frames, by an event
 *   in the event loop ──────────────────────────▶ they are taken ──▶ in `read` ──▶ they are taken ─┐
 *     ▲   ▲                                          │                  ▲                          │
 *     │   └────────── something else to do ──────────┘                  └── nothing else to do ────┤
 *     └───────────────────────────────── something else to do ─────────────────────────────────────┘
 */
export function openClientSockets({ take, waitsForFrames, onEnd }: ClientSocketsParts): FrameOutlet {
  const buffer = Buffer.allocUnsafeSlow(READ_BYTES);
  const calls = new Socket({ fd: CALLS_FD, writable: false, onread: { buffer, callback: onRead } });
  const results = new Socket({ fd: RESULTS_FD, readable: false });
  const handles = [calls, results].map(blockableHandleOf).filter((handle) => handle !== undefined);
  const isBlockable = handles.length === 2;
  let isBlocking = false;

  function onRead(length: number): boolean {
    take(buffer.subarray(0, length));
    // What has been written is with the system: nothing of it is left to the loop.
    if (isBlockable && results.writableLength === 0 && waitsForFrames()) readOn();
    return true;
  }

  function readOn(): void {
    if (!block(true)) return;
    try {
      do {
        const length = read();
        if (length === 0) {
          onEnd();
          return;
        }
        take(buffer.subarray(0, length));
      } while (waitsForFrames());
    } finally {
      block(false);
    }
  }

  /** @returns whether all of them are as wanted; if not, none waits in `read` */
  function block(isWanted: boolean): boolean {
    const isDone = handles.map((handle) => handle.setBlocking(isWanted) === 0).every(Boolean);
    isBlocking = isWanted && isDone;
    if (isWanted && !isDone) for (const handle of handles) handle.setBlocking(false);
    return isDone;
  }

  /** @returns 0: the client has gone */
  function read(): number {
    try {
      return readSync(CALLS_FD, buffer, 0, READ_BYTES, null);
    } catch (error) {
      if (GONE.has((error as NodeJS.ErrnoException).code)) return 0;
      throw error;
    }
  }

  function write(frames: Buffer): void {
    try {
      for (let at = 0; at < frames.length; ) at += writeSync(RESULTS_FD, frames, at);
    } catch (error) {
      if (!GONE.has((error as NodeJS.ErrnoException).code)) throw error;
      onEnd();
    }
  }

  for (const socket of [calls, results]) {
    socket.on("close", onEnd);
    socket.on("error", onEnd);
  }

  return {
    write(frames, taken) {
      if (!isBlocking) results.write(frames, taken);
      else {
        write(frames);
        taken();
      }
    },
    get writableLength() {
      return isBlocking ? 0 : results.writableLength;
    },
  };
}

/** What a peer that is no more there makes of reads and writes. */
const GONE: ReadonlySet<string | undefined> = new Set(["ECONNRESET", "EPIPE"]);

interface BlockableHandle {
  setBlocking(isBlocking: boolean): number;
}

/** Node has this for the streams of a process. Where a socket does not have it, frames come by events only. */
function blockableHandleOf(socket: Socket): BlockableHandle | undefined {
  const { _handle: handle } = socket as unknown as { readonly _handle?: Partial<BlockableHandle> | null };
  if (process.platform === "win32" || typeof handle?.setBlocking !== "function") return undefined;
  return handle as BlockableHandle;
}
