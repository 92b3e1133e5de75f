import type { CheckedHold } from "../../../sandbox/contract/verdicts.ts";
import type { GoneSignal } from "../../net/gone-signal.ts";
import type { Refused } from "../../request/refusal.ts";
import type { AcceptedUpgrade } from "../accepted-upgrade.ts";
import type { Agreement } from "../agree-with-server.ts";
import type { HoldPlace } from "./hold-room.ts";

/** A client that has its 101 and no server yet. */
export interface HeldUpgrade {
  /** What its session will be made of, as far as it is known: its context names no server. */
  readonly upgrade: Omit<AcceptedUpgrade, "server" | "heads">;
  /** What came right behind the handshake. */
  readonly head: Buffer;
  readonly hold: CheckedHold;
  /** Whose word it was. */
  readonly policy: string;
  /** How often a server has been asked so far. */
  readonly tries: number;
  /** Among those that are held. */
  readonly place: HoldPlace;
  /** Ask for a server once more, as the route's config is now. Never rejects. */
  agree(signal: GoneSignal, onTry: () => void): Promise<Agreement | Refused>;
}
