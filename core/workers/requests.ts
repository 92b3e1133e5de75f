import type { PolicyTotals } from "../../sandbox/contract/stats.ts";
import type { PolicyBundle } from "../../sandbox/contract.ts";
import { giveBackHeap } from "../../sandbox/heap-room.ts";
import {
  type HeldDecision,
  type HeldMessages,
  type HeldOutcome,
  type HeldSelection,
  sumPassed,
} from "../breakpoints/breakpoint.ts";
import type { Goodbye, WorkerDrain } from "../config/index.ts";
import type { Engine } from "../engine/contract.ts";
import type { EnginePlan } from "../engine/engine-plan.ts";
import type { FoundSessions, SessionsQuery } from "../engine/live-session.ts";
import { comparePlaces } from "../engine/session-place.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import type { EngineMetrics } from "../metrics/engine-metrics.ts";
import { sumByRoute } from "../metrics/route-traffic.ts";
import type { KeptAnswers } from "../recording/answer-log.ts";
import type { OperatorMessage } from "../session/operator/operator-message.ts";
import { sumReports } from "../shadow/sum-reports.ts";
import type { SessionFilter } from "../steering/session-filter.ts";
import type { SteeringOrder } from "../steering/steering-order.ts";
import { sumCounts } from "../traffic/switches/recording-switch.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { sumPolicyStats } from "./policy-stats.ts";
import type { WorkerPulse } from "./pulse.ts";
import { joinShadows, sumTallies } from "./tallies.ts";

/** Who answers: an engine with what is around it, in a process of its own or in the supervisor's. */
export interface Answerer {
  readonly engine: Engine;
  readonly metrics: EngineMetrics;
  /** Since it was last asked. */
  pulse(): WorkerPulse;
  /** Hand over all records that are held back, and this mark behind them. */
  collect(mark: number): void;
}

/** What one worker is told to do. */
const orders = {
  expectVersions: order(({ engine }) => engine.expectVersions()),
  loadAhead: order(({ engine }, bundle: PolicyBundle, isKept: boolean) => engine.loadAhead(bundle, isKept)),
  apply: order(({ engine }, plan: EnginePlan) => engine.apply(plan)),
  listen: order(({ engine }, plans: readonly ListenerPlan[], addresses: readonly ListenerAddress[]) =>
    engine.listen(plans, addresses),
  ),
  /** The start is over. Sessions would feel the pause. */
  settle: order(({ engine }) => {
    if (engine.countSessions({}) === 0) giveBackHeap();
  }),
  /** Is it alive? */
  ping: order(() => {}),
  collect: order(({ collect }, mark: number) => collect(mark)),
  leave: order(({ engine }, drain: Goodbye) => engine.leave(drain)),
  stop: order(({ engine }, drain: WorkerDrain) => engine.stop(drain)),
  selectSessions: order(({ engine }, wanted: SteeringOrder) => engine.steering.select(wanted)),
  steerSessions: order(({ engine }, id: string, count: number) => engine.steering.steer(id, count)),
  forgetSessions: order(({ engine }, id: string) => engine.steering.forget(id)),
};

/** What all workers are asked, what each answers, and what the answers are together. To ask something new, add it here. */
export const questions = {
  metrics: question({
    answer: ({ metrics }) => metrics.collect(),
    merge: (answers) => answers,
  }),
  /** By route. */
  traffic: question({
    answer: ({ engine }) => engine.traffic(),
    merge: (answers) => sumByRoute(answers.flat()),
  }),
  sessions: question({
    answer: ({ engine }, query: SessionsQuery) => engine.sessions(query),
    merge: mergePages,
  }),
  /** How many there are, which costs nothing to say. */
  openSessions: question({
    answer: ({ engine }) => engine.openSessions(),
    merge: (counts) => counts.reduce((sum, count) => sum + count, 0),
  }),
  countSessions: question({
    answer: ({ engine }, filter: SessionFilter) => engine.countSessions(filter),
    merge: (counts) => counts.reduce((sum, count) => sum + count, 0),
  }),
  /** Whether there was such a session. */
  closeSession: question({
    answer: ({ engine }, id: string, status: CloseStatus) => engine.closeSession(id, status),
    merge: (answers) => answers.includes(true),
  }),
  /** What came of what an operator says in a session; undefined: there is none. */
  say: question({
    answer: ({ engine }, id: string, message: OperatorMessage) => engine.say(id, message),
    merge: (answers) => answers.find((answer) => answer !== undefined),
  }),
  /** What is held at breakpoints, or one message whole. */
  held: question({
    answer: ({ engine }, id?: string) => engine.breakpoints.list(id),
    merge: mergeHeld,
  }),
  /** What came of it. */
  decideHeld: question({
    answer: ({ engine }, id: string, decision: HeldDecision) => engine.breakpoints.decide(id, decision),
    merge: (answers): HeldOutcome => answers.find(({ outcome }) => outcome !== "gone") ?? { outcome: "gone" },
  }),
  /** How many there were. */
  releaseHeld: question({
    answer: ({ engine }, selection: HeldSelection) => engine.breakpoints.releaseAll(selection),
    merge: (counts) => counts.reduce((sum, count) => sum + count, 0),
  }),
  /** What came of asking the policies of these sessions to renew them; those that are not open are left out. */
  renewSessions: question({
    answer: ({ engine }, ids: readonly string[]) => engine.renewSessions(ids),
    merge: (answers) => answers.flat(),
  }),
  /** What the policies did since the workers' start. */
  policyStats: question({
    answer: ({ engine }): readonly PolicyTotals[] =>
      engine.sandboxStats().policies.map(({ routes: _, ...totals }) => totals),
    merge: sumPolicyStats,
  }),
  /** What policies of recorded routes were told by `kv` and `fetch`, in no order. */
  capabilityAnswers: question({
    answer: ({ engine }) => engine.capabilityAnswers(),
    merge: (answers): KeptAnswers => ({
      answers: answers.flatMap((each) => each.answers),
      lost: answers.reduce((sum, { lost }) => sum + lost, 0),
    }),
  }),
  /** What operators' switches of recording have brought. */
  switchCounts: question({
    answer: ({ engine }) => engine.switchCounts(),
    merge: (answers) => sumCounts(answers.flat()),
  }),
  /** How versions that are on their way do, since the workers were last asked. */
  tallies: question({
    answer: ({ engine }) => joinShadows(engine.takeTallies(), engine.takeShadowTallies()),
    merge: sumTallies,
  }),
  /** What shadows did since the workers' start. */
  shadows: question({
    answer: ({ engine }) => engine.shadowReport(),
    merge: (answers) => sumReports(answers.flat()),
  }),
  /** Of each worker, since it was last asked. */
  pulses: question({
    answer: ({ pulse }) => pulse(),
    merge: (answers) => answers,
  }),
};

/** Each is answered once. */
export const requests = { ...orders, ...questions };

export type WorkerRequests = typeof requests;
type WorkerQuestions = typeof questions;

interface AnyRequest {
  answer(worker: Answerer, ...args: never[]): unknown;
}

type ArgsOf<Request extends AnyRequest> =
  Parameters<Request["answer"]> extends [Answerer, ...infer Args] ? Args : never;

/** The table as one worker has it. */
export type RequestMethods = {
  readonly [Name in keyof WorkerRequests]: (
    ...args: ArgsOf<WorkerRequests[Name]>
  ) => Promise<Awaited<ReturnType<WorkerRequests[Name]["answer"]>>>;
};

/** The questions as all workers have them together. */
export type QuestionMethods = {
  readonly [Name in keyof WorkerQuestions]: (
    ...args: ArgsOf<WorkerQuestions[Name]>
  ) => Promise<ReturnType<WorkerQuestions[Name]["merge"]>>;
};

/** Carries out a request that came as data. */
export async function answerRequest(
  worker: Answerer,
  name: keyof WorkerRequests,
  args: readonly unknown[],
): Promise<unknown> {
  const answer = requests[name].answer as (worker: Answerer, ...args: readonly unknown[]) => unknown;
  return answer(worker, ...args);
}

/** A method for each request of a table, under its name. */
export function methodsOf<Methods>(
  table: Readonly<Record<string, AnyRequest>>,
  ask: (name: keyof Methods & keyof WorkerRequests, args: readonly unknown[]) => Promise<unknown>,
): Methods {
  const names = Object.keys(table) as (keyof Methods & keyof WorkerRequests)[];
  return Object.fromEntries(names.map((name) => [name, (...args: unknown[]) => ask(name, args)])) as Methods;
}

/** Each worker has given as many as were asked for, so that there are more of them now. */
function mergePages(pages: readonly FoundSessions[]): FoundSessions {
  return {
    sessions: pages.flatMap(({ sessions }) => sessions).sort(comparePlaces),
    total: pages.reduce((sum, { total }) => sum + total, 0),
    left: pages.reduce((sum, { left }) => sum + left, 0),
  };
}

function mergeHeld(parts: readonly HeldMessages[]): HeldMessages {
  return {
    messages: parts.flatMap(({ messages }) => messages),
    passed: sumPassed(parts.map(({ passed }) => passed)),
    unreadable: parts.reduce((total, { unreadable }) => total + unreadable, 0),
  };
}

function order<Args extends unknown[], Reply>(answer: (worker: Answerer, ...args: Args) => Reply) {
  return { answer };
}

function question<Args extends unknown[], Reply, Merged>(entry: {
  answer(worker: Answerer, ...args: Args): Reply;
  merge(answers: readonly Awaited<Reply>[]): Merged;
}) {
  return entry;
}
