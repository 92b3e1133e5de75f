import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { FuzzOutcome } from "./fuzz.ts";

/** A part of a long run: one target for some time. */
export interface Slice {
  readonly target: string;
  readonly seed: number;
  readonly milliseconds: number;
}

/** Runs slices in a thread, which is ended, and another one begun, when an input hangs. */
export interface Runner {
  run(slice: Slice): Promise<FuzzOutcome>;
  close(): Promise<unknown>;
}

/** Of one input. Of a longer one that hangs the begin is known. */
export const NOTE_BYTES = 1024 * 1024;
/** In the shared memory: how many inputs were begun, how long the last one is, and that one. */
export const NOTE_AT = { count: 0, length: 1, text: 8 } as const;

/**
 * @param targets the module that has the list of them
 * @param silence milliseconds that one input may take
 */
export function createRunner(targets: string, silence: number): Runner {
  const memory = new SharedArrayBuffer(NOTE_AT.text + NOTE_BYTES);
  const note = new Int32Array(memory, 0, 2);
  const start = () =>
    new Worker(new URL("runner-thread.ts", import.meta.url), { workerData: { targets, memory } });
  let thread = start();

  return {
    async run(slice) {
      const hang = new AbortController();
      Atomics.store(note, NOTE_AT.count, 0);
      const watch = watchInputs(note, silence, () => hang.abort());
      try {
        thread.postMessage(slice);
        const [outcome] = await once(thread, "message", { signal: hang.signal });
        return outcome as FuzzOutcome;
      } catch (error) {
        if (!hang.signal.aborted) throw error;
        await thread.terminate();
        thread = start();
        const [runs = 0, length = 0] = note;
        const input = Buffer.from(memory, NOTE_AT.text, length).toString("utf8");
        return { runs, kinds: {}, crash: { input, error: `no end after ${silence} ms` } };
      } finally {
        clearInterval(watch);
      }
    },
    close: () => thread.terminate(),
  };
}

function watchInputs(note: Int32Array, silence: number, onHang: () => void): NodeJS.Timeout {
  let seen = 0;
  let since = Date.now();
  return setInterval(() => {
    const count = Atomics.load(note, NOTE_AT.count);
    // Before the first, modules are loaded.
    if (count !== seen || count === 0) {
      seen = count;
      since = Date.now();
    } else if (Date.now() - since > silence) onHang();
  }, 100);
}
