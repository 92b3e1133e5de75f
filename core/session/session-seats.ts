import type {
  ConnectionContext,
  ContentTypes,
  HookName,
  PolicyBinding,
  Sandbox,
  Seat,
  Side,
} from "../../sandbox/contract.ts";
import type { SessionEnd } from "../events.ts";
import { type RouteRuntime, runsHook } from "../routes/route-runtime.ts";
import type { SessionSeats } from "./session-setup.ts";

export interface SeatsOptions {
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  readonly route: Pick<RouteRuntime, "chain" | "epoch">;
  readonly id: string;
  readonly context: ConnectionContext;
  readonly types: ContentTypes;
}

/**
 * Takes a seat in each policy of the route when the session first needs it. The chains are made anew when the route
 * has changed, which costs a comparison a message otherwise.
 */
export function createSessionSeats({ sandbox, route, id, context, types }: SeatsOptions): SessionSeats {
  const seats = new Map<string, Seat>();
  let epoch = -1;
  let chains: Readonly<Record<Side, readonly Seat[]>> = { client: [], server: [] };

  return {
    chain(origin) {
      if (epoch !== route.epoch) {
        epoch = route.epoch;
        chains = { client: chainOf("client"), server: chainOf("server").reverse() };
      }
      return chains[origin];
    },
    async end(end) {
      const hooks = runClose(route.chain.filter(hasCloseHook).map(seatOf), end);
      for (const seat of seats.values()) seat.close();
      await hooks;
    },
  };

  function hasCloseHook(binding: PolicyBinding): boolean {
    const exports = sandbox.exports(binding.policy);
    return exports !== undefined && runsHook(binding, exports, "close");
  }

  function chainOf(hook: HookName): Seat[] {
    return route.chain
      .filter((binding) => runsHook(binding, sandbox.exports(binding.policy), hook))
      .map(seatOf);
  }

  function seatOf(binding: PolicyBinding): Seat {
    const key = `${binding.policy}\n${JSON.stringify(binding.options)}`;
    let seat = seats.get(key);
    if (seat === undefined) {
      seat = sandbox.seat(binding, id, context, types);
      seats.set(key, seat);
    }
    return seat;
  }
}

/** Settles with the hooks, however they end. */
async function runClose(seats: readonly Seat[], end: SessionEnd): Promise<void> {
  if (seats.length === 0) return;
  const { initiator, code, reason, durationMs, messages, bytes } = end;
  const text = JSON.stringify({ initiator, code, reason, duration: durationMs, messages, bytes });
  const payload = { binary: false, bytes: Buffer.from(text) };
  const time = Date.now();
  await Promise.all(
    seats.map(
      (seat) => new Promise((settle) => seat.submit({ hook: "close", payload, sequence: 0, time, settle })),
    ),
  );
}
