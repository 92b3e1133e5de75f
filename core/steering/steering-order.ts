import type { EndGrounds } from "../session-end.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { SessionFilter } from "./session-filter.ts";

/** What is done to each session that is meant. Plain data. */
export interface SteeringAct {
  /** A text message for the client, before the Close. */
  readonly message?: string;
  readonly close?: CloseStatus;
  /** The Close names a time to come again that is within so long; absent: none. */
  readonly reconnectMs?: number;
  /** Have its policies say anew who it is. */
  readonly renew?: true;
  readonly grounds: EndGrounds;
}

/** To all sessions that fit at the moment when it comes. Plain data. */
export interface SteeringOrder {
  readonly id: string;
  readonly filter: SessionFilter;
  readonly act: SteeringAct;
}

export interface SteeringProgress {
  readonly done: number;
  /** Those that ended by themselves before their turn are neither done nor left. */
  readonly left: number;
  /** Renewals that have been asked for, and have not been answered. */
  readonly pending: number;
  /** What came of those that have been answered since this was asked last. */
  readonly outcomes: SteeringOutcomes;
}

/** How many renewals ended so. */
export type SteeringOutcomes = Readonly<Record<string, number>>;

/** What a worker is asked, wherever it runs. */
export interface SteeredWorker {
  /** Of another machine: if it does not answer it is named so. */
  readonly node?: string;
  /** Nothing is done yet. @returns how many fit */
  selectSessions(order: SteeringOrder): Promise<number>;
  /** Do it to so many more of them. */
  steerSessions(id: string, count: number): Promise<SteeringProgress>;
  /** Leave the rest of them alone. */
  forgetSessions(id: string): Promise<void>;
}
