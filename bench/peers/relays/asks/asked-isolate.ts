import { findAddon } from "../../../../sandbox/client/transport/addon.ts";
import { type Isolate, loadAddon, type Reference } from "../../../../sandbox/host/isolated-vm.ts";
import { SharedDeadline } from "../../../../sandbox/host/limits/shared-deadline.ts";
import { machineNow } from "../../../../sandbox/machine-clock.ts";
import { guest } from "./guest.ts";
import { DROPPED, MOST_RECORDS, RECORD_BYTES, UNCHANGED } from "./records.ts";

const LIMIT_MS = 60;
/** A shorter text isolated-vm puts into the isolate's heap by itself. */
const BOXED_FROM = 1024;
const numbers = JSON.stringify({ unchanged: UNCHANGED, dropped: DROPPED });

const ivm = loadAddon(findAddon());
const deadline = new SharedDeadline();

/** One policy, entered for all messages of a batch. */
export class AskedIsolate {
  readonly #isolate: Isolate = new ivm.Isolate({ memoryLimit: 128 });
  readonly #entry: Reference<unknown>;
  readonly #memory = new SharedArrayBuffer(MOST_RECORDS * RECORD_BYTES);
  /** Records before an entry, and how long the answers are after it. */
  readonly ints = new Int32Array(this.#memory);
  readonly recordBytes = new Uint8Array(this.#memory);

  constructor(hook: string) {
    const context = this.#isolate.createContextSync();
    const script = this.#isolate.compileScriptSync(`(ints) => (${guest})(${hook}, ints, ${numbers})`);
    const boot = script.runSync(context, { reference: true }) as Reference<unknown>;
    const ints = new ivm.ExternalCopy(this.ints).copyInto({ release: true });
    this.#entry = boot.applySync(undefined, [ints], { result: { reference: true } }) as Reference<unknown>;
  }

  /** @returns the texts of the answers, end to end */
  enter(count: number, text: string): string {
    const timeout = deadline.timeoutFor(machineNow(), LIMIT_MS);
    const out =
      text.length < BOXED_FROM
        ? this.#entry.applySync(undefined, [count, text], { timeout })
        : this.#entry.applySync(undefined, [count, [text]], { timeout, arguments: { copy: true } });
    if (typeof out !== "string") throw new Error(`the isolate was left with a ${typeof out}`);
    return out;
  }
}
