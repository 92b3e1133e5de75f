import type { ReceivedCalls } from "../wire/calls.ts";
import type { SharedMemory } from "../wire/shared-memory.ts";

/** The calls of one frame on their way into an isolate, in one entry or, when the guest leaves early, in several. */
export interface CallBatch {
  readonly isUpgrade: boolean;
  /** Copy the records not begun yet to the shared memory; gives how many there are. */
  stage(memory: SharedMemory): number;
  text(): string;
  binary(): Uint8Array | undefined;
  /** The guest has begun so many of the staged records. @returns whether that was all. */
  advance(begun: number): boolean;
}

export function createCallBatch(
  { count, records, ...payload }: ReceivedCalls,
  isUpgrade: boolean,
): CallBatch {
  let { text, binary } = payload;
  let next = 0;

  return {
    isUpgrade,
    stage(memory) {
      memory.calls.copyFrom(records, next);
      return count - next;
    },
    text: () => text,
    binary: () => binary,
    advance(begun) {
      const first = next;
      next += begun;
      if (next >= count) return true;
      let units = 0;
      let binaries = 0;
      for (let i = first; i < next; i++) {
        units += records.textLength(i);
        binaries += records.binaryLength(i);
      }
      text = text.slice(units);
      binary = binary?.subarray(binaries);
      return false;
    },
  };
}
