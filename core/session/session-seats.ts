import type { HookName, Side } from "../../sandbox/contract/hooks.ts";
import type { Renewal } from "../../sandbox/contract/verdicts.ts";
import type {
  ConnectionContext,
  ContentTypes,
  PolicyBinding,
  Sandbox,
  Seat,
} from "../../sandbox/contract.ts";
import { type RouteRuntime, runsHook } from "../routes/route-runtime.ts";
import { useKey } from "../routes/use-key.ts";
import type { SessionEnd } from "../session-end.ts";
import type { HoldingPlaces, HoldingSession, MessageLimits } from "./operator/holding-places.ts";
import { isReadable } from "./relay/pump-deflate.ts";
import type { SessionSeats } from "./session-setup.ts";
import type { Intervals } from "./times/timetable.ts";

export interface SeatsOptions {
  readonly sandbox: Pick<Sandbox, "exports" | "seat">;
  readonly route: Pick<RouteRuntime, "chain" | "epoch">;
  readonly id: string;
  /** Of the connection, or its JSON; of a renewed one another. */
  context: ConnectionContext | string;
  readonly types: ContentTypes;
  /** Where operators hold messages, as sessions of this route with these limits and this compression; absent: nowhere. */
  readonly holding?: HoldingPlaces;
  readonly name?: string;
  readonly limits?: MessageLimits;
  readonly deflate?: Parameters<typeof isReadable>[0];
}

/** What `close` hooks are told. */
export type ToldEnd = Pick<SessionEnd, "initiator" | "code" | "reason" | "durationMs" | "messages" | "bytes">;

type Place = { -readonly [Key in keyof HoldingSession]: HoldingSession[Key] };
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
  /** Undefined until a breakpoint is set. */
  #place: Place | undefined;

  constructor(options: SeatsOptions) {
    this.#options = options;
  }

  onLasting(): void {
    this.#contextText();
  }

  chain(origin: Side): readonly Seat[] {
    const { epoch } = this.#options.route;
    if (this.#epoch !== epoch) {
      this.#epoch = epoch;
      this.#chains = { client: this.#heldChain("client"), server: this.#heldChain("server") };
    }
    // Asked for each message: V8 would search for a member by a name that varies.
    return origin === "client" ? this.#chains.client : this.#chains.server;
  }

  policyChain(origin: Side): readonly Seat[] {
    const chain = this.#chainOf(origin);
    return origin === "client" ? chain : chain.reverse();
  }

  /** What is held is held before the first policy, where nothing is done with it yet, and behind the last. */
  #heldChain(origin: Side): readonly Seat[] {
    const chain = this.policyChain(origin);
    const { holding, id, name = "", limits = NO_LIMITS, deflate = {} } = this.#options;
    if (holding?.isSet !== true) return chain;
    this.#place ??= { id, route: name, limits, isEnding: false, letGoAt: 0 };
    const places = holding.placesOf(this.#place, origin, isReadable(deflate, origin));
    if (places === undefined) return chain;
    const [first, last] = places;
    return chain.length === 0 ? [last] : [first, ...chain, last];
  }

  get held(): number {
    return this.#options.holding?.countOf(this.#options.id) ?? 0;
  }

  get heldUntil(): number {
    return this.held > 0 ? Number.POSITIVE_INFINITY : (this.#place?.letGoAt ?? 0);
  }

  get isHoldable(): boolean {
    const { deflate = {} } = this.#options;
    return isReadable(deflate, "client") && isReadable(deflate, "server");
  }

  letGo(): void {
    // A breakpoint that is set while it ends is not for it any more.
    this.#place ??= ENDED;
    if (this.#place.isEnding) return;
    this.#place.isEnding = true;
    this.#options.holding?.letGo(this.#options.id);
  }

  policies(): ReturnType<SessionSeats["policies"]> {
    const { route, sandbox } = this.#options;
    return route.chain.map(({ policy }) => ({ name: policy, version: sandbox.exports(policy)?.version }));
  }

  versionOf(policy: string): string {
    return this.#options.sandbox.exports(policy)?.version ?? "";
  }

  get hasTicks(): boolean {
    const { chain } = this.#options.route;
    return chain.some((binding) => this.#intervalOf(binding) !== undefined);
  }

  uses(): readonly string[] {
    return this.#options.route.chain.map(useKey);
  }

  intervals(): Intervals {
    const { route } = this.#options;
    const ticking = route.chain.filter((binding) => this.#hasHook(binding, "tick"));
    return new Map(ticking.map((binding) => [useKey(binding), this.#intervalOf(binding)]));
  }

  renewers(): readonly string[] {
    const { route } = this.#options;
    return route.chain.filter((binding) => this.#hasHook(binding, "renew")).map(useKey);
  }

  runs(use: string, hook: "tick" | "renew"): boolean {
    return this.#runningIn(use, hook) !== undefined;
  }

  timedSeat(use: string, hook: "tick" | "renew"): Seat | undefined {
    const binding = this.#runningIn(use, hook);
    return binding && this.#seatOf(binding);
  }

  useOf(seat: Seat): string {
    for (const [use, taken] of this.#seats ?? []) if (taken === seat) return use;
    throw new Error(`a seat in the policy "${seat.policy}" that this session has not taken`);
  }

  pathTo(side: Side, use: string): readonly Seat[] {
    const { chain } = this.#options.route;
    const uses = chain.map(useKey);
    // What the chain has no more is as good as at the end that sends.
    if (side === "server") return this.#seatsFor("client", chain.slice(uses.lastIndexOf(use) + 1));
    const at = uses.indexOf(use);
    return this.#seatsFor("server", at < 0 ? chain : chain.slice(0, at)).reverse();
  }

  renew(
    more: Renewal["attributes"],
    expires: number | undefined,
  ): ConnectionContext["attributes"] | undefined {
    const text = this.#contextText();
    const before = JSON.parse(text) as ConnectionContext;
    const attributes = { ...before.attributes, ...more };
    const context = JSON.stringify({ ...before, attributes, expires });
    if (context === text) return undefined;
    this.#options.context = context;
    const renewed = { attributes, ...(expires !== undefined && { expires }) };
    for (const seat of this.#seats?.values() ?? []) seat.renew(context, renewed);
    return attributes;
  }

  async end(end: ToldEnd): Promise<void> {
    const { route } = this.#options;
    const hooks = runClose(
      route.chain
        .filter((binding) => this.#hasHook(binding, "close"))
        .map((binding) => this.#seatOf(binding)),
      end,
    );
    for (const seat of this.#seats?.values() ?? []) seat.close();
    await hooks;
  }

  /** Unlike for messages, a policy without any version is passed by. */
  #hasHook(binding: PolicyBinding, hook: HookName): boolean {
    const exports = this.#options.sandbox.exports(binding.policy);
    return exports !== undefined && runsHook(binding, exports, hook);
  }

  #runningIn(use: string, hook: HookName): PolicyBinding | undefined {
    return this.#options.route.chain.find(
      (binding) => useKey(binding) === use && this.#hasHook(binding, hook),
    );
  }

  #intervalOf(binding: PolicyBinding): number | undefined {
    const every = this.#options.sandbox.exports(binding.policy)?.when?.tick?.every;
    return every !== undefined && this.#hasHook(binding, "tick") ? every : undefined;
  }

  #chainOf(hook: Side): Seat[] {
    return this.#seatsFor(hook, this.#options.route.chain);
  }

  #seatsFor(hook: Side, bindings: readonly PolicyBinding[]): Seat[] {
    const { sandbox } = this.#options;
    return bindings
      .filter((binding) => runsHook(binding, sandbox.exports(binding.policy), hook))
      .map((binding) => this.#seatOf(binding));
  }

  #seatOf(binding: PolicyBinding): Seat {
    const { sandbox, id, types } = this.#options;
    const key = useKey(binding);
    this.#seats ??= new Map();
    let seat = this.#seats.get(key);
    if (seat === undefined) {
      seat = sandbox.seat(binding, id, this.#contextText(), types);
      this.#seats.set(key, seat);
    } else if (binding.canaryOptions !== undefined) seat.offer(binding.canaryOptions);
    return seat;
  }

  /** Its JSON takes less memory than the context itself, and more time than a session has that ends at once and calls nobody. */
  #contextText(): string {
    const options = this.#options;
    if (typeof options.context !== "string") options.context = JSON.stringify(options.context);
    return options.context;
  }
}

const NO_CHAINS: Chains = { client: [], server: [] };

const NO_LIMITS: MessageLimits = {
  client: { maxMessageBytes: Number.POSITIVE_INFINITY },
  server: { maxMessageBytes: Number.POSITIVE_INFINITY },
};

/** Of all that end and had no place: nothing is changed in it. */
const ENDED: Place = { id: "", route: "", limits: NO_LIMITS, isEnding: true, letGoAt: 0 };

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
