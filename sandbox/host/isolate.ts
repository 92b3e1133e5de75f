import { NO_CALL } from "../wire/call-record.ts";
import type { HostSettings } from "../wire/control.ts";
import { ENTRY, type GuestSettings, type LoadFailure } from "../wire/guest-entry.ts";
import { SHARED_BYTES, SharedMemory } from "../wire/shared-memory.ts";
import type { AskBox } from "./asks.ts";
import { digest, parseUrl, randomBytes } from "./capabilities.ts";
import type { Addon, Context, Isolate, Reference } from "./isolated-vm.ts";

/** One version of one policy, in an isolate of its own. Every entry is synchronous and has a timeout. */
export interface PolicyIsolate {
  readonly memory: SharedMemory;
  /** JSON of a `LoadResult`. Throws a `LostIsolate`. */
  load(code: string, filename: string): string;
  /** Enter the guest; its results lie in `memory`. Throws a `LostIsolate`. */
  enter(code: number, timeout: number, count?: number, text?: string, binary?: Uint8Array): string;
  takeBinary(): Uint8Array;
  /** Above the soft limit, where it is better rebuilt than trusted to stop at the hard one. */
  isTired(): boolean;
  heapBytes(): number;
  dispose(): void;
}

export class LostIsolate extends Error {
  readonly reason: "timeout" | "memory";
  constructor(reason: "timeout" | "memory", cause: unknown) {
    super(`the isolate is lost: ${reason}`, { cause });
    this.reason = reason;
  }
}

/** What the guest may call beside `capabilities.ts`. */
export interface GuestEars {
  readonly log: LogSink;
  readonly ask: AskBox["ask"];
  /** Enter me in so many milliseconds. */
  wake(delayMs: number): void;
}

type LogSink = (seat: number, level: string, text: string) => void;

const SOFT_LIMIT = 0.4;
const MAX_SESSION_BYTES = 65_536;
const BOOT_TIMEOUT_MS = 5000;
const COLLECT_TIMEOUT_MS = 1000;
/** Each try throws one more of the rejections that nobody handled. */
const MAX_REJECTIONS = 8;
const COPY = { copy: true } as const;

/** An isolate with the guest in it, and no policy yet. */
export interface BootedIsolate {
  readonly isolate: Isolate;
  readonly context: Context;
  /** The guest's one entry function. */
  readonly guest: Reference<unknown>;
  readonly memory: SharedMemory;
}

export function bootIsolate(
  ivm: Addon,
  settings: HostSettings,
  ears: GuestEars,
  testTime?: number,
): BootedIsolate {
  const inspector = settings.inspect === true;
  const isolate = new ivm.Isolate({ memoryLimit: settings.memoryLimitMb, inspector });
  const context = isolate.createContextSync({ inspector });
  const buffer = new SharedArrayBuffer(SHARED_BYTES);
  const memory = new SharedMemory(buffer);
  const guestSettings: GuestSettings = {
    asyncTimeoutMs: settings.asyncTimeoutMs,
    maxResultBytes: settings.maxResultBytes,
    maxSessionBytes: MAX_SESSION_BYTES,
    ...(testTime === undefined ? {} : { testTime }),
  };
  const boot = context.evalSync(settings.guest, {
    timeout: BOOT_TIMEOUT_MS,
    filename: "framegate:guest",
    reference: true,
  });
  const guest = boot.applySync(
    undefined,
    [
      new ivm.ExternalCopy(buffer).copyInto({ release: true }),
      JSON.stringify(guestSettings),
      new ivm.Callback((seat: unknown, level: unknown, text: unknown) =>
        ears.log(Number(seat), String(level), String(text)),
      ),
      new ivm.Callback(parseUrl),
      new ivm.Callback(randomBytes),
      new ivm.Callback(digest),
      new ivm.Callback(ears.ask),
      new ivm.Callback((delayMs: unknown) => ears.wake(Number(delayMs))),
    ],
    { timeout: BOOT_TIMEOUT_MS, result: { reference: true } },
  );
  boot.release();
  return { isolate, context, guest, memory };
}

/** The script of a policy, as a function that runs it. Its lines are those of `code`. */
export function wrapPolicy(code: string): string {
  return `(function () { "use strict";\n${code}\n;return typeof __policy === "undefined" ? undefined : __policy; })`;
}

export function createPolicyIsolate(
  ivm: Addon,
  settings: HostSettings,
  ears: GuestEars,
  testTime?: number,
): PolicyIsolate {
  const { isolate, context, guest, memory } = bootIsolate(ivm, settings, ears, testTime);

  function readHeap(): number {
    const { used_heap_size, externally_allocated_size } = isolate.getHeapStatisticsSync();
    return used_heap_size + externally_allocated_size;
  }

  function isAboveSoftLimit(): boolean {
    return readHeap() > settings.memoryLimitMb * 1024 * 1024 * SOFT_LIMIT;
  }

  function apply(code: number, timeout: number, args: readonly unknown[]): string {
    memory.unseal();
    try {
      return guest.applySync(undefined, [code, ...args] as never, {
        timeout,
        arguments: COPY,
        result: COPY,
      }) as string;
    } catch (error) {
      const loss = lossOf(isolate, error);
      if (loss) throw loss;
      // Not even the guest's own code has come to its end: nothing in there can be trusted any more.
      if (memory.isUnsealed) throw new LostIsolate("timeout", error);
      return recover(error, timeout);
    }
  }

  /** The entry is done, but a rejection that nobody handled took the place of its return value. */
  function recover(error: unknown, timeout: number): string {
    for (let tries = 0; tries < MAX_REJECTIONS; tries++) {
      ears.log(
        0,
        "error",
        `unhandled rejection: ${error instanceof Error ? error.message : String(error)}`.slice(0, 2048),
      );
      try {
        return guest.applySync(undefined, [ENTRY.again], { timeout, result: COPY }) as string;
      } catch (next) {
        const loss = lossOf(isolate, next);
        if (loss) throw loss;
        error = next;
      }
    }
    throw new LostIsolate("timeout", error);
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

    enter: (code, timeout, count, text, binary) => apply(code, timeout, [count, text, binary]),

    takeBinary() {
      const options = { timeout: settings.messageTimeoutMs, result: COPY };
      return guest.applySync(undefined, [ENTRY.takeBinary], options) as Uint8Array;
    },

    isTired() {
      if (!isAboveSoftLimit()) return false;
      // Under load most of it is garbage of the last second: a collection (some ms) costs less than a rebuilt isolate.
      try {
        guest.applySync(undefined, [ENTRY.collect], { timeout: COLLECT_TIMEOUT_MS });
      } catch {
        return true;
      }
      return isAboveSoftLimit();
    },

    heapBytes: () => (isolate.isDisposed ? 0 : readHeap()),

    dispose() {
      if (!isolate.isDisposed) isolate.dispose();
    },
  };
}

function lossOf(isolate: Isolate, error: unknown): LostIsolate | undefined {
  if (isolate.isDisposed) return new LostIsolate("memory", error);
  const message = error instanceof Error ? error.message : "";
  return message === "Script execution timed out." ? new LostIsolate("timeout", error) : undefined;
}

export function failureOf(error: unknown): LoadFailure {
  const isError = error instanceof Error;
  return {
    reason: isError && error.name === "SyntaxError" ? "syntax" : "throw",
    message: isError ? `${error.name}: ${error.message}` : String(error),
    stack: isError ? String(error.stack) : "",
  };
}

export function culpritOf({ running }: SharedMemory): number | undefined {
  return running === NO_CALL ? undefined : running;
}
