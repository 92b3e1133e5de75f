/**
 * What travels between a worker and its sandbox host, and between the host and the code inside an isolate. Imports
 * nothing, so that all three worlds can share it.
 *
 * On the socket, each frame is
 *
 *   u32 length of the rest │ u8 kind │ body                                                        (little endian)
 *
 * - `control`: JSON, a `ClientMessage` or a `HostMessage`.
 * - `calls`, `upgrades` (the same, for the hook that has a limit of its own) and, from the host, `results`:
 *
 *   u32 instance │ u32 count │ u32 textBytes │ u32 binaryBytes │ count records │ text as UTF-8 │ binary
 *
 *   In `results`, the microseconds spent in the isolate since the last such frame (u32) come before the records.
 *
 * - `asks` (host to worker: one thing that a policy asks of the trusted side) and `answers` (back), one a frame:
 *
 *   u32 instance │ u32 id │ u32 kind │ f64 deadline │ u32 textBytes │ text as UTF-8 │ binary
 *   u32 instance │ u32 id │ u32 isGood │ u32 textBytes │ text as UTF-8 │ binary
 *
 *   A record is a row of int32s; `call` and `result` below name its columns. Lengths on the socket are bytes, and the
 *   texts lie end to end in the order of the records, as the binaries do.
 *
 * Between host and guest, the same records lie in one SharedArrayBuffer (`shared`), the texts travel as one string, and
 * lengths of text are UTF-16 units. When a string has as many units as bytes, both are the same number.
 */

export const frameKind = { control: 1, calls: 2, upgrades: 3, results: 4, asks: 5, answers: 6 } as const;

/** Bytes before the body: length and kind. */
export const FRAME_HEADER = 5;
/** Bytes before the records of a `calls` frame. */
export const BATCH_HEADER = 16;
/** Bytes before the records of a `results` frame. */
export const RESULTS_HEADER = 20;
/** Bytes before the text of an `asks` frame, and of an `answers` frame. */
export const ASK_HEADER = 24;
export const ANSWER_HEADER = 16;
/** A longer frame is a bug, or a host gone wrong. */
export const MAX_FRAME = 256 * 1024 * 1024;

/** Most calls of one frame, and so of one entry into an isolate. */
export const MAX_BATCH = 256;
/** Most results of one frame. More wait in the guest for the next entry. */
export const MAX_RESULTS = 512;

/**
 * Columns of a call's record. `text` is 0 for a binary payload; `size` is the payload's length in bytes as it came,
 * text or binary; `time` is a float64 over two columns.
 */
export const call = { id: 0, seat: 1, op: 2, text: 3, size: 4, sequence: 5, time: 6 } as const;
export const CALL_INTS = 8;

/** The lowest bits of `op`; the first four are the hooks. */
export const op = { upgrade: 0, client: 1, server: 2, close: 3, openSeat: 4, closeSeat: 5 } as const;
export const OP_MASK = 0xff;
/** The payload of this call is binary. */
export const OP_BINARY = 0x100;

export const hookNames = ["upgrade", "client", "server", "close"] as const;

/** Columns of a result's record. `session` is -1 when the checkpoint has not changed. */
export const result = { id: 0, kind: 1, text: 2, session: 3, binary: 4 } as const;
export const RESULT_INTS = 5;

export const resultKind = {
  unchanged: 0,
  /** The text is the new body. */
  text: 1,
  /** The text is the new body, of a message that is binary. */
  textAsBinary: 2,
  /** The binary is the new body. */
  binary: 3,
  /** The text is the JSON of a `WireMessageVerdict`, the binary holds its binary bodies end to end. */
  message: 4,
  /** The text is the JSON of a `CheckedUpgradeVerdict`. */
  upgrade: 5,
  /** The text is the JSON of a `WireFault`. */
  fault: 6,
  /** Not a result: the hook has returned a promise that is still pending. */
  pending: 7,
} as const;

/** A body inside a `WireMessageVerdict`: text, text to be sent as binary, or the length of the next binary. */
export type WireBody = { readonly t: string } | { readonly u: string } | { readonly b: number };

export interface WireMessageVerdict {
  readonly body?: WireBody;
  readonly drop?: true;
  readonly reply?: readonly WireBody[];
  readonly append?: readonly WireBody[];
  readonly close?: { readonly code: number; readonly reason: string };
}

export interface WireFault {
  readonly reason: "throw" | "verdict" | "timeout";
  readonly message: string;
  readonly stack: string;
}

/** Int32 positions in the head of the shared memory. */
export const shared = {
  /** Id of the call whose code runs right now; -1: none, or code that no call can be named for. */
  running: 0,
  /** How many records of this entry have been begun. */
  begun: 1,
  /** How many results the entry has written. */
  results: 2,
  /** Bytes of binary that wait for the `takeBinary` entry. */
  binary: 3,
  /** Calls whose promise is pending. */
  pending: 4,
  /** Results, and news of pending calls, that wait for the `drain` entry. */
  late: 5,
  /** Whether the `setTime` entry has run a timer: there may be more. */
  timer: 6,
} as const;
export const SHARED_HEAD_INTS = 8;
export const SHARED_CALLS = SHARED_HEAD_INTS;
export const SHARED_RESULTS = SHARED_CALLS + MAX_BATCH * CALL_INTS;
export const SHARED_INTS = SHARED_RESULTS + MAX_RESULTS * RESULT_INTS;

/** The first argument of the guest's one entry function. */
export const entry = {
  /** (fn: the wrapped policy) → JSON of `LoadResult`. */
  load: 0,
  /** (count, text, binary) → the text of the results. */
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
  /** (now: milliseconds since 1970) → set the clock of a test. */
  setTime: 9,
} as const;

/** What a policy may ask for. `cancel` takes back an earlier ask of the same id, `subtle` is done by the host itself. */
export const askKind = { cancel: 0, subtle: 1, fetch: 2, kv: 3, secret: 4 } as const;

/** Asks that one policy may have on the way, and all policies of one host; and the bytes of these. */
export const MAX_POLICY_ASKS = 4096;
export const MAX_POLICY_ASK_BYTES = 16 * 1024 * 1024;
export const MAX_HOST_ASKS = 16_384;

/** The text of an answer to something that failed. */
export interface WireAskError {
  readonly name: string;
  readonly message: string;
}

export interface WireFetch {
  readonly url: string;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly redirect: "follow" | "error" | "manual";
  /** A body of text; one of bytes is the ask's binary. */
  readonly body?: string;
}

/** The body is the answer's binary. */
export interface WireResponse {
  readonly url: string;
  readonly status: number;
  readonly statusText: string;
  readonly redirected: boolean;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** Values are JSON texts; null: none. `expires` in milliseconds from now. */
export type WireKv =
  | { readonly op: "get" | "delete"; readonly key: string }
  | { readonly op: "set"; readonly key: string; readonly value: string; readonly expires?: number }
  | { readonly op: "increment"; readonly key: string; readonly by: number; readonly expires?: number }
  | {
      readonly op: "compareAndSet";
      readonly key: string;
      readonly expected: string | null;
      readonly value: string | null;
      readonly expires?: number;
    };

/** A batch is left, and entered again, when it has run for so long: a timeout is a hook's limit plus this slice. */
export const SLICE_MS = 10;

export interface GuestSettings {
  readonly asyncTimeoutMs: number;
  readonly maxResultBytes: number;
  readonly maxSessionBytes: number;
  /** Tests only: the time that the policy sees, milliseconds since 1970. It stands still until `setTime`. */
  readonly testTime?: number;
}

/** The text of an `openSeat` record. */
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
}

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
    }
  | { readonly ok: false; readonly failure: LoadFailure };

export interface HostSettings {
  readonly addon: string;
  readonly guest: string;
  readonly messageTimeoutMs: number;
  readonly upgradeTimeoutMs: number;
  readonly loadTimeoutMs: number;
  readonly asyncTimeoutMs: number;
  readonly memoryLimitMb: number;
  readonly maxResultBytes: number;
  /** Isolates can be inspected: they run on threads of their own, and without time limits. */
  readonly inspect?: boolean;
}

/** A message of the inspector protocol, from or for one debugger. Without text: the debugger has gone. */
export interface InspectorMessage {
  readonly type: "inspector";
  readonly instance: number;
  readonly debugger: number;
  readonly text?: string;
}

export type ClientMessage =
  | { readonly type: "start"; readonly settings: HostSettings }
  | {
      readonly type: "load";
      readonly instance: number;
      readonly code: string;
      readonly filename: string;
      readonly testTime?: number;
      /** To be done before the policy runs. */
      readonly inspect?: readonly InspectorMessage[];
    }
  | InspectorMessage
  /** Answered by `time-set`. Only for an instance that was loaded with `testTime`. */
  | { readonly type: "set-time"; readonly instance: number; readonly now: number }
  | { readonly type: "drop"; readonly instance: number }
  /** @param usage Whether the answer is to say what the host and its isolates use. */
  | { readonly type: "ping"; readonly sequence: number; readonly usage: boolean };

export type LossReason = "timeout" | "memory";

export interface InstanceLoss {
  readonly type: "lost";
  readonly instance: number;
  readonly reason: LossReason;
  /** The call whose code was running; undefined when it cannot be named. */
  readonly culprit?: number;
  /** Calls that the entry had begun: with the pending ones, the suspects when there is no culprit. */
  readonly begun: readonly number[];
  /** The thread got much less CPU time than the limit: the machine is overloaded, the call is not to blame. */
  readonly starved: boolean;
  /** Microseconds spent in the isolate that no results have told. */
  readonly spentUs: number;
}

/** What a host process has used: CPU time since its start, and the heaps of its isolates. */
export interface HostUsage {
  readonly cpuUs: number;
  readonly heaps: readonly (readonly [instance: number, bytes: number])[];
}

export type HostMessage =
  | { readonly type: "ready" }
  | InspectorMessage
  | { readonly type: "loaded"; readonly instance: number; readonly result: LoadResult }
  | InstanceLoss
  | { readonly type: "time-set"; readonly instance: number }
  /** The heap is above the soft limit: rebuild this isolate between calls. */
  | { readonly type: "tired"; readonly instance: number }
  | { readonly type: "log"; readonly instance: number; readonly lines: readonly WireLogLine[] }
  | { readonly type: "pong"; readonly sequence: number; readonly rss: number; readonly usage?: HostUsage };

/** Seat (0: none), level, text. */
export type WireLogLine = readonly [seat: number, level: string, text: string];

/**
 * The journal: a file without a name that outlives the host. Before each entry the host notes here what it is about to
 * run, as int32s. Ids of the calls follow.
 */
export const journal = { state: 0, instance: 1, count: 2, ids: 3 } as const;
export const journalState = { idle: 0, load: 1, run: 2, continue: 3 } as const;
export const JOURNAL_INTS = 3 + MAX_BATCH;

/** What a policy asks of `crypto.subtle`. Bytes are named by their position in `parts`, the lengths of the binary's. */
export interface WireSubtle {
  readonly op:
    | "importKey"
    | "exportKey"
    | "generateKey"
    | "sign"
    | "verify"
    | "encrypt"
    | "decrypt"
    | "deriveBits";
  /** Fields that are bytes as `{ part }`, keys as their material. */
  readonly algorithm?: object;
  /** Material of the key, as the host gave it. */
  readonly key?: string;
  readonly format?: string;
  readonly jwk?: Readonly<Record<string, unknown>>;
  readonly data?: number;
  readonly signature?: number;
  readonly usages?: readonly string[];
  /** Of `deriveBits`; null: all. */
  readonly length?: number | null;
  readonly parts: readonly number[];
}

export interface WireKey {
  readonly material: string;
  readonly type: "public" | "private" | "secret";
  readonly algorithm: Readonly<Record<string, unknown>>;
  readonly usages: readonly string[];
}

/** Bytes are the answer's binary. */
export interface WireSubtleAnswer {
  readonly key?: WireKey;
  readonly pair?: { readonly publicKey: WireKey; readonly privateKey: WireKey };
  readonly isValid?: boolean;
  readonly jwk?: object;
}
