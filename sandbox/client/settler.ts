import type { Outcome, SandboxEvent } from "../contract.ts";
import { createPressureGauge } from "./pressure.ts";
import { type ClientSeat, enterLane, isHead, leaveLane } from "./seat.ts";
import type { Task } from "./task.ts";

/** Keeps the books of what is not settled, and settles each call once, in the order of its lane. */
export interface Settler {
  readonly pendingBytes: number;
  open(task: Task): void;
  /** The outcome of a call is known. It settles when those before it in its lane have. */
  complete(task: Task, outcome: Outcome): void;
}

export function createSettler(
  emit: (event: SandboxEvent) => void,
  onSeatDone: (seat: ClientSeat) => void,
): Settler {
  const pressure = createPressureGauge(() => emit({ type: "drained" }));

  function settle(task: Task, outcome: Outcome): void {
    const { seat, call } = task;
    task.state = "settled";
    seat.counts[task.hook]!.add(outcome);
    seat.unsettled--;
    if (seat.isClosed && seat.unsettled === 0) onSeatDone(seat);
    if (outcome.kind === "fault") {
      emit({ type: "fault", fault: outcome.fault, route: seat.binding.route, session: seat.id });
    }
    try {
      call.settle(outcome);
    } catch (error) {
      throwLater(error);
    }
    pressure.remove(call.payload.bytes.length);
  }

  return {
    get pendingBytes() {
      return pressure.bytes;
    },
    open(task) {
      pressure.add(task.call.payload.bytes.length);
      task.seat.unsettled++;
      enterLane(task);
    },
    complete(task, outcome) {
      task.outcome = outcome;
      let next = isHead(task) ? task : undefined;
      while (next) {
        const following: Task | undefined = leaveLane(next);
        settle(next, next.outcome as Outcome);
        next = following;
      }
    },
  };
}

/** A caller's bug must not cost others their results. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
