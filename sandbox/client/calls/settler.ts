import type { Outcome, SandboxEvent } from "../../contract.ts";
import { createPressureGauge } from "./pressure.ts";
import type { Task, TaskSeat } from "./task.ts";

/** Keeps the books of what is not settled, and settles each call once, in the order of its lane. */
export interface Settler {
  readonly pendingBytes: number;
  open(task: Task): void;
  /** The outcome of a call is known. It settles when those before it in its lane have. */
  complete(task: Task, outcome: Outcome): void;
}

export function createSettler(
  emit: (event: SandboxEvent) => void,
  onSeatGone: (seat: TaskSeat) => void,
): Settler {
  const pressure = createPressureGauge(() => emit({ type: "drained" }));

  function settle(task: Task, outcome: Outcome): void {
    // Those that it came in with: a verdict gives the call another payload.
    const { seat, call, bytes } = task;
    task.settle();
    seat.followed.counts[task.hook].add(outcome);
    seat.settle();
    if (seat.isGone) onSeatGone(seat);
    if (outcome.kind === "fault") {
      emit({ type: "fault", fault: outcome.fault, route: seat.binding.route, session: seat.id });
    }
    try {
      call.settle(outcome);
    } catch (error) {
      throwLater(error);
    }
    pressure.remove(bytes);
  }

  return {
    get pendingBytes() {
      return pressure.bytes;
    },
    open(task) {
      pressure.add(task.bytes);
      task.seat.submit();
      task.seat.lane(task.hook).enter(task);
    },
    complete(task, outcome) {
      task.finish(outcome);
      const lane = task.seat.lane(task.hook);
      let next = lane.isFirst(task) ? task : undefined;
      while (next !== undefined) {
        const following: Task | undefined = lane.leave(next);
        settle(next, next.outcome);
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
