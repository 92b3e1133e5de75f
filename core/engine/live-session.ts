import type { BySide } from "../metrics/route-traffic.ts";

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
  readonly idleMs: number;
  /** As the `upgrade` hooks set them: not redacted. */
  readonly attributes: Readonly<Record<string, unknown>>;
}
