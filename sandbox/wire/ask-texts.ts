/** What policies may ask of the trusted side, and what it answers: the texts of asks and answers, as JSON. */

/** What a policy may ask for. `cancel` takes back an earlier ask of the same id, `subtle` is done by the host itself. */
export const ASK_KIND = { cancel: 0, subtle: 1, fetch: 2, kv: 3, secret: 4, alert: 5, rate: 6 } as const;

/** One thing that a policy has asked for. */
export interface Ask {
  readonly id: number;
  /** An `ASK_KIND`. */
  readonly kind: number;
  /** On the machine's clock. */
  readonly deadline: number;
  /** JSON: a `WireFetch`, `WireKv`, `WireSubtle`, `WireAlert`, `WireRate`, or an object with the `name` of a secret. */
  readonly text: string;
  readonly binary: Uint8Array | undefined;
}

/** A policy counts its asks from 1 to this. */
export const MAX_ASK_ID = 0x7fff_ffff;

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

/** One that is taken of a key's rate: so many in so many milliseconds. */
export interface WireRate {
  readonly key: string;
  readonly limit: number;
  readonly per: number;
  readonly burst: number;
  readonly onStoreLoss: "local" | "closed" | "open";
}

/** The answer's text, as JSON. */
export interface WireRateTaken {
  readonly allowed: boolean;
  readonly retryAfterMs: number;
  readonly remaining: number;
}

/** Something that a policy wants people to know. */
export interface WireAlert {
  readonly name: string;
  /** The JSON of an object. */
  readonly details: string;
}

export const ALERT_NAME = /^[\w.:-]{1,64}$/;
/** Of its details, as JSON. */
export const MAX_ALERT_BYTES = 8192;
