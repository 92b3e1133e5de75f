/** On what grounds a session ends. */
export const END_CAUSES = [
  "peer",
  "vanished",
  "protocol",
  "policy",
  "policy-fault",
  "policies-changed",
  "rate",
  "expire",
  "expires",
  "idle",
  "keepalive",
  "slow-consumer",
  "unavailable",
  "route-disabled",
  "route-removed",
  "recycle",
  "drain",
  "admin",
] as const;

export type EndCause = (typeof END_CAUSES)[number];

/** Why the gateway ends a session, for the log and the ledger of closes. */
export interface EndGrounds {
  readonly cause: EndCause;
  /** The policy, the limit, the rule that was broken; "" where the cause says it all. */
  readonly detail: string;
  /** Whose verdict, fault or expiry it was; absent: no policy's. */
  readonly by?: { readonly policy: string; readonly version: string };
  /** What was broken, where the cause does not say it. */
  readonly rule?: string;
}

/** The codes of the Close frames on one leg, as `SessionEnd.code`; null: there was none. */
export interface LegCodes {
  /** By the peer to the gateway. */
  readonly sent: number | null;
  /** By the peer from the gateway. */
  readonly got: number | null;
}

export interface SessionEnd extends Pick<EndGrounds, "cause" | "detail"> {
  readonly initiator: "client" | "server" | "gateway" | "policy";
  /** 1005: a Close frame without a code; 1006: no Close frame. Neither was ever on the wire. */
  readonly code: number;
  readonly reason: string;
  /** Whose verdict, fault or expiry it was, and the version that ran; "": no policy's. */
  readonly policy: string;
  readonly version: string;
  /** What was broken: the rule that the policy's verdict names, or an option of the route; "": nothing. */
  readonly rule: string;
  readonly codes: { readonly client: LegCodes; readonly server: LegCodes };
  readonly durationMs: number;
  readonly messages: { readonly client: number; readonly server: number };
  readonly bytes: { readonly client: number; readonly server: number };
}
