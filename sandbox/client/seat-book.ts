import type { Side } from "../contract/hooks.ts";
import type {
  CanaryOptions,
  ConnectionContext,
  HookCall,
  MessageMatcher,
  Sandbox,
  Seat,
} from "../contract.ts";
import type { WireLogLine } from "../wire/control.ts";
import type { RenewedContext } from "../wire/guest-entry.ts";
import { hookNumber } from "../wire/hooks.ts";
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

type Renewed = Pick<ConnectionContext, "attributes" | "expires">;
type SeatDispatcher = Pick<Dispatcher, "submit" | "closeSeat">;

export function createSeatBook(dispatcher: () => SeatDispatcher): SeatBook {
  const seats = new Map<number, TaskSeat>();
  let lastSeat = 0;

  return {
    take(followed, ...place) {
      const [binding, id, context, types] = place;
      const index = ++lastSeat;
      const seat: TaskSeat = new ClientSeat({ index, followed, binding, id, context, types });
      seats.set(seat.index, seat);
      return new TakenSeat(seat, dispatcher());
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

/** What who has taken a seat holds of it: there is one for each connection and policy, so it is two references and no closures. */
class TakenSeat implements Seat {
  readonly #seat: TaskSeat;
  readonly #dispatcher: SeatDispatcher;

  constructor(seat: TaskSeat, dispatcher: SeatDispatcher) {
    this.#seat = seat;
    this.#dispatcher = dispatcher;
  }

  get policy(): string {
    return this.#seat.binding.policy;
  }

  get version(): string {
    const { ranIn, followed } = this.#seat;
    return ranIn === "" ? (followed.track.current?.bundle.version ?? "") : ranIn;
  }

  submit(call: HookCall): void {
    this.#dispatcher.submit(this.#seat, call);
  }

  matcher(hook: Side): MessageMatcher | undefined {
    return this.#seat.followed.track.current?.matchers[hookNumber(hook)];
  }

  skip(hook: Side): void {
    this.#seat.counts[hookNumber(hook)].skipped++;
  }

  renew(context: string, { attributes, expires }: Renewed): void {
    const news: RenewedContext = { attributes, expires: expires ?? null };
    this.#seat.renew(context, JSON.stringify(news));
  }

  offer(canaryOptions: CanaryOptions): void {
    this.#seat.offer(canaryOptions);
  }

  end(): void {
    this.#seat.followed.track.tally?.end(this.#seat);
  }

  close(): void {
    this.#dispatcher.closeSeat(this.#seat);
  }
}
