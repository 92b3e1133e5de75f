import type { NextTick } from "../policy-api.ts";
import type { PolicyFault } from "./faults.ts";
import type { Payload } from "./hooks.ts";

export interface CheckedClose {
  readonly code: number;
  readonly reason: string;
  /** What was broken, as the policy calls it: told to no peer. */
  readonly rule?: string;
}

/** What a hook says that no message has called: the parts of a `tick` verdict. */
export interface Initiative {
  readonly toClient: readonly Payload[];
  readonly toServer: readonly Payload[];
  readonly close?: CheckedClose;
  /** Of `at`: milliseconds since 1970. */
  readonly tick?: NextTick;
}

/** What a `renew` hook says. Absent: as it was. */
export interface Renewal extends Initiative {
  readonly attributes?: Readonly<Record<string, unknown>>;
  /** Milliseconds since 1970, as the next. */
  readonly expires?: number;
  readonly renewAt?: number;
}

/** What the verdict of a `client` or `server` hook says that is not about its message. */
export interface Aside {
  readonly tick?: NextTick;
  /** What the policy's `renew` hook says, which the verdict has called. */
  readonly renewal?: Renewal;
}

/** How a call ended. `upgrade` and `message` carry a verdict whose shape and values have been checked. */
export type Outcome =
  | { readonly kind: "unchanged" }
  /** The policy's `when` is not for this message: the hook was not called. */
  | { readonly kind: "skipped" }
  | {
      readonly kind: "message";
      /**
       * The message in place of the original; absent: the original stays, unless `drop`. Its bytes are given away: who gets it
       * may write over them.
       */
      readonly body?: Payload;
      readonly drop: boolean;
      readonly reply: readonly Payload[];
      readonly append: readonly Payload[];
      readonly close?: CheckedClose;
      /** Milliseconds, of each message that the policy had held back. */
      readonly held?: readonly number[];
      readonly aside?: Aside;
    }
  | ({ readonly kind: "tick"; readonly renewal?: Renewal; readonly held?: readonly number[] } & Initiative)
  | ({ readonly kind: "renew" } & Renewal)
  | { readonly kind: "upgrade"; readonly verdict: CheckedUpgradeVerdict }
  | { readonly kind: "unavailable"; readonly verdict: CheckedUnavailableVerdict }
  | { readonly kind: "fault"; readonly fault: PolicyFault };

/** Header names in lower case; a list sets, null removes. */
export type CheckedHeaderChanges = Readonly<Record<string, readonly string[] | null>>;

export interface CheckedRejection {
  readonly status: number;
  readonly headers: CheckedHeaderChanges;
  readonly body: string;
  readonly contentType: string;
}

export interface CheckedUpgradeVerdict {
  readonly connect?: string;
  readonly reject?: CheckedRejection;
  readonly attributes?: Readonly<Record<string, unknown>>;
  readonly headers?: CheckedHeaderChanges;
  readonly responseHeaders?: CheckedHeaderChanges;
  readonly subprotocol?: string;
  readonly contentType?: string;
  /** Milliseconds since 1970, as the next. */
  readonly expires?: number;
  readonly renewAt?: number;
  readonly tick?: NextTick;
}

/** `reject` stands alone. */
export interface CheckedUnavailableVerdict {
  readonly reject?: CheckedRejection;
  readonly connect?: string;
  readonly hold?: CheckedHold;
}

/** The client is let in before there is a server: for how long, and what of its own is kept for that. */
export interface CheckedHold {
  readonly forMs: number;
  readonly messages: number;
  readonly bytes: number;
  readonly subprotocol?: string;
  /** When no server can be had until then. */
  readonly close: { readonly code: number; readonly reason: string };
}
