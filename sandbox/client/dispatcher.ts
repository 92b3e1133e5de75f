import type { HookCall, Outcome, PolicyLimits, SandboxEvent } from "../contract.ts";
import { type InstanceLoss, resultKind, type WireFault } from "../protocol.ts";
import { BatchWriter } from "./batch-writer.ts";
import { type Blame, blameForHost, blameForInstance } from "./blame.ts";
import { guestFault, lossFault } from "./fault.ts";
import type { HostProcess, JournalNote } from "./host-process.ts";
import type { Deployment, Instance } from "./instance.ts";
import { bodyOutcome, readOutcome, unchanged } from "./outcomes.ts";
import type { PolicyState } from "./policy-state.ts";
import { createPressureGauge } from "./pressure.ts";
import { readResults } from "./results-reader.ts";
import { type ClientSeat, enterLane, isHead, leaveLane, seatOpening } from "./seat.ts";
import { createTask, type Task, TaskTable } from "./task.ts";

/** Sends calls, settles them, and sends them again when they were lost. */
export interface Dispatcher {
  readonly pendingBytes: number;
  submit(policy: PolicyState, seat: ClientSeat, call: HookCall): void;
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
  policy(name: string): PolicyState;
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
  const writer = new BatchWriter();
  const pressure = createPressureGauge(() => emit({ type: "drained" }));
  let dirty: PolicyState[] = [];
  let closing: ClientSeat[] = [];
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
    const state = policy.current ? breaker.state(Date.now()) : "open";
    if (state === "open") {
      for (let task = queue.peek(); task; task = queue.peek()) {
        queue.shift();
        complete(task, faultOutcome(task, "unavailable"));
      }
      return;
    }
    const deployment = policy.current as Deployment;
    const { instance } = deployment;
    const host = options.host();
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
    task.state = "sent";
    task.instance = instance.id;
    instance.inFlight++;
    seat.inFlight++;
    policy.running++;
    policy.inFlight++;
    policy.inFlightBytes += task.call.payload.bytes.length;
    if (seat.openIn !== instance.id) {
      seat.openIn = instance.id;
      writer.openSeat(seat.index, seatOpening(seat));
    }
    writer.call(task);
  }

  /** Take back what `send` did: the call has settled, or is lost. */
  function withdraw(task: Task): PolicyState {
    const { seat } = task;
    const policy = options.policy(seat.binding.policy);
    table.remove(task);
    if (task.state === "sent") policy.running--;
    policy.inFlight--;
    policy.inFlightBytes -= task.call.payload.bytes.length;
    if (policy.solo === task) policy.solo = undefined;
    if (policy.queue.length > 0) wake(policy);
    seat.inFlight--;
    if (seat.inFlight === 0 && seat.parked.length > 0) {
      policy.queue.unshift(seat.parked);
      seat.parked = [];
      wake(policy);
    }
    const instance = options.instance(task.instance);
    if (instance && --instance.inFlight === 0 && instance.state === "retiring") options.onIdle(instance);
    task.state = "queued";
    return policy;
  }

  const visitor = {
    visit(
      instance: number,
      id: number,
      kind: number,
      bytes: Buffer,
      textStart: number,
      textLength: number,
      sessionLength: number,
      binaryStart: number,
      binaryLength: number,
    ): void {
      const task = table.get(id);
      if (!task || task.instance !== instance)
        throw new TypeError("the host answered a call that it was not sent");
      if (kind === resultKind.pending) {
        becomePending(task);
        return;
      }
      const textEnd = textStart + textLength;
      if (sessionLength >= 0) task.seat.session = bytes.toString("utf8", textEnd, textEnd + sessionLength);
      let outcome: Outcome;
      if (kind === resultKind.unchanged) outcome = unchanged();
      else if (kind === resultKind.text) outcome = bodyOutcome(view(bytes, textStart, textLength), false);
      else if (kind === resultKind.textAsBinary)
        outcome = bodyOutcome(view(bytes, textStart, textLength), true);
      else if (kind === resultKind.binary)
        outcome = bodyOutcome(view(bytes, binaryStart, binaryLength), true);
      else {
        const wire = {
          kind,
          text: view(bytes, textStart, textLength),
          binary: view(bytes, binaryStart, binaryLength),
        };
        const { deployment } = options.instance(instance) as Instance;
        const fault = (cause: WireFault) => guestFault(task, deployment, cause);
        outcome = readOutcome(wire, fault, task.call.hook, limits.maxResultBytes);
      }
      const policy = withdraw(task);
      const reason = outcome.kind === "fault" ? outcome.fault.reason : undefined;
      policy.breaker.report(reason, reason === undefined ? 0 : Date.now());
      complete(task, outcome);
    },
  };

  function becomePending(task: Task): void {
    if (task.state !== "sent") return;
    task.state = "pending";
    const policy = options.policy(task.seat.binding.policy);
    policy.running--;
    if (policy.solo === task) policy.solo = undefined;
    if (policy.queue.length > 0) wake(policy);
  }

  /** The outcome of a call is known. It settles when those before it in its lane have. */
  function complete(task: Task, outcome: Outcome): void {
    task.outcome = outcome;
    let next = isHead(task) ? task : undefined;
    while (next) {
      const following: Task | undefined = leaveLane(next);
      settle(next, next.outcome as Outcome);
      next = following;
    }
  }

  function settle(task: Task, outcome: Outcome): void {
    const { seat, call } = task;
    task.state = "settled";
    seat.unsettled--;
    if (seat.isClosed && seat.unsettled === 0) releaseSeat(seat);
    if (outcome.kind === "fault") {
      emit({ type: "fault", fault: outcome.fault, route: seat.binding.route, session: seat.id });
    }
    try {
      call.settle(outcome);
    } catch (error) {
      // The caller's bug must not cost others their results.
      queueMicrotask(() => {
        throw error;
      });
    }
    pressure.remove(call.payload.bytes.length);
  }

  function faultOutcome(task: Task, reason: Blame["reason"]): Outcome {
    const version = options.policy(task.seat.binding.policy).current?.bundle.version ?? "";
    return { kind: "fault", fault: lossFault(task, version, reason, limits) };
  }

  /** Faults for the guilty; the others go back to the front of their queues, in order. */
  function resubmit(lost: readonly Task[], { guilty, reason }: Blame): void {
    const byPolicy = new Map<PolicyState, Task[]>();
    for (const task of lost) {
      const policy = withdraw(task);
      const again = byPolicy.get(policy) ?? [];
      byPolicy.set(policy, again);
      if (!guilty.includes(task)) again.push(task);
      else policy.breaker.report(reason, Date.now());
    }
    for (const [policy, again] of byPolicy) {
      policy.queue.unshift(again);
      wake(policy);
    }
    for (const task of guilty) complete(task, faultOutcome(task, reason));
  }

  function releaseSeat(seat: ClientSeat): void {
    if (seat.openIn !== 0) {
      closing.push(seat);
      schedule();
    }
    options.onSeatGone(seat);
  }

  function closeSeats(): void {
    const host = options.host();
    if (closing.length === 0 || !host) return;
    for (const seat of closing) {
      const instance = options.instance(seat.openIn);
      if (!instance || instance.state === "gone") continue;
      writer.start(host.out, instance.id);
      writer.closeSeat(seat.index);
      writer.finish();
    }
    closing = [];
  }

  return {
    get pendingBytes() {
      return pressure.bytes;
    },

    submit(policy, seat, call) {
      const task = createTask(call, seat, ++lastOrder);
      pressure.add(call.payload.bytes.length);
      seat.unsettled++;
      enterLane(task);
      if (isClosed) {
        setImmediate(() => complete(task, faultOutcome(task, "killed")));
        return;
      }
      policy.queue.push(task);
      wake(policy);
    },

    closeSeat(seat) {
      if (seat.isClosed) return;
      seat.isClosed = true;
      if (seat.unsettled === 0) releaseSeat(seat);
    },

    wake,

    onResults: (bytes, start) => readResults(bytes, start, visitor),

    onInstanceLost(instance, loss) {
      const lost = table.ofInstance(instance.id);
      instance.state = "gone";
      resubmit(lost, blameForInstance(loss, lost));
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
        for (let task = queue.peek(); task; task = queue.peek()) {
          queue.shift();
          open.push(task);
        }
      }
      for (const task of open) complete(task, faultOutcome(task, "killed"));
    },
  };
}

function view(bytes: Buffer, start: number, length: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, length);
}
