import type { CanaryOptions, ContentTypes, PolicyBinding } from "../../contract.ts";
import type { SeatOpening } from "../../wire/guest-entry.ts";
import type { ByHook, HookIndex } from "../policy/by-hook.ts";
import type { HookCounts } from "../policy/counts/call-counts.ts";
import type { Followed } from "../policy/track.ts";
import { type LaneCall, SettleLane } from "./lane.ts";

const NOWHERE = 0;

/** What of a seat never changes. */
export interface SeatIdentity<Call> {
  readonly index: number;
  readonly followed: Followed<Call>;
  readonly binding: PolicyBinding;
  readonly id: string;
  /** JSON of the upgrade context. */
  readonly context: string;
  readonly types: ContentTypes;
}

/**
 * What the worker keeps of a connection's place in a policy: enough to open it in any isolate, at any time.
 *
 *              its first call is sent              a call is sent there, and none is left here
 *   nowhere ────────────────────────▶ open in one ────────────────────────────────────────────▶ open in another
 *      │                                   │
 *      └───────────────────────────────────┴──▶ gone: it has been closed, and its calls have settled
 *
 * While calls are left in an older instance those for the newer one are parked, and all that come after them.
 */
export class ClientSeat<Call extends LaneCall<Call>> {
  readonly index: number;
  readonly followed: Followed<Call>;
  readonly id: string;
  /** The version that the call which came back last ran in; "": none has. */
  ranIn = "";
  /** What became of the policy's calls in the seat's route. */
  readonly counts: ByHook<HookCounts>;
  /** By hook; made with the first call of each, for most seats have calls of one or two. */
  readonly #lanes: (SettleLane<Call> | undefined)[] = [];
  #binding: PolicyBinding;
  #context: string;
  /** What the isolate that has it open does not know of the context yet. */
  #news: string | undefined = undefined;
  readonly #types: ContentTypes;
  #session: string | undefined = undefined;
  #openIn = NOWHERE;
  #inFlight = 0;
  #unsettled = 0;
  #isClosed = false;
  #parked: Call[] = [];

  constructor({ index, followed, binding, id, context, types }: SeatIdentity<Call>) {
    this.index = index;
    this.followed = followed;
    this.counts = followed.counts.of(binding.route);
    this.#binding = binding;
    this.id = id;
    this.#context = context;
    this.#types = types;
  }

  get binding(): PolicyBinding {
    return this.#binding;
  }

  /** JSON of its connection's context, as it is now. */
  get context(): string {
    return this.#context;
  }

  /** A version is on its way that has options of its own. */
  offer(canaryOptions: CanaryOptions): void {
    this.#binding = { ...this.#binding, canaryOptions };
  }

  /** The instance that has it open; 0: none. */
  get openIn(): number {
    return this.#openIn;
  }

  /** Calls sent and not settled. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** Calls submitted and not settled. */
  get unsettled(): number {
    return this.#unsettled;
  }

  get isGone(): boolean {
    return this.#isClosed && this.#unsettled === 0;
  }

  lane(hook: HookIndex): SettleLane<Call> {
    return this.#lanes[hook] ?? this.#openLane(hook);
  }

  /** Its connection has been renewed. @param news JSON of a `RenewedContext` */
  renew(context: string, news: string): void {
    this.#context = context;
    if (this.#openIn !== NOWHERE) this.#news = news;
  }

  get hasNews(): boolean {
    return this.#news !== undefined;
  }

  takeNews(): string {
    const news = this.#news ?? "{}";
    this.#news = undefined;
    return news;
  }

  submit(): void {
    this.#unsettled++;
  }

  settle(): void {
    this.#unsettled--;
  }

  /** @returns whether it was open */
  close(): boolean {
    if (this.#isClosed) return false;
    this.#isClosed = true;
    return true;
  }

  /** Whether a call for this instance has to wait for others of this seat. */
  mustWait(instance: number): boolean {
    return (this.#inFlight > 0 && this.#openIn !== instance) || this.#parked.length > 0;
  }

  park(call: Call): void {
    this.#parked.push(call);
  }

  /** A call is sent to this instance, which has the seat open from now on. */
  enter(instance: number): void {
    this.#openIn = instance;
    this.#inFlight++;
  }

  /** A call has come back. @returns calls that waited for it, in order */
  leave(): readonly Call[] {
    this.#inFlight--;
    if (this.#inFlight > 0 || this.#parked.length === 0) return NONE;
    const parked = this.#parked;
    this.#parked = [];
    return parked;
  }

  /** @param session JSON of the newest checkpoint of `session` */
  keep(session: string): void {
    this.#session = session;
  }

  /** All that an isolate has to know of it, as JSON. @param version which the isolate has */
  describe(version: string): string {
    const { options, canaryOptions } = this.#binding;
    const opening: SeatOpening = {
      id: this.id,
      route: this.binding.route,
      options: canaryOptions?.version === version ? canaryOptions.options : options,
      types: this.#types,
      context: this.#context,
      ...(this.#session === undefined ? {} : { session: this.#session }),
      ...(this.binding.hooks === undefined ? {} : { hooks: this.binding.hooks }),
    };
    this.#news = undefined;
    return JSON.stringify(opening);
  }

  #openLane(hook: HookIndex): SettleLane<Call> {
    // Without a hole, for each message looks here.
    while (this.#lanes.length <= hook) this.#lanes.push(undefined);
    const lane = new SettleLane<Call>();
    this.#lanes[hook] = lane;
    return lane;
  }
}

const NONE: readonly never[] = [];
