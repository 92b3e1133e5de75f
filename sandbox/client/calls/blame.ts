import type { FaultReason } from "../../contract/faults.ts";
import type { InstanceLoss } from "../../wire/control.ts";
import { JOURNAL_STATE } from "../../wire/journal.ts";
import { type HostLoss, wasKilledFromOutside } from "../process/host-keeper.ts";
import type { Task } from "./task.ts";

/**
 * Who brought an isolate or a host down? The one call that ran is guilty. When several may have, each is sent again in an
 * entry of its own, so that the guilty one is alone when it happens again: by itself, or with the others where none shares
 * an entry. Whoever had not started is innocent.
 */
export interface Blame {
  readonly guilty: readonly Task[];
  readonly reason: FaultReason;
  /** Where the code was, as a stack of the bundle's. */
  readonly ranAt?: string;
}

const MAX_ROUNDS = 3;
const MAX_STARVED = 3;

/** @param tasks All that were sent to the lost instance and have not settled. */
export function blameForInstance(loss: Omit<InstanceLoss, "spentUs">, tasks: readonly Task[]): Blame {
  const begun = new Set(loss.culprit === undefined ? loss.begun : [loss.culprit]);
  let suspects = tasks.filter((task) => begun.has(task.id));
  if (loss.culprit === undefined)
    suspects = tasks.filter((task) => begun.has(task.id) || task.state === "pending");
  if (suspects.length === 0) suspects = [...tasks];
  const { reason } = loss;
  if (loss.starved && suspects.every((task) => task.starved < MAX_STARVED)) {
    for (const task of suspects) task.starve();
    return { guilty: [], reason };
  }
  const { ranAt } = loss;
  return { guilty: judge(suspects, MAX_ROUNDS), reason, ...(ranAt !== undefined && { ranAt }) };
}

/** @param tasks All that were sent to the lost host and have not settled. */
export function blameForHost(loss: HostLoss, tasks: readonly Task[]): Blame {
  // Nothing that it said is to be trusted, and what it noted is not either.
  if (loss.reason === "nonsense") return { guilty: judge(tasks, MAX_ROUNDS), reason: "nonsense" };
  const reason = "killed";
  const { note } = loss;
  // What ran then is not to blame, unless the same comes to pass when it is sent again.
  const isSpared = wasKilledFromOutside(loss);
  const pending = tasks.filter((task) => task.state === "pending");
  switch (note.state) {
    case JOURNAL_STATE.run: {
      const ids = new Set(note.ids);
      const there = tasks.filter((task) => task.instance.id === note.instance);
      // What is pending may go on in the entry of another call; where each has its own, it rarely does.
      const suspects = there.filter(
        (task) => ids.has(task.id) || (task.state === "pending" && !task.instance.runsOneByOne),
      );
      return { guilty: judge(suspects, MAX_ROUNDS, isSpared), reason };
    }
    case JOURNAL_STATE.continue: {
      const suspects = pending.filter((task) => task.instance.id === note.instance);
      return { guilty: judge(suspects, MAX_ROUNDS, isSpared), reason };
    }
    case JOURNAL_STATE.load:
      return { guilty: [], reason };
    default: {
      // Nothing ran. A single pending call may have been what ate the memory; others get one more chance.
      if (tasks.length === 1 && pending.length === 1 && !isSpared) return { guilty: pending, reason };
      for (const task of pending) task.doubt();
      return { guilty: pending.filter((task) => task.rounds > 1), reason };
    }
  }
}

/** @param isSpared One that is alone is not guilty the first time. */
function judge(suspects: readonly Task[], maxRounds: number, isSpared = false): readonly Task[] {
  if (suspects.length === 1 && !(isSpared && suspects.every(({ rounds }) => rounds === 0))) return suspects;
  for (const task of suspects) task.suspect();
  return suspects.filter((task) => task.rounds > maxRounds);
}
