import { writeSync } from "node:fs";
import { CALL_INTS, call, JOURNAL_INTS, journal, journalState, SHARED_CALLS } from "../protocol.ts";

/** Notes what is about to run in a file that outlives this process, for the client to name the culprit. */
export interface Journal {
  idle(): void;
  loading(instance: number): void;
  /** The first `count` calls in the shared memory. */
  running(instance: number, memory: Int32Array, count: number): void;
  continuing(instance: number): void;
}

export function createJournal(fd: number): Journal {
  const ints = new Int32Array(JOURNAL_INTS);
  const bytes = new Uint8Array(ints.buffer);

  function write(state: number, instance: number, count: number): void {
    if (state === journalState.idle && ints[journal.state] === state) return;
    ints[journal.state] = state;
    ints[journal.instance] = instance;
    ints[journal.count] = count;
    writeSync(fd, bytes, 0, (journal.ids + count) * 4, 0);
  }

  return {
    idle: () => write(journalState.idle, 0, 0),
    loading: (instance) => write(journalState.load, instance, 0),
    continuing: (instance) => write(journalState.continue, instance, 0),
    running(instance, memory, count) {
      for (let i = 0; i < count; i++)
        ints[journal.ids + i] = memory[SHARED_CALLS + i * CALL_INTS + call.id] as number;
      write(journalState.run, instance, count);
    },
  };
}
