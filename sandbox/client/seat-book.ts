import type { Sandbox, Seat } from "../contract.ts";
import type { WireLogLine } from "../wire/control.ts";
import { HOOK_NUMBER } from "../wire/hooks.ts";
import type { Dispatcher } from "./calls/dispatcher.ts";
import { ClientSeat } from "./calls/seat.ts";
import type { Task, TaskSeat } from "./calls/task.ts";
import type { LogLimiter } from "./policy/log-limiter.ts";
import type { Followed } from "./policy/track.ts";

/** The seats that are taken, by the numbers that hosts know them by. */
export interface SeatBook {
  take(followed: Followed<Task>, ...place: Parameters<Sandbox["seat"]>): Seat;
  onGone(seat: TaskSeat): void;
  /** A policy has logged: each line is that of a seat, or of none. */
  writeLines(policy: string, logs: LogLimiter, lines: readonly WireLogLine[]): void;
}

export function createSeatBook(dispatcher: () => Pick<Dispatcher, "submit" | "closeSeat">): SeatBook {
  const seats = new Map<number, TaskSeat>();
  let lastSeat = 0;

  return {
    take(followed, ...place) {
      const [binding, id, context, types] = place;
      const index = ++lastSeat;
      const seat: TaskSeat = new ClientSeat({ index, followed, binding, id, context, types });
      seats.set(seat.index, seat);
      const { submit, closeSeat } = dispatcher();
      return {
        policy: binding.policy,
        get version() {
          return followed.track.current?.bundle.version ?? "";
        },
        submit: (call) => submit(seat, call),
        matcher: (hook) => followed.track.current?.matchers[HOOK_NUMBER[hook]],
        skip(hook) {
          followed.counts[HOOK_NUMBER[hook]].skipped++;
        },
        close: () => closeSeat(seat),
      };
    },

    onGone(seat) {
      if (seats.delete(seat.index)) seat.followed.leave();
    },

    writeLines(policy, logs, lines) {
      for (const [index, level, text] of lines) {
        const seat = seats.get(index);
        // The number of a seat is the host's word: a policy speaks for its own.
        const own = seat?.binding.policy === policy ? seat : undefined;
        logs.write({ level, policy, route: own?.binding.route ?? "", session: own?.id ?? "", text });
      }
    },
  };
}
