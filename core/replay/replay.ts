import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import type { Sandbox } from "../../sandbox/contract.ts";
import type {
  CloseLine,
  HookLine,
  MessageLine,
  RecordedEvent,
  SessionRecording,
  UpgradeLine,
} from "../recording/format.ts";
import { createRouter } from "../routes/router.ts";
import { noteCalls } from "./noted-sandbox.ts";
import type { PolicySet } from "./policy-set.ts";
import {
  type HookEffect,
  type MessageEffect,
  ReplayedSession,
  type ReplayRoute,
  type UpgradeEffect,
} from "./replayed-session.ts";
import type { ReplayedStep } from "./replayed-step.ts";

/** What became of one event of a recording. */
export type ReplayedEvent = {
  /** The place in the file. */
  readonly line: number;
  readonly session: string;
  readonly route: string;
  readonly steps: readonly ReplayedStep[];
} & (
  | { readonly type: "upgrade"; readonly recorded: UpgradeLine; readonly effect: UpgradeEffect }
  | {
      readonly type: "message";
      readonly recorded: MessageLine;
      readonly sequence: number;
      readonly effect: MessageEffect;
    }
  | { readonly type: "hook"; readonly recorded: HookLine; readonly effect: HookEffect }
  | { readonly type: "close"; readonly recorded: CloseLine }
);

/** Why an event was not replayed. */
export interface NotReplayed {
  /** Messages of which the recording holds a part only. */
  readonly cutMessages: number;
  /** Messages of sessions that a policy has closed. */
  readonly unreached: number;
}

export interface ReplayRun {
  readonly events: readonly ReplayedEvent[];
  readonly left: NotReplayed;
}

type SessionEvent = Exclude<RecordedEvent, { readonly type: "capability" }>;

function isOfSession(event: RecordedEvent): event is SessionEvent {
  return event.type !== "capability";
}

/** What a client gets where no route is for it. */
const NO_ROUTE = 404;

/** Everything that happened, in its order, one after the other: each has settled before the next begins. */
export async function replaySessions(recording: SessionRecording, policies: PolicySet): Promise<ReplayRun> {
  const { clock, sandbox, routes, bundles } = policies;
  const names = [...bundles.keys()];
  const router = createRouter<ReplayRoute>(
    routes.map((plan) => ({ path: plan.config.path, match: plan.config.match, plan })),
  );
  let steps: ReplayedStep[] = [];
  const seatGiver = noteCalls(sandbox, (step) => steps.push(step));
  const sessions = new Map<string, ReplayedSession>();
  const events: ReplayedEvent[] = [];
  const left = { cutMessages: 0, unreached: 0 };

  async function replay(event: SessionEvent): Promise<void> {
    const { line } = event;
    switch (event.type) {
      case "upgrade": {
        const opened = ReplayedSession.open(event, router, seatGiver);
        if (opened === undefined) {
          const effect = { status: NO_ROUTE, attributes: {} };
          const { session, route } = event;
          events.push({ type: "upgrade", session, route, line, steps, recorded: event, effect });
          return;
        }
        const effect = await settled(opened.upgrade(), policies, names);
        const wasLetIn = event.result === undefined || event.result.status === 101;
        if (wasLetIn) sessions.set(event.session, opened);
        if (wasLetIn && effect.status !== 101) opened.letIn();
        events.push({ type: "upgrade", ...placeOf(opened, event), line, steps, recorded: event, effect });
        return;
      }
      case "message": {
        const session = sessions.get(event.session);
        // What an operator has said past the policies they know nothing of.
        const isPast = event.by === "operator" && (event.result?.steps ?? []).length === 0;
        if (session === undefined || isPast) return;
        if (session.isClosed) {
          left.unreached++;
          return;
        }
        if (event.body.length !== undefined) {
          left.cutMessages++;
          session.passBy(event.origin);
          return;
        }
        const effect = await settled(session.message(event), policies, names);
        const sequence = session.sequence(event.origin);
        events.push({
          type: "message",
          ...placeOf(session, event),
          line,
          sequence,
          steps,
          recorded: event,
          effect,
        });
        return;
      }
      case "hook": {
        const session = sessions.get(event.session);
        // What a verdict has called runs with that verdict.
        const isCalled = event.by === "time" || event.by === "request";
        if (session === undefined || session.isClosed || !isCalled) return;
        const effect = await settled(session.hook(event), policies, names);
        events.push({ type: "hook", ...placeOf(session, event), line, steps, recorded: event, effect });
        return;
      }
      case "close": {
        const session = sessions.get(event.session);
        if (session === undefined) return;
        sessions.delete(event.session);
        await settled(session.end(event), policies, names);
        events.push({ type: "close", ...placeOf(session, event), line, steps, recorded: event });
        return;
      }
    }
  }

  for (const [index, event] of recording.events.filter(isOfSession).entries()) {
    steps = [];
    clock.begin(event.time, index);
    await clock.tell(names);
    await replay(event);
    if (steps.some(({ fault }) => fault !== undefined)) await untilAnswering(sandbox);
  }
  return { events, left };
}

function placeOf(session: ReplayedSession, event: { readonly session: string }) {
  return { session: event.session, route: session.route };
}

/** Beyond it no hook has the time to wait for a timer. */
const MAX_MOVED_MS = 10_000;
const LOOK_MS = 20;

/** A breaker that opens does so for a time of the machine's: how many events that is would be another number each time. */
async function untilAnswering(sandbox: Pick<Sandbox, "stats">): Promise<void> {
  while (sandbox.stats().policies.some(({ breaker }) => breaker === "open")) await delay(LOOK_MS);
}

/** A look at all policies that finds nothing under way may come before what they have just been told. */
const QUIET_LOOKS = 2;

/**
 * Waits for what policies are to say. One that waits for a timer waits for the clock, which stands still: it is moved on,
 * further each time, when nothing else is under way.
 */
async function settled<T>(work: Promise<T>, { clock }: PolicySet, policies: readonly string[]): Promise<T> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  // Whoever awaits it is told.
  done.catch(() => {});
  let quietLooks = 0;
  let stepMs = 1;
  let movedMs = 0;
  while (!isDone) {
    const asks = await clock.tell(policies);
    await nextTurn();
    quietLooks = asks > 0 ? 0 : quietLooks + 1;
    if (quietLooks <= QUIET_LOOKS) continue;
    if (movedMs >= MAX_MOVED_MS) {
      // It waits for nothing that ever comes: its time ends by the machine's clock.
      await delay(LOOK_MS);
      continue;
    }
    clock.advance(stepMs);
    movedMs += stepMs;
    stepMs *= 2;
  }
  return done;
}
