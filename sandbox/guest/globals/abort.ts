import { namedError } from "../asks.ts";
import type { Timers } from "./timers.ts";

type Listener = (event: { readonly type: "abort"; readonly target: object }) => unknown;

export interface AbortTools {
  readonly AbortController: object;
  readonly AbortSignal: object;
  /** Call back when it is aborted; gives how to stop listening. Undefined: not a signal. */
  follow(signal: unknown, onAbort: (reason: unknown) => void): (() => void) | undefined;
}

const MAX_LISTENERS = 1024;

export function createAbort(timers: Timers, onError: (error: unknown) => void): AbortTools {
  const token = {};
  let abort!: (signal: AbortSignal, reason: unknown) => void;
  let isSignal!: (value: unknown) => value is AbortSignal;

  class AbortSignal {
    #isAborted = false;
    #reason: unknown;
    #listeners: { readonly run: Listener; readonly isOnce: boolean }[] = [];

    static {
      abort = (signal, reason) => signal.#abort(reason);
      isSignal = (value): value is AbortSignal =>
        typeof value === "object" && value !== null && #reason in value;
    }

    constructor(key: unknown) {
      if (key !== token)
        throw new TypeError("Illegal constructor: use AbortController or AbortSignal.timeout");
    }

    static abort(reason: unknown = aborted()): AbortSignal {
      const signal = new AbortSignal(token);
      signal.#abort(reason);
      return signal;
    }

    static timeout(delay: unknown): AbortSignal {
      const signal = new AbortSignal(token);
      const expire = () =>
        signal.#abort(namedError("TimeoutError", "The operation was aborted due to timeout"));
      timers.set("AbortSignal.timeout", Number(delay), expire);
      return signal;
    }

    static any(signals: Iterable<AbortSignal>): AbortSignal {
      const all = new AbortSignal(token);
      for (const signal of signals) {
        if (!isSignal(signal)) throw new TypeError("AbortSignal.any: expected a list of signals");
        if (signal.aborted) all.#abort(signal.reason);
        else signal.addEventListener("abort", () => all.#abort(signal.reason));
      }
      return all;
    }

    get aborted(): boolean {
      return this.#isAborted;
    }

    get reason(): unknown {
      return this.#reason;
    }

    throwIfAborted(): void {
      if (this.#isAborted) throw this.#reason;
    }

    addEventListener(type: unknown, run: unknown, options?: { readonly once?: boolean }): void {
      if (type !== "abort" || typeof run !== "function" || this.#isAborted) return;
      if (this.#listeners.length >= MAX_LISTENERS) throw new RangeError("AbortSignal: too many listeners");
      this.#listeners.push({ run: run as Listener, isOnce: options?.once === true });
    }

    removeEventListener(type: unknown, run: unknown): void {
      if (type === "abort") this.#listeners = this.#listeners.filter((one) => one.run !== run);
    }

    get [Symbol.toStringTag](): string {
      return "AbortSignal";
    }

    #abort(reason: unknown): void {
      if (this.#isAborted) return;
      this.#isAborted = true;
      this.#reason = reason;
      const listeners = this.#listeners;
      this.#listeners = [];
      for (const { run } of listeners) {
        try {
          run({ type: "abort", target: this });
        } catch (error) {
          onError(error);
        }
      }
    }
  }

  class AbortController {
    readonly #signal = new AbortSignal(token);

    get signal(): AbortSignal {
      return this.#signal;
    }

    abort(reason: unknown = aborted()): void {
      abort(this.#signal, reason);
    }

    get [Symbol.toStringTag](): string {
      return "AbortController";
    }
  }

  return {
    AbortController,
    AbortSignal,
    follow(signal, onAbort) {
      if (!isSignal(signal)) return undefined;
      const run = () => onAbort(signal.reason);
      if (signal.aborted) run();
      else signal.addEventListener("abort", run);
      return () => signal.removeEventListener("abort", run);
    },
  };
}

function aborted(): Error {
  return namedError("AbortError", "This operation was aborted");
}
