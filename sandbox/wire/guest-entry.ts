/** What crosses between the host and the guest of an isolate, beside what lies in their `SharedMemory`. */

/** The first argument of the guest's one entry function. */
export const ENTRY = {
  /** (fn: the wrapped policy) → JSON of `LoadResult`. */
  load: 0,
  /** (count, `GuestText`, binary) → the text of the results. */
  run: 1,
  /** Collect what settled after the last entry. */
  drain: 2,
  /** Collect, and end calls that are pending for too long. */
  sweep: 3,
  /** The text of the last entry once more: its return value was lost to an unhandled rejection. */
  again: 4,
  /** → the binary of the last entry's results. */
  takeBinary: 5,
  /** Collect garbage: what is left afterwards is in use. */
  collect: 6,
  /** (id; negative: it has failed, text, binary): what was asked of the host or the worker. */
  answer: 7,
  /** Run the timer that is due. */
  wake: 8,
  /** (now: milliseconds since 1970, seed) → set the clock of a test, and where there is a seed its randomness. */
  setTime: 9,
} as const;

/**
 * A text, or one in a box. As it is, isolated-vm makes an external string of it: memory of its own, which only a collection of
 * the isolate's whole heap frees. Out of a box it comes as one of the isolate's young objects.
 */
export type GuestText = string | readonly [string];

/** A batch is left, and entered again, when it has run for so long: a timeout is a hook's limit plus this slice. */
export const SLICE_MS = 10;

export interface GuestSettings {
  readonly asyncTimeoutMs: number;
  readonly maxResultBytes: number;
  readonly maxSessionLength: number;
  /** Tests only: the time that the policy sees, milliseconds since 1970. It stands still until `setTime`. */
  readonly testTime?: number;
  /** Tests only: what all randomness is made of, up to the next `setTime` that brings another. */
  readonly testSeed?: number;
  /** What is loaded may make code from strings. */
  readonly makesCode?: true;
}

/** What is not the same for all instances of a host. */
export type InstanceSettings = Pick<GuestSettings, "testTime" | "testSeed" | "makesCode">;

/** The text of the record that opens a seat. */
export interface SeatOpening {
  readonly id: string;
  readonly route: string;
  readonly options: unknown;
  /** MIME types of the messages, by who sends them. */
  readonly types: {
    readonly client: { readonly text: string; readonly binary: string };
    readonly server: { readonly text: string; readonly binary: string };
  };
  /** JSON of the upgrade context. */
  readonly context: string;
  /** JSON of the last checkpoint. */
  readonly session?: string;
  /** Of the policy's hooks those that run here; absent: all. */
  readonly hooks?: readonly string[];
}

/** The text of the record that updates a seat: what of its upgrade context is otherwise than before. */
export interface RenewedContext {
  readonly attributes: Readonly<Record<string, unknown>>;
  /** Null: never. */
  readonly expires: number | null;
}

/** Of the lines that policies log. */
export const POLICY_LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Of one line, with what is said around it. */
export const MAX_LOG_TEXT = 4096;

export type PolicyLogLevel = (typeof POLICY_LOG_LEVELS)[number];

/** Of each export that is plain data, in characters of JSON. */
export const MAX_EXPORT_LENGTH = 512 * 1024;

export interface LoadFailure {
  readonly reason: "throw" | "exports" | "syntax" | "timeout" | "memory";
  readonly message: string;
  readonly stack: string;
}

export type LoadResult =
  | {
      readonly ok: true;
      readonly hooks: readonly string[];
      readonly route?: unknown;
      readonly optionsSchema?: unknown;
      readonly capabilities?: unknown;
      readonly when?: unknown;
    }
  | { readonly ok: false; readonly failure: LoadFailure };
