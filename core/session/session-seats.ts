import type { ContentTypes, HookName, PolicyBinding, Sandbox, Seat, Side } from "../../sandbox/contract.ts";
import type { SessionEnd } from "../events.ts";
import { type RouteRuntime, runsHook } from "../routes/route-runtime.ts";
import type { SessionSeats } from "./session-setup.ts";

export interface SeatsOptions {
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  readonly route: Pick<RouteRuntime, "chain" | "epoch">;
  readonly id: string;
  /** JSON of the connection's context. */
  readonly context: string;
  readonly types: ContentTypes;
}

/** What `close` hooks are told. */
export type ToldEnd = Pick<SessionEnd, "initiator" | "code" | "reason" | "durationMs" | "messages" | "bytes">;

type Chains = Readonly<Record<Side, readonly Seat[]>>;

/**
 * Takes a seat in each policy of the route when the session first needs it. The chains are made anew when the route
 * has changed, which costs a comparison a message otherwise.
 */
export class RouteSeats implements SessionSeats {
  readonly #options: SeatsOptions;
  /** Undefined until the first is taken: an idle session has none. */
  #seats: Map<string, Seat> | undefined;
  #epoch = -1;
  #chains: Chains = NO_CHAINS;

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  chain(origin: Side): readonly Seat[] {
    const { epoch } = this.#options.route;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#chains = { client: this.#chainOf("client"), server: this.#chainOf("server").reverse() };
    }
    return this.#chains[origin];
  }

  async end(end: ToldEnd): Promise<void> {
    const { route } = this.#options;
    const hooks = runClose(
      route.chain.filter((binding) => this.#hasCloseHook(binding)).map((binding) => this.#seatOf(binding)),
      end,
    );
    for (const seat of this.#seats?.values() ?? []) seat.close();
    await hooks;
  }

  #hasCloseHook(binding: PolicyBinding): boolean {
    const exports = this.#options.sandbox.exports(binding.policy);
    return exports !== undefined && runsHook(binding, exports, "close");
  }

  #chainOf(hook: HookName): Seat[] {
    const { route, sandbox } = this.#options;
    return route.chain
      .filter((binding) => runsHook(binding, sandbox.exports(binding.policy), hook))
      .map((binding) => this.#seatOf(binding));
  }

  #seatOf(binding: PolicyBinding): Seat {
    const { sandbox, id, context, types } = this.#options;
    const key = `${binding.policy}\n${JSON.stringify(binding.options)}`;
    this.#seats ??= new Map();
    let seat = this.#seats.get(key);
    if (seat === undefined) {
      seat = sandbox.seat(binding, id, context, types);
      this.#seats.set(key, seat);
    }
    return seat;
  }
}

const NO_CHAINS: Chains = { client: [], server: [] };

/** Settles with the hooks, however they end. */
async function runClose(seats: readonly Seat[], end: ToldEnd): Promise<void> {
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
