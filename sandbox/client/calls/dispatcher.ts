import type { FaultReason } from "../../contract/faults.ts";
import type { PolicyLimits } from "../../contract/limits.ts";
import type { SandboxStats } from "../../contract/stats.ts";
import type { Outcome } from "../../contract/verdicts.ts";
import type { HookCall, SandboxEvent } from "../../contract.ts";
import type { InstanceLoss } from "../../wire/control.ts";
import { hookNumber } from "../../wire/hooks.ts";
import { RESULT_KIND } from "../../wire/result-record.ts";
import { createResultsDecoder, type ReceivedResult, sessionOf } from "../../wire/results.ts";
import type { Deployment } from "../policy/deployment.ts";
import type { ClientInstance } from "../policy/instance.ts";
import type { Instances } from "../policy/instances.ts";
import type { LostHost } from "../process/host-keeper.ts";
import type { Host } from "../transport/host.ts";
import { type Blame, blameForHost, blameForInstance } from "./blame.ts";
import { createCallSender } from "./call-sender.ts";
import { guestFault, lossFault } from "./fault.ts";
import { Flight } from "./flight.ts";
import { readOutcome, type ToldFault } from "./outcomes.ts";
import { LOOK_MS, lookAtCalls, lookLimits, nothingWaited } from "./overdue.ts";
import { createSettler } from "./settler.ts";
import { Task, type TaskSeat, type TaskTrack } from "./task.ts";

/**
 * Takes each call from its submission to its settlement:
 *
 *   submit ─▶ queue of its track ──flush: once a loop turn──▶ sender ═▶ host
 *                   ▲                                                    │ results, or a loss
 *                   └────────── lost, and not to blame ◀─────────────────┤
 *                                              settler ◀─────────────────┘
 */
export interface Dispatcher {
  pendingBytes(): number;
  batches(): SandboxStats["batches"];
  submit(seat: TaskSeat, call: HookCall): void;
  closeSeat(seat: TaskSeat): void;
  /** Something has changed that may let this track's queue move. */
  wake(track: TaskTrack): void;
  /** @throws HostNonsense */
  onResults(from: Host, bytes: Buffer, start: number, end: number): void;
  /** The calls of this instance have been lost with it. */
  onInstanceLost(instance: ClientInstance, loss: InstanceLoss): void;
  /** All calls that are under way in this host have been lost. */
  onHostLost(lost: Omit<LostHost, "group">): void;
  /** Settle everything as `killed`. @param tracks Those that calls may wait in. */
  close(tracks: Iterable<TaskTrack>): void;
}

/** A call that comes so long after the last ones is alone: it shares nothing with others by waiting for the end of the turn. */
const ALONE_MS = 0.1;

/** For how long a seat that is closed waits for calls to go along with. */
const SEAT_LINGER_MS = 50;

export interface DispatcherOptions {
  readonly limits: PolicyLimits;
  readonly instances: Pick<Instances, "get" | "serving" | "onIdle">;
  onSeatGone(seat: TaskSeat): void;
  /** What came of a call of this version is nothing that a sane host says. */
  onNonsense(culprit: Deployment): void;
  /** The host of this instance has not said what came of its calls: they have failed, and the host is not to go on. */
  onOverdue(instance: ClientInstance): void;
  /** Whether calls have a time at all: with a debugger, or in a test's time, they have none. */
  readonly areTimed: boolean;
  emit(event: SandboxEvent): void;
}

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { limits, instances, emit } = options;
  const flight = new Flight();
  const settler = createSettler(emit, releaseSeat);
  const sender = createCallSender({
    flight,
    instances,
    refuse: (task) => fail(task, "unavailable"),
    skip: (task) => settler.complete(task, SKIPPED),
  });
  const readResults = createResultsDecoder(onResult);
  let awake: TaskTrack[] = [];
  const patience = lookLimits(
    Math.max(limits.messageTimeoutMs, limits.upgradeTimeoutMs),
    limits.asyncTimeoutMs,
  );
  let waited = nothingWaited;
  /** While calls are under way. */
  let looking: NodeJS.Timeout | undefined;
  /** While seats are to be closed. */
  let closing: NodeJS.Timeout | undefined;
  let areSeatsDue = false;
  let isScheduled = false;
  let isClosed = false;
  let lastOrder = 0;
  /** Of the last flush: when it was, and what had been submitted until then. */
  let flushedAt = 0;
  let flushedOrder = 0;
  let wasAlone = true;
  /** Whose results are being read. */
  let sendingHost: Host | undefined;

  function wake(track: TaskTrack): void {
    if (!track.wake()) return;
    awake.push(track);
    schedule();
  }

  function schedule(): void {
    if (isScheduled || isClosed) return;
    isScheduled = true;
    if (wasAlone && performance.now() - flushedAt > ALONE_MS) process.nextTick(flush);
    else setImmediate(flush);
  }

  /** All calls of this loop turn, of all policies, in one write a host. */
  function flush(): void {
    isScheduled = false;
    if (isClosed) return;
    wasAlone = lastOrder - flushedOrder <= 1;
    flushedOrder = lastOrder;
    const turn = awake;
    awake = [];
    for (const track of turn) {
      track.sleep();
      sender.pump(track);
    }
    if (areSeatsDue || sender.hasManyToClose()) {
      areSeatsDue = false;
      sender.closeSeats();
    }
    // Of those that have moved with their calls.
    if (sender.hasSeatsToClose()) closeInTime();
    sender.flush();
    flushedAt = performance.now();
    if (options.areTimed) looking ??= setInterval(look, LOOK_MS).unref();
  }

  function look(): void {
    const underWay = flight.all();
    const seen = underWay.map(({ order, instance, state }) => ({
      ...{ order, instance: instance.id, isPending: state === "pending" },
    }));
    const { waited: next, overdue } = lookAtCalls(waited, seen, patience);
    waited = next;
    if (underWay.length === 0) stopLooking();
    if (overdue.length > 0) failOverdue(underWay.filter(({ order }) => overdue.includes(order)));
  }

  function stopLooking(): void {
    clearInterval(looking);
    looking = undefined;
  }

  function failOverdue(tasks: readonly Task[]): void {
    const instances = new Set(tasks.map(({ instance }) => instance));
    const faults = tasks.map((task) => [task, faultOf(task, "killed")] as const);
    for (const task of tasks) reportLost(task, comeBack(task), "killed");
    for (const [task, outcome] of faults) settler.complete(task, outcome);
    for (const instance of instances) options.onOverdue(instance);
  }

  function onResult(result: ReceivedResult): void {
    const task = flight.find(result.id, result.instance, sendingHost);
    const { seat } = task;
    seat.counts[task.hook].timeUs += result.spentUs;
    if (result.kind === RESULT_KIND.pending) {
      wait(task);
      return;
    }
    const { deployment } = task.instance;
    seat.ranIn = deployment.bundle.version;
    const fault = (told: ToldFault) => guestFault(task, deployment, told);
    const outcome = readOutcome(result, task.call, limits.maxResultBytes, fault);
    const session = sessionOf(result);
    if (session !== undefined) seat.keep(session);
    const { breaker, tally } = comeBack(task);
    tally?.add(task, outcome.kind === "fault", performance.now());
    if (outcome.kind === "fault") {
      breaker.report(outcome.fault.reason, performance.now());
      if (outcome.fault.reason === "nonsense") options.onNonsense(deployment);
    } else breaker.report(undefined, 0);
    settler.complete(task, outcome);
  }

  function wait(task: Task): void {
    if (task.state === "pending") return;
    flight.wait(task);
    if (task.track.queue.length > 0) wake(task.track);
  }

  /** @returns the track that it ran for */
  function comeBack(task: Task): TaskTrack {
    const { seat, instance, track } = task;
    const parked = flight.leave(task);
    if (track.queue.length > 0) wake(track);
    if (parked.length > 0) requeue(seat.followed.track, parked);
    if (instance.isIdle) instances.onIdle(instance);
    return track;
  }

  function requeue(track: TaskTrack, tasks: readonly Task[]): void {
    track.queue.unshift(tasks);
    wake(track);
  }

  /** Faults for the guilty; the others go back to the front of their queues, in order. */
  function takeBack(lost: readonly Task[], { guilty, reason, ranAt }: Blame): void {
    const ending = new Set([...guilty, ...lost.filter((task) => task.isWornOut)]);
    const faults = [...ending].map((task) => {
      const isAlone = guilty.length === 1 && guilty[0] === task;
      return [task, faultOf(task, reason, isAlone ? ranAt : undefined)] as const;
    });
    const byTrack = new Map<TaskTrack, Task[]>();
    for (const task of lost) {
      const ran = comeBack(task);
      const next = task.seat.followed.track;
      const again = byTrack.get(next) ?? [];
      byTrack.set(next, again);
      if (ending.has(task)) reportLost(task, ran, reason);
      else {
        task.lose();
        again.push(task);
      }
    }
    for (const [track, again] of byTrack) requeue(track, again);
    for (const [task, outcome] of faults) settler.complete(task, outcome);
  }

  function reportLost(task: Task, { breaker, tally }: TaskTrack, reason: FaultReason): void {
    const now = performance.now();
    breaker.report(reason, now);
    tally?.add(task, true, now);
  }

  function faultOf(task: Task, reason: FaultReason, ranAt?: string): Outcome {
    const deployment = task.isUnderWay ? task.instance.deployment : task.seat.followed.track.current;
    return { kind: "fault", fault: lossFault(task, deployment, { reason, ranAt }, limits) };
  }

  function fail(task: Task, reason: FaultReason): void {
    settler.complete(task, faultOf(task, reason));
  }

  function releaseSeat(seat: TaskSeat): void {
    if (seat.openIn !== 0) {
      sender.leave(seat);
      if (sender.hasManyToClose()) schedule();
      else closeInTime();
    }
    options.onSeatGone(seat);
  }

  /** A seat is closed along with calls: for itself alone a host would be woken, and the isolate entered. */
  function closeInTime(): void {
    closing ??= setTimeout(() => {
      closing = undefined;
      areSeatsDue = true;
      schedule();
    }, SEAT_LINGER_MS).unref();
  }

  return {
    pendingBytes: settler.pendingBytes,
    batches: sender.batches,

    submit(seat, call) {
      const { track } = seat.followed;
      const matcher = track.current?.matchers[hookNumber(call.hook)];
      const isWanted = matcher === call.matchedBy || matcher === undefined || matcher.matches(call.payload);
      const task = new Task(call, seat, ++lastOrder, matcher);
      settler.open(task);
      // In its place behind those that are under way: what the next policy sees stays in order, too.
      if (!isWanted) return settler.complete(task, SKIPPED);
      if (isClosed) {
        setImmediate(() => fail(task, "killed"));
        return;
      }
      track.queue.push(task);
      wake(track);
    },

    closeSeat(seat) {
      if (seat.close() && seat.isGone) releaseSeat(seat);
    },

    wake,

    onResults(from, bytes, start, end) {
      sendingHost = from;
      readResults(bytes, start, end);
    },

    onInstanceLost(instance, loss) {
      const lost = flight.in(instance);
      const blame = blameForInstance(loss, lost);
      const share = loss.spentUs / blame.guilty.length;
      for (const { seat, hook } of blame.guilty) seat.counts[hook].timeUs += share;
      takeBack(lost, blame);
    },

    onHostLost({ host, ...loss }) {
      const lost = flight.all().filter((task) => task.instance.host === host);
      takeBack(lost, blameForHost(loss, lost));
    },

    close(tracks) {
      isClosed = true;
      stopLooking();
      clearTimeout(closing);
      const underWay = flight.all();
      const faults = underWay.map((task) => [task, faultOf(task, "killed")] as const);
      for (const task of underWay) comeBack(task);
      for (const { queue } of tracks) {
        for (const task of queue.takeAll()) faults.push([task, faultOf(task, "killed")]);
      }
      for (const [task, outcome] of faults) settler.complete(task, outcome);
    },
  };
}

const SKIPPED: Outcome = { kind: "skipped" };
