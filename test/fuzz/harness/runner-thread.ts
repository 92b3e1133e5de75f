import { parentPort, workerData } from "node:worker_threads";
import { encodeInput } from "./corpus.ts";
import { fuzz } from "./fuzz.ts";
import { NOTE_AT, NOTE_BYTES, type Slice } from "./runner.ts";
import type { FuzzTarget } from "./target.ts";

/** The thread of a runner: notes each input in shared memory before it is tried, so that one that hangs is known. */
const { targets: module, memory } = workerData as { targets: string; memory: SharedArrayBuffer };
const head = new Int32Array(memory, 0, 2);
const text = new Uint8Array(memory, NOTE_AT.text, NOTE_BYTES);
const encoder = new TextEncoder();

const { targets } = (await import(module)) as { targets: readonly FuzzTarget[] };

parentPort?.on("message", async ({ target: name, seed, milliseconds }: Slice) => {
  const target = targets.find((each) => each.name === name);
  if (target === undefined) throw new Error(`there is no target ${name}`);
  const outcome = await fuzz(target, {
    seed,
    milliseconds,
    onInput(input) {
      Atomics.store(head, NOTE_AT.length, encoder.encodeInto(encodeInput(input), text).written);
      Atomics.add(head, NOTE_AT.count, 1);
    },
  });
  parentPort?.postMessage(outcome);
});
