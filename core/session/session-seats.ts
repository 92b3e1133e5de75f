import type {
  ConnectionContext,
  ContentTypes,
  HookName,
  Payload,
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
      const payload = { binary: false, bytes: Buffer.from(JSON.stringify(payloadOf(end))) };
      const hooks = route.chain
        .filter((binding) => {
          const exports = sandbox.exports(binding.policy);
          return exports !== undefined && runsHook(binding, exports, "close");
        })
        .map((binding) => runClose(seatOf(binding), payload));
      for (const seat of seats.values()) seat.close();
      await Promise.all(hooks);
    },
  };

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

function payloadOf(end: SessionEnd): object {
  const { initiator, code, reason, durationMs, messages, bytes } = end;
  return { initiator, code, reason, duration: durationMs, messages, bytes };
}

/** Settles with the hook, however it ends. */
function runClose(seat: Seat, payload: Payload): Promise<unknown> {
  return new Promise((settle) => {
    seat.submit({ hook: "close", payload, sequence: 0, time: Date.now(), settle });
  });
}
