import type { Readable, Writable } from "node:stream";
import { type Batch, type BatchPurpose, batchHeaderBytes } from "./batch.ts";
import type { ShipBatch } from "./batch-writer.ts";

/** Above this the reader cannot keep up: batches are lost, not kept in the worker's memory. */
const maxWaitingBytes = 8 * 1024 * 1024;

/** Sends batches through a pipe to the supervisor. */
export function createBatchSender(pipe: Writable): ShipBatch {
  return ({ bytes, records, dropped, worker, purpose, routes }) => {
    if (pipe.destroyed || pipe.writableLength > maxWaitingBytes) return false;
    const names = Buffer.from(JSON.stringify({ worker, purpose, routes }));
    const head = Buffer.allocUnsafe(batchHeaderBytes + names.length);
    head.writeUInt32LE(batchHeaderBytes + names.length + bytes.length, 0);
    head.writeUInt32LE(records, 4);
    head.writeUInt32LE(dropped, 8);
    head.writeUInt32LE(names.length, 12);
    head.set(names, batchHeaderBytes);
    pipe.cork();
    pipe.write(head);
    pipe.write(bytes);
    pipe.uncork();
    return true;
  };
}

/** Puts batches together again from what comes out of the pipe. */
export function receiveBatches(pipe: Readable, onBatch: (batch: Batch) => void): void {
  let whole: Buffer | undefined;
  let filled = 0;
  const head = Buffer.alloc(4);
  let headFilled = 0;

  pipe.on("data", (chunk: Buffer) => {
    let at = 0;
    while (at < chunk.length) {
      if (whole === undefined) {
        const take = Math.min(4 - headFilled, chunk.length - at);
        chunk.copy(head, headFilled, at, at + take);
        headFilled += take;
        at += take;
        if (headFilled < 4) return;
        whole = Buffer.allocUnsafeSlow(head.readUInt32LE(0));
        whole.set(head);
        filled = 4;
        headFilled = 0;
      }
      const take = Math.min(whole.length - filled, chunk.length - at);
      chunk.copy(whole, filled, at, at + take);
      filled += take;
      at += take;
      if (filled === whole.length) {
        const batch = readBatch(whole);
        whole = undefined;
        onBatch(batch);
      }
    }
  });
}

function readBatch(whole: Buffer): Batch {
  const namesEnd = batchHeaderBytes + whole.readUInt32LE(12);
  const names = JSON.parse(whole.toString("utf8", batchHeaderBytes, namesEnd)) as {
    worker: string;
    purpose: BatchPurpose;
    routes: readonly string[];
  };
  return {
    ...names,
    bytes: whole.subarray(namesEnd),
    records: whole.readUInt32LE(4),
    dropped: whole.readUInt32LE(8),
  };
}
