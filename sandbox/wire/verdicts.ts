/** What the guest says in the text of a result, as JSON. */

/** A body inside a `WireMessageVerdict`: text, text to be sent as binary, or the length of the next binary. */
export type WireBody = { readonly t: string } | { readonly u: string } | { readonly b: number };

export interface WireMessageVerdict {
  readonly body?: WireBody;
  readonly drop?: true;
  readonly reply?: readonly WireBody[];
  readonly append?: readonly WireBody[];
  readonly close?: { readonly code: number; readonly reason: string };
}

/** A hook threw, returned what is no verdict, or stayed pending for too long. */
export interface HookFault {
  readonly reason: "throw" | "verdict" | "timeout";
  readonly message: string;
  readonly stack: string;
}
