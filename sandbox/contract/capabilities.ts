/** What a policy asks of the trusted side. All of it comes out of the sandbox: believe nothing but `policy` and `version`. */
export interface CapabilityAsk {
  readonly policy: string;
  readonly version: string;
  readonly kind: "fetch" | "kv" | "secret" | "alert" | "rate";
  /** JSON; see `wire/ask-texts.ts` for what each kind says. */
  readonly text: string;
  readonly binary: Uint8Array | undefined;
  /** Aborted when nobody waits for the answer any more: the deadline has passed, or the isolate is gone. */
  readonly signal: AbortSignal;
}

/** What a policy wants people to know, checked. */
export interface PolicyAlert {
  readonly policy: string;
  readonly version: string;
  readonly name: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface CapabilityAnswer {
  readonly text: string;
  readonly binary?: Uint8Array;
}

/** Checks and carries out what policies ask for, outside of the sandbox. */
export interface Broker {
  /** Rejects with a `CapabilityError` whose message the policy may read. */
  carryOut(ask: CapabilityAsk): Promise<CapabilityAnswer>;
}
