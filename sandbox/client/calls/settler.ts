import type { Outcome } from "../../contract/verdicts.ts";
import type { SandboxEvent } from "../../contract.ts";
import { verdictFault } from "./fault.ts";
import { findGrownAttributes } from "./grown-attributes.ts";
import { createPressureGauge } from "./pressure.ts";
import type { Task, TaskSeat } from "./task.ts";

/** Keeps the books of what is not settled, and settles each call once, in the order of its lane. */
export interface Settler {
  pendingBytes(): number;
  open(task: Task): void;
  /** The outcome of a call is known. It settles when those before it in its lane have. */
  complete(task: Task, outcome: Outcome): void;
}

export function createSettler(
  emit: (event: SandboxEvent) => void,
  onSeatGone: (seat: TaskSeat) => void,
): Settler {
  const pressure = createPressureGauge(() => emit({ type: "drained" }));

  function settle(task: Task, said: Outcome): void {
    const outcome = check(task, said);
    // Those that it came in with: a verdict gives the call another payload.
    const { seat, call, bytes } = task;
    task.settle();
    seat.counts[task.hook].add(outcome);
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
    pendingBytes: pressure.bytes,
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

/** What only the connection as it stands now can tell of a verdict. */
function check(task: Task, said: Outcome): Outcome {
  const grown = findGrownAttributes(said, task.seat.context);
  return grown === undefined ? said : { kind: "fault", fault: verdictFault(task, grown) };
}

/** A caller's bug must not cost others their results. */
export function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
