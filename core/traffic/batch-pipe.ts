import type { Readable } from "node:stream";
import { type Batch, type BatchPurpose, batchHeaderBytes } from "./batch.ts";

/** What goes before a batch's records. */
export function encodeBatchHead({ bytes, records, dropped, worker, purpose, routes, mark }: Batch): Buffer {
  const names = Buffer.from(JSON.stringify({ worker, purpose, routes, mark }));
  const head = Buffer.allocUnsafe(batchHeaderBytes + names.length);
  head.writeUInt32LE(batchHeaderBytes + names.length + bytes.length, 0);
  head.writeUInt32LE(records, 4);
  head.writeUInt32LE(dropped, 8);
  head.writeUInt32LE(names.length, 12);
  head.set(names, batchHeaderBytes);
  return head;
}

/**
 * Puts batches together again from what comes out of the pipe.
 *
 * @param onBroken what comes is no stream of batches: nothing more is read of it
 */
export function receiveBatches(
  pipe: Readable,
  onBatch: (batch: Batch) => void,
  onBroken: (error: Error) => void,
): void {
  let whole: Buffer | undefined;
  let filled = 0;
  const head = Buffer.alloc(4);
  let headFilled = 0;

  pipe.on("data", (chunk: Buffer) => {
    try {
      read(chunk);
    } catch (error) {
      pipe.destroy();
      onBroken(error as Error);
    }
  });

  function read(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (whole === undefined) {
        const take = Math.min(4 - headFilled, chunk.length - at);
        chunk.copy(head, headFilled, at, at + take);
        headFilled += take;
        at += take;
        if (headFilled < 4) return;
        const size = head.readUInt32LE(0);
        if (size < batchHeaderBytes || size > maxBatchBytes) throw new Error(`a batch of ${size} bytes`);
        whole = Buffer.allocUnsafeSlow(size);
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
  }
}

/** Far above what a worker makes: the largest is one record with its payloads. */
const maxBatchBytes = 1024 * 1024 * 1024;

function readBatch(whole: Buffer): Batch {
  const namesEnd = batchHeaderBytes + whole.readUInt32LE(12);
  const names = JSON.parse(whole.toString("utf8", batchHeaderBytes, namesEnd)) as {
    worker: string;
    purpose: BatchPurpose;
    routes: readonly string[];
    mark?: number;
  };
  return {
    ...names,
    bytes: whole.subarray(namesEnd),
    records: whole.readUInt32LE(4),
    dropped: whole.readUInt32LE(8),
  };
}
