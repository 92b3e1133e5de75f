import type { BySide } from "../metrics/route-traffic.ts";
import type { AskedOutcome } from "../session/times/renewals.ts";
import type { SessionFilter } from "../steering/session-filter.ts";
import type { SessionPlace } from "./session-place.ts";

/** A page of the open sessions that fit, newest first. Plain data. */
export interface FoundSessions {
  readonly sessions: readonly LiveSession[];
  /** How many fit. */
  readonly total: number;
  /** How many of them are on this page and behind it. */
  readonly left: number;
}

/** Which open sessions are listed. Plain data. */
export interface SessionsQuery {
  readonly filter: SessionFilter;
  readonly limit: number;
  /** Only those behind this place. */
  readonly before?: SessionPlace | undefined;
}

/** An open session, for people. Plain data. */
export interface LiveSession {
  readonly id: string;
  readonly route: string;
  readonly path: string;
  /** Address and port. */
  readonly client: string;
  readonly server: string;
  readonly subprotocol: string;
  readonly extensions: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly messages: BySide;
  readonly bytes: BySide;
  readonly bufferedBytes: BySide;
  /** How many of its messages an operator holds. */
  readonly held: number;
  /** Its messages can be held: they are not compressed such that nobody can read one alone. */
  readonly isHoldable: boolean;
  readonly idleMs: number;
  /** As the `upgrade` hooks set them, and `renew` hooks since then: not redacted. */
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What came of asking a session's policies to renew it. */
export interface SessionRenewal {
  readonly id: string;
  /** Of several policies the worst. `no-hook`: none of them exports `renew`. `held`: they are called once it has its server. `ended`: the session did, before they had answered. */
  readonly outcome: AskedOutcome;
}
