import type { z } from "zod";
import {
  countSchema,
  jobsSchema,
  outcomeSchema,
  pageSchema,
  progressSchema,
  saidSchema,
  wasDoneSchema,
} from "./answer-schemas.ts";
import {
  breakpointOrderSchema,
  decidedSchema,
  decisionOrderSchema,
  heldAnswerSchema,
  heldOrderSchema,
  releasedSchema,
  selectionSchema,
} from "./hold-schemas.ts";
import {
  closeOrderSchema,
  countOrderSchema,
  nothingSchema,
  oneSchema,
  pageOrderSchema,
  sayOrderSchema,
  selectOrderSchema,
  steerOrderSchema,
} from "./order-schemas.ts";

/** For people who look at a page. */
const SHORT_MS = 500;
/** What is done to many sessions takes longer than to find them; who has died is not waited for longer than its lease lasts. */
const LONG_MS = 5_000;

/** What nodes ask each other, and for how long they wait for it. To ask something new, add it here. */
export const fleetQuestions = {
  /** Whether it answers at all. */
  ping: { args: nothingSchema, answer: wasDoneSchema, withinMs: SHORT_MS },
  sessions: { args: pageOrderSchema, answer: pageSchema, withinMs: SHORT_MS },
  countSessions: { args: countOrderSchema, answer: countSchema, withinMs: SHORT_MS },
  closeSession: { args: closeOrderSchema, answer: wasDoneSchema, withinMs: SHORT_MS },
  say: { args: sayOrderSchema, answer: saidSchema, withinMs: SHORT_MS },
  /** The policies' hooks may take their time. */
  renewSession: { args: oneSchema, answer: outcomeSchema, withinMs: LONG_MS },
  selectSessions: { args: selectOrderSchema, answer: countSchema, withinMs: SHORT_MS },
  steerSessions: { args: steerOrderSchema, answer: progressSchema, withinMs: LONG_MS },
  forgetSessions: { args: oneSchema, answer: wasDoneSchema, withinMs: SHORT_MS },
  held: { args: heldOrderSchema, answer: heldAnswerSchema, withinMs: SHORT_MS },
  /** All workers are told before it is answered. */
  setBreakpoint: { args: breakpointOrderSchema, answer: wasDoneSchema, withinMs: LONG_MS },
  removeBreakpoint: { args: oneSchema, answer: wasDoneSchema, withinMs: LONG_MS },
  decideHeld: { args: decisionOrderSchema, answer: decidedSchema, withinMs: SHORT_MS },
  releaseHeld: { args: selectionSchema, answer: releasedSchema, withinMs: SHORT_MS },
  jobs: { args: nothingSchema, answer: jobsSchema, withinMs: SHORT_MS },
  stopJob: { args: oneSchema, answer: wasDoneSchema, withinMs: SHORT_MS },
} as const;

type FleetQuestions = typeof fleetQuestions;
export type QuestionName = keyof FleetQuestions;
export type QuestionArgs<Name extends QuestionName> = z.infer<FleetQuestions[Name]["args"]>;
export type QuestionAnswer<Name extends QuestionName> = z.infer<FleetQuestions[Name]["answer"]>;

/** How a node answers each of them. */
export type FleetAnswerer = {
  readonly [Name in QuestionName]: (
    args: QuestionArgs<Name>,
  ) => QuestionAnswer<Name> | Promise<QuestionAnswer<Name>>;
};

export function isQuestion(name: string): name is QuestionName {
  return Object.hasOwn(fleetQuestions, name);
}
