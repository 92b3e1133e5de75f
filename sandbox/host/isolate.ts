import type { HostSettings } from "../wire/control.ts";
import { ENTRY, type InstanceSettings, type LoadFailure } from "../wire/guest-entry.ts";
import type { SharedMemory } from "../wire/shared-memory.ts";
import { MAX_FAULT_MESSAGE, MAX_FAULT_STACK } from "../wire/verdicts.ts";
import { bootIsolate, type GuestEars, wrapPolicy } from "./isolate-boot.ts";
import type { IsolateParts } from "./isolate-parts.ts";
import type { Isolate } from "./isolated-vm.ts";
import { ISOLATE_LIMITS, OutsideMemory } from "./limits/outside-memory.ts";
import { Rejections } from "./rejections.ts";

/** One version of one policy, in an isolate of its own. Every entry is synchronous and has a timeout. */
export interface PolicyIsolate {
  readonly memory: SharedMemory;
  /** JSON of a `LoadResult`. Throws a `LostIsolate`. */
  load(code: string, filename: string): string;
  /** Enter the guest; its results lie in `memory`. Throws a `LostIsolate`. */
  enter(code: number, timeout: number, args: readonly unknown[]): string;
  /** What the last entry has left. Throws a `LostIsolate`. */
  takeBinary(timeout: number): Uint8Array;
  /** Above the soft limit, where it is better rebuilt than trusted to stop at the hard one. Asked every 20 entries. */
  isTired(): boolean;
  heapBytes(): number;
  dispose(): void;
}

export class LostIsolate extends Error {
  readonly reason: "timeout" | "memory";
  /** Where it was when its time was up, as a stack; "" where that is not known. */
  readonly ranAt: string;
  constructor(reason: "timeout" | "memory", cause: unknown, ranAt = "") {
    super(`the isolate is lost: ${reason}`, { cause });
    this.reason = reason;
    this.ranAt = ranAt;
  }
}

const SOFT_LIMIT = 0.4;
/** Of one collection. */
const COLLECT_MS = 400;
const COLLECTIONS = 2;
/** Of all that one look may begin. */
export const COLLECT_TIMEOUT_MS = (1 + COLLECTIONS) * COLLECT_MS;
const COPY = { copy: true } as const;
/** A code and so much as is no object, unless the text is in one: what is binary comes after them. */
const PLAIN_ARGS = 3;
const TEXT_ARG = 2;

export function createPolicyIsolate(
  isolateParts: IsolateParts,
  settings: HostSettings,
  ears: GuestEars,
  own: InstanceSettings = {},
): PolicyIsolate {
  const { isolate, context, guest, memory } = bootIsolate(isolateParts, settings, ears, own);
  const outside = new OutsideMemory({ read: readParts, collect }, ISOLATE_LIMITS);

  function readParts(): { readonly used_heap_size: number; readonly external_memory: number } {
    const { used_heap_size, externally_allocated_size } = isolate.getHeapStatisticsSync();
    return { used_heap_size, external_memory: externally_allocated_size };
  }

  function readHeap(): number {
    const { used_heap_size, external_memory } = readParts();
    return used_heap_size + external_memory;
  }

  /** Throws where it does not come to its end. */
  function collect(): void {
    guest.applySync(undefined, [ENTRY.collect], { timeout: COLLECT_MS });
  }

  function isAboveSoftLimit(): boolean {
    return readHeap() > settings.memoryLimitMb * 1024 * 1024 * SOFT_LIMIT;
  }

  function enter(code: number, timeout: number, args: readonly unknown[]): string {
    let rejections: Rejections | undefined;
    let call: readonly unknown[] = [code, ...args];
    memory.unseal();
    for (;;) {
      let text: unknown;
      try {
        // Numbers and strings are copied anyway, and each option that is looked up costs as much as copying one.
        const hasObjects = call.length > PLAIN_ARGS || typeof call[TEXT_ARG] === "object";
        const options = hasObjects ? { timeout, arguments: COPY } : { timeout };
        text = guest.applySync(undefined, call as never, options);
      } catch (error) {
        const loss = lossOf(isolate, error);
        if (loss) throw loss;
        // Not even the guest's own code has come to its end: nothing in there can be trusted any more.
        if (memory.isUnsealed) throw new LostIsolate("timeout", error);
        rejections ??= new Rejections(ears.log);
        if (!rejections.take(error)) throw new LostIsolate("timeout", error);
        call = [ENTRY.again];
        continue;
      }
      if (typeof text === "string") return text;
      throw new TypeError(`the guest has left an entry with a ${typeof text}`);
    }
  }

  return {
    memory,

    load(code, filename) {
      try {
        const script = isolate.compileScriptSync(wrapPolicy(code), { filename, lineOffset: -1 });
        const start = script.runSync(context, { timeout: settings.loadTimeoutMs, reference: true });
        script.release();
        return guest.applySync(undefined, [ENTRY.load, start.derefInto({ release: true })], {
          timeout: settings.loadTimeoutMs,
          result: COPY,
        }) as string;
      } catch (error) {
        const loss = lossOf(isolate, error);
        if (loss) throw loss;
        return JSON.stringify({ ok: false, failure: failureOf(error) });
      }
    },

    enter,

    takeBinary(timeout) {
      try {
        return guest.applySync(undefined, [ENTRY.takeBinary], { timeout, result: COPY }) as Uint8Array;
      } catch (error) {
        // It is the guest's own code that runs, and all that it does is to allocate.
        throw lossOf(isolate, error) ?? new LostIsolate("memory", error);
      }
    },

    isTired() {
      try {
        if (outside.isDue()) outside.collect();
        // Under load most of it is garbage of the last second: a collection (some ms) costs less than a rebuilt isolate. The
        // first leaves buffers to a thread of V8's, and those of large messages are most of it; the second waits for that.
        for (let collections = 0; isAboveSoftLimit(); collections++) {
          if (collections === COLLECTIONS) return true;
          outside.collect();
        }
        return false;
      } catch {
        return true;
      }
    },

    heapBytes: () => (isolate.isDisposed ? 0 : readHeap()),

    dispose() {
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}

function lossOf(isolate: Isolate, error: unknown): LostIsolate | undefined {
  if (isolate.isDisposed) return new LostIsolate("memory", error);
  if (!(error instanceof Error) || error.message !== "Script execution timed out.") return undefined;
  // Written by the addon in the moment before it stops the script: no code of the policy's has a say in it but by the names of functions.
  return new LostIsolate("timeout", error, String(error.stack).slice(0, MAX_FAULT_STACK));
}

export function failureOf(error: unknown): LoadFailure {
  const isError = error instanceof Error;
  return {
    reason: isError && error.name === "SyntaxError" ? "syntax" : "throw",
    message: (isError ? `${error.name}: ${error.message}` : String(error)).slice(0, MAX_FAULT_MESSAGE),
    stack: (isError ? String(error.stack) : "").slice(0, MAX_FAULT_STACK),
  };
}
