import type { SessionsQuery } from "../../engine/live-session.ts";
import type { OperatorMessage, SaidOutcome } from "../../session/operator/operator-message.ts";
import type { AskedOutcome } from "../../session/times/renewals.ts";
import type { SessionFilter } from "../../steering/session-filter.ts";
import type { SteeringWish } from "../../steering/steering-jobs.ts";
import type { CloseStatus } from "../../wire/close-payload.ts";
import type { ShownJob, ShownSession } from "../questions/answer-schemas.ts";
import type { Unanswered } from "../questions/unanswered.ts";

/** Who was asked, and has not answered: what is said holds for the others. Empty on one machine. */
export interface DeskAnswer {
  readonly unanswered: readonly Unanswered[];
}

export interface DeskSession extends ShownSession {
  /** That it is on; "" where there is no fleet. */
  readonly node: string;
}

export interface DeskJob extends ShownJob {
  /** That deals it out. */
  readonly node: string;
}

export interface DeskPage extends DeskAnswer {
  /** Newest first. There may be fewer than were asked for as long as there is `next`. */
  readonly sessions: readonly DeskSession[];
  /** How many fit. */
  readonly total: number;
  /** Where the next page begins; null: this is the last. */
  readonly next: string | null;
}

/** Where operators see the open sessions, of a node or of all of the fleet, and do something with them. */
export interface Desk {
  list(query: SessionsQuery): Promise<DeskPage>;
  count(filter: SessionFilter): Promise<{ readonly sessions: number } & DeskAnswer>;
  /** Whether there was such a session. */
  close(id: string, status: CloseStatus): Promise<{ readonly done: boolean } & DeskAnswer>;
  /** Say something in it. `null`: there is no such session. */
  say(id: string, message: OperatorMessage): Promise<{ readonly outcome: SaidOutcome | null } & DeskAnswer>;
  /** `null`: there is no such session. */
  renew(id: string): Promise<{ readonly outcome: AskedOutcome | null } & DeskAnswer>;
  /** Does something to all that fit, at a pace of all together. */
  steer(wish: SteeringWish): Promise<DeskJob>;
  /** What runs, and the last that is over; oldest first. */
  jobs(): Promise<{ readonly jobs: readonly DeskJob[] } & DeskAnswer>;
  /** Leave the rest alone. Whether there was such a job under way. */
  stopJob(id: string): Promise<{ readonly done: boolean } & DeskAnswer>;
}
