import type { Side } from "../../../sandbox/contract/hooks.ts";
import type { Seat } from "../../../sandbox/contract.ts";
import type { SideLimits } from "../../config/index.ts";

/** Where operators hold messages, as a session sees it. */
export interface HoldingPlaces {
  /** Breakpoints are set. */
  readonly isSet: boolean;
  /**
   * The ends of this direction's chain of policies: before the first, and behind the last. Undefined: none of its messages can be meant.
   *
   * @param isReadable false: its messages cannot be read one by one
   */
  placesOf(session: HoldingSession, origin: Side, isReadable: boolean): readonly [Seat, Seat] | undefined;
  /** How many of its messages are held. */
  countOf(session: string): number;
  /** It ends, or one of its sides says nothing more: what is held of it goes, and nothing more of it is held. */
  letGo(session: string): void;
}

/** What each side may send. */
export type MessageLimits = Readonly<Record<Side, Pick<SideLimits, "maxMessageBytes">>>;

export interface HoldingSession {
  readonly id: string;
  readonly route: string;
  readonly limits: MessageLimits;
  /** Nothing more of it is held. */
  readonly isEnding: boolean;
  /** When one of its messages was let go last, on the clock of the deadlines. */
  letGoAt: number;
}

/** What an operator, or time, has made of a message that was held. */
export interface LetGo {
  readonly action: "held" | "replaced" | "dropped";
  readonly detail: string;
}
