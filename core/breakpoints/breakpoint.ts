import type { Payload, Side } from "../../sandbox/contract/hooks.ts";

/** Which messages are to be held before they leave, and for how long. Plain data. */
export interface Breakpoint {
  readonly id: string;
  /** Which of the messages; "": all. */
  readonly filter: string;
  /** Absent: of all. */
  readonly session?: string;
  readonly route?: string;
  /** Who has sent them; absent: both sides. */
  readonly origin?: Side;
  /** A message goes by itself after so long. */
  readonly holdMs: number;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** One that is to be set, without times of day: gateways' clocks differ. Plain data. */
export interface BreakpointOrder extends Omit<Breakpoint, "createdAt" | "expiresAt"> {
  /** It is removed by itself after so long. */
  readonly forMs: number;
}

/** A message that is held, as a worker tells of it: nothing of it is hidden. Plain data. */
export interface HeldMessage {
  readonly id: string;
  readonly breakpoint: string;
  readonly session: string;
  readonly route: string;
  readonly origin: Side;
  /** Among the messages of its direction and session, as policies have it. */
  readonly sequence: number;
  /** Since when, milliseconds since 1970. */
  readonly heldAt: number;
  /** Until it goes by itself. */
  readonly leftMs: number;
  /** As it is to leave. */
  readonly payload: HeldPayload;
  /** As it came, where policies have changed it. */
  readonly original: HeldPayload | undefined;
}

/** All of a payload, or its beginning. */
export interface HeldPayload extends Payload {
  /** Of all of it. */
  readonly length: number;
}

/** What messages that match, or may do, have met beyond what can be held, since breakpoints were set. */
export interface PassedMessages {
  /** There was no room for more. */
  readonly full: number;
  /** Longer than what is held. */
  readonly large: number;
  /** In fragments, longer than what is read, or such that only reading tells: whether it was meant is not known. */
  readonly unread: number;
}

export function sumPassed(parts: readonly PassedMessages[]): PassedMessages {
  const sum = (key: keyof PassedMessages) => parts.reduce((total, part) => total + part[key], 0);
  return { full: sum("full"), large: sum("large"), unread: sum("unread") };
}

export interface HeldMessages {
  /** In the order in which they came. */
  readonly messages: readonly HeldMessage[];
  readonly passed: PassedMessages;
  /** Open sessions whose messages cannot be held: they are compressed such that nobody can read one alone. */
  readonly unreadable: number;
}

/** What becomes of a held message. */
export type HeldDecision =
  | { readonly type: "release" }
  | { readonly type: "replace"; readonly payload: Payload }
  | { readonly type: "drop" };

/** A held message that an operator has decided on, as it is logged. Plain data. */
export interface DecidedMessage extends Pick<HeldMessage, "session" | "route" | "origin"> {
  /** As it was to leave. */
  readonly bytes: number;
  /** What stands in its place, if an operator has written that. */
  readonly editedBytes?: number;
}

/** `gone`: it is not held, or not any more. `too-large`: its sender may send none that is so long; it stays where it is. */
export type HeldOutcome =
  | { readonly outcome: "done"; readonly message: DecidedMessage }
  | { readonly outcome: "gone" | "too-large" };

/** Which held messages are let go together: all that is given must hold. */
export interface HeldSelection {
  readonly session?: string;
  readonly breakpoint?: string;
}

export const MOST_BREAKPOINTS = 20;
/** Of a worker. */
export const MOST_HELD = 100;
export const MOST_HELD_BYTES = 8 * 1024 * 1024;
/** Of one message. */
export const LARGEST_HELD_BYTES = 256 * 1024;
/** Of each payload in a list: characters, or bytes of what is none. */
export const PREVIEW_LENGTH = 1024;
/** As much of each is looked through for secrets, so that half of one does not stand at the end. */
export const PREVIEW_BYTES = 8 * PREVIEW_LENGTH;
