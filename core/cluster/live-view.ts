/** What a worker tells of itself when it is asked. Plain data. */

/** By who sent it. */
export interface BySide {
  readonly client: number;
  readonly server: number;
}

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

export interface RouteTraffic {
  readonly route: string;
  /** Open now. */
  readonly sessions: number;
  readonly messages: BySide;
  readonly bytes: BySide;
  /** Waiting for the other side. */
  readonly bufferedBytes: BySide;
}
