import type {
  FaultReason,
  HookCall,
  Outcome,
  PolicyLimits,
  SandboxEvent,
  SandboxStats,
} from "../contract.ts";
import type { InstanceLoss } from "../wire/control.ts";
import type { JournalNote } from "../wire/journal.ts";
import { RESULT_KIND } from "../wire/result-record.ts";
import { createResultsDecoder, type ReceivedResult, sessionOf } from "../wire/results.ts";
import type { HookFault } from "../wire/verdicts.ts";
import { type Blame, blameForHost, blameForInstance } from "./blame.ts";
import { CallBatcher } from "./call-batcher.ts";
import { guestFault, lossFault } from "./fault.ts";
import type { HostProcess } from "./host-process.ts";
import type { Deployment, Instance } from "./instance.ts";
import { readOutcome } from "./outcomes.ts";
import type { PolicyState } from "./policy-state.ts";
import { type ClientSeat, seatOpening } from "./seat.ts";
import { createSettler } from "./settler.ts";
import { createTask, type Task, TaskTable } from "./task.ts";

/** Sends calls, settles them, and sends them again when they were lost. */
export interface Dispatcher {
  readonly pendingBytes: number;
  readonly batches: SandboxStats["batches"];
  submit(seat: ClientSeat, call: HookCall): void;
  closeSeat(seat: ClientSeat): void;
  /** Something has changed that may let this policy's queue move. */
  wake(policy: PolicyState): void;
  onResults(bytes: Buffer, start: number): void;
  onInstanceLost(instance: Instance, loss: InstanceLoss): void;
  onHostLost(note: JournalNote): void;
  /** Settle everything as `killed`. */
  close(): void;
}

export interface DispatcherOptions {
  readonly limits: PolicyLimits;
  host(): HostProcess | undefined;
  instance(id: number): Instance | undefined;
  policies(): Iterable<PolicyState>;
  /** The current version has no instance: load it. */
  reload(deployment: Deployment): void;
  /** A retiring instance has settled its last call. */
  onIdle(instance: Instance): void;
  onSeatGone(seat: ClientSeat): void;
  emit(event: SandboxEvent): void;
}

/** Calls, and their bytes, that a policy may have on the way; the rest waits here, where it is safe. */
const WINDOW_CALLS = 4096;
const WINDOW_BYTES = 4 * 1024 * 1024;

export function createDispatcher(options: DispatcherOptions): Dispatcher {
  const { limits, emit } = options;
  const table = new TaskTable();
  const writer = new CallBatcher();
  const settler = createSettler(emit, releaseSeat);
  const { complete } = settler;
  const decodeResults = createResultsDecoder(onResult);
  let dirty: PolicyState[] = [];
  let closing: { readonly instance: number; readonly seat: number }[] = [];
  let isScheduled = false;
  let isClosed = false;
  let lastOrder = 0;

  function wake(policy: PolicyState): void {
    if (policy.isDirty) return;
    policy.isDirty = true;
    dirty.push(policy);
    schedule();
  }

  function schedule(): void {
    if (isScheduled || isClosed) return;
    isScheduled = true;
    setImmediate(flush);
  }

  /** All calls of this loop turn, of all policies, in one write. */
  function flush(): void {
    isScheduled = false;
    if (isClosed) return;
    const turn = dirty;
    dirty = [];
    for (const policy of turn) {
      policy.isDirty = false;
      pump(policy);
    }
    closeSeats();
    options.host()?.flush();
  }

  function pump(policy: PolicyState): void {
    const { queue, breaker } = policy;
    if (queue.length === 0) return;
    const host = options.host();
    const state = policy.current && host ? breaker.state(Date.now()) : "open";
    if (state === "open") {
      for (let task = queue.peek(); task; task = queue.peek()) {
        queue.shift();
        complete(task, faultOutcome(task, "unavailable"));
      }
      return;
    }
    const deployment = policy.current as Deployment;
    const { instance } = deployment;
    if (!instance) options.reload(deployment);
    if (!instance || !host || instance.state === "loading") return;
    writer.start(host.out, instance.id);
    while (!policy.solo && policy.inFlight < WINDOW_CALLS && policy.inFlightBytes < WINDOW_BYTES) {
      const task = queue.peek();
      if (!task) break;
      const isAlone = task.isSuspect || state === "probing";
      if (isAlone && policy.running > 0) break;
      queue.shift();
      const { seat } = task;
      const isElsewhere = seat.inFlight > 0 && seat.openIn !== instance.id;
      if (isElsewhere || seat.parked.length > 0) {
        seat.parked.push(task);
        continue;
      }
      if (isAlone) policy.solo = task;
      send(policy, instance, task);
    }
    writer.finish();
  }

  function send(policy: PolicyState, instance: Instance, task: Task): void {
    const { seat } = task;
    table.add(task);
    task.policy = policy;
    task.state = "sent";
    task.instance = instance.id;
    instance.inFlight++;
    seat.inFlight++;
    policy.running++;
    policy.inFlight++;
    policy.inFlightBytes += task.call.payload.bytes.length;
    if (seat.openIn !== instance.id) {
      // One that is pinned for others stays, and would keep this seat's context.
      if (options.instance(seat.openIn)?.state === "ready") closeIn(seat);
      seat.openIn = instance.id;
      writer.openSeat(seat.index, seatOpening(seat));
    }
    writer.call(task);
  }

  /** Take back what `send` did: the call has settled, or is lost. */
  function withdraw(task: Task): PolicyState {
    const { seat, policy } = task;
    table.remove(task);
    if (task.state === "sent") policy.running--;
    policy.inFlight--;
    policy.inFlightBytes -= task.call.payload.bytes.length;
    if (policy.solo === task) policy.solo = undefined;
    if (policy.queue.length > 0) wake(policy);
    seat.inFlight--;
    if (seat.inFlight === 0 && seat.parked.length > 0) {
      requeue(seat.followed.policy, seat.parked);
      seat.parked = [];
    }
    const instance = options.instance(task.instance);
    if (instance && --instance.inFlight === 0 && instance.state === "retiring") options.onIdle(instance);
    task.state = "queued";
    return policy;
  }

  function requeue(policy: PolicyState, tasks: readonly Task[]): void {
    policy.queue.unshift(tasks);
    wake(policy);
  }

  function onResult(result: ReceivedResult): void {
    const task = table.get(result.id);
    if (!task || task.instance !== result.instance)
      throw new TypeError("the host answered a call that it was not sent");
    task.seat.counts[task.hook]!.timeUs += result.spentUs;
    if (result.kind === RESULT_KIND.pending) {
      becomePending(task);
      return;
    }
    const { deployment } = options.instance(task.instance) as Instance;
    const fault = (wire: HookFault) => guestFault(task, deployment, wire);
    const outcome = readOutcome(result, task.call.hook, limits.maxResultBytes, fault);
    task.seat.session = sessionOf(result) ?? task.seat.session;
    const policy = withdraw(task);
    if (outcome.kind === "fault") policy.breaker.report(outcome.fault.reason, Date.now());
    else policy.breaker.report(undefined, 0);
    complete(task, outcome);
  }

  function becomePending(task: Task): void {
    if (task.state !== "sent") return;
    task.state = "pending";
    const { policy } = task;
    policy.running--;
    if (policy.solo === task) policy.solo = undefined;
    if (policy.queue.length > 0) wake(policy);
  }

  function faultOutcome(task: Task, reason: FaultReason): Outcome {
    const { current } = task.seat.followed.policy;
    const deployment = options.instance(task.instance)?.deployment ?? current;
    const version = deployment?.bundle.version ?? "";
    return { kind: "fault", fault: lossFault(task, version, reason, limits) };
  }

  /** Faults for the guilty; the others go back to the front of their queues, in order. */
  function resubmit(lost: readonly Task[], { guilty, reason }: Blame): void {
    const faults = guilty.map((task) => faultOutcome(task, reason));
    const byPolicy = new Map<PolicyState, Task[]>();
    for (const task of lost) {
      const ran = withdraw(task);
      const next = task.seat.followed.policy;
      const again = byPolicy.get(next) ?? [];
      byPolicy.set(next, again);
      if (!guilty.includes(task)) again.push(task);
      else ran.breaker.report(reason, Date.now());
    }
    for (const [policy, again] of byPolicy) requeue(policy, again);
    for (const [i, task] of guilty.entries()) complete(task, faults[i] as Outcome);
  }

  function releaseSeat(seat: ClientSeat): void {
    if (seat.openIn !== 0) closeIn(seat);
    options.onSeatGone(seat);
  }

  function closeIn(seat: ClientSeat): void {
    closing.push({ instance: seat.openIn, seat: seat.index });
    schedule();
  }

  function closeSeats(): void {
    const host = options.host();
    if (closing.length === 0 || !host) return;
    for (const { instance: id, seat } of closing) {
      const instance = options.instance(id);
      if (!instance || instance.state === "gone") continue;
      writer.start(host.out, instance.id);
      writer.closeSeat(seat);
      writer.finish();
    }
    closing = [];
  }

  return {
    get pendingBytes() {
      return settler.pendingBytes;
    },

    get batches() {
      return writer.counts.read();
    },

    submit(seat, call) {
      const task = createTask(call, seat, ++lastOrder);
      settler.open(task);
      if (isClosed) {
        setImmediate(() => complete(task, faultOutcome(task, "killed")));
        return;
      }
      task.policy.queue.push(task);
      wake(task.policy);
    },

    closeSeat(seat) {
      if (seat.isClosed) return;
      seat.isClosed = true;
      if (seat.unsettled === 0) releaseSeat(seat);
    },

    wake,

    onResults: decodeResults,

    onInstanceLost(instance, loss) {
      const lost = table.ofInstance(instance.id);
      instance.state = "gone";
      const blame = blameForInstance(loss, lost);
      for (const { seat, hook } of blame.guilty)
        seat.counts[hook]!.timeUs += loss.spentUs / blame.guilty.length;
      resubmit(lost, blame);
    },

    onHostLost(note) {
      const lost = table.all();
      resubmit(lost, blameForHost(note, lost));
    },

    close() {
      isClosed = true;
      const open = table.all();
      for (const task of open) withdraw(task);
      for (const { queue } of options.policies()) {
        for (const task of queue.takeAll()) open.push(task);
      }
      for (const task of open) complete(task, faultOutcome(task, "killed"));
    },
  };
}
