/** What the guest says in the text of a result, as JSON. */

/** A body inside a `WireMessageVerdict`: text, text to be sent as binary, or the length of the next binary. */
export type WireBody = { readonly t: string } | { readonly u: string } | { readonly b: number };

export interface WireMessageVerdict {
  readonly body?: WireBody;
  /**
   * In place of `body`: the text of an edit, which says what of the message changes. It is a JSON object of members to set,
   * such as `"+user":"ada"`, and to remove: `"-internal":0`. Behind the sign no name is there twice.
   */
  readonly edit?: string;
  readonly drop?: true;
  readonly reply?: readonly WireBody[];
  readonly append?: readonly WireBody[];
  readonly close?: WireClose;
  readonly tick?: WireTick;
  /** In milliseconds, of each message that was held back. */
  readonly held?: readonly number[];
  /** What the `renew` hook said that the verdict has called. Its binaries come last. */
  readonly renewal?: WireInitiative;
}

interface WireClose {
  readonly code: number;
  readonly reason: string;
  readonly rule?: string;
}

/** When `tick` is called next: in so many milliseconds, at a time (ms since 1970), or not until another verdict says so. */
export type WireTick = { readonly in: number } | { readonly at: number } | false;

/** The verdict of a `tick` hook, or of a `renew` hook, which may say all but `renewal`. */
export interface WireInitiative {
  readonly toClient?: readonly WireBody[];
  readonly toServer?: readonly WireBody[];
  readonly close?: WireClose;
  readonly tick?: WireTick;
  readonly attributes?: unknown;
  /** Ms since 1970, as the next. */
  readonly expires?: number;
  readonly renewAt?: number;
  /** Of a `tick` hook alone. */
  readonly held?: readonly number[];
  readonly renewal?: WireInitiative;
}

/** A hook threw, returned what is no verdict, or stayed pending for too long. */
export interface HookFault {
  readonly reason: "throw" | "verdict" | "timeout";
  readonly message: string;
  readonly stack: string;
  /** Which part of the verdict is wrong, as `close.code`. */
  readonly at?: string;
}

/** Of a time, in milliseconds since 1970: what a `Date` can be. */
export const MAX_TIME = 8.64e15;

/** Of `tick: { in }`, in milliseconds: a year. */
export const MAX_TICK_IN = 31_622_400_000;

/** Most bodies of `reply`, of `append`, and of what is sent to each side unprompted. */
export const MAX_MESSAGES = 256;

/** Most times in `held`. */
export const MAX_HELD = 1024;

/** All bodies of one verdict together are at most so many times as large as one may be. */
export const MAX_BODIES_SHARE = 4;

/** RFC 6455, 5.5: a control frame holds 125 bytes, two of them the code. */
export const MAX_REASON_BYTES = 123;

/** Of the name of what was broken, in characters. */
export const MAX_RULE_LENGTH = 100;
export const MAX_HOLD_MS = 300_000;
export const MAX_HOLD_MESSAGES = 1024;
export const MAX_HOLD_BYTES = 1_048_576;

/** Of `hold`: what is taken where the verdict does not say, and the most. */
export const HOLD = {
  for: { usual: 30_000, most: MAX_HOLD_MS },
  messages: { usual: 64, most: MAX_HOLD_MESSAGES },
  bytes: { usual: 65_536, most: MAX_HOLD_BYTES },
  close: { code: 1013, reason: "server unavailable" },
} as const;

/** Of the checkpoint of a session, in characters of JSON. */
export const MAX_SESSION_LENGTH = 65_536;

/** Of what a hook or the top level of a policy threw, in characters. */
export const MAX_FAULT_MESSAGE = 2048;
export const MAX_FAULT_STACK = 8192;
/** Of the part of a verdict that is wrong. */
export const MAX_FAULT_PART = 200;

/** RFC 6455, 7.4: codes that an endpoint may send; 1004–1006 and 1015 never travel. */
export function isCloseCode(code: unknown): code is number {
  if (typeof code !== "number" || !Number.isInteger(code)) return false;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
}
