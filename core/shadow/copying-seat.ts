import type { Side } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type {
  CanaryOptions,
  ConnectionContext,
  HookCall,
  MessageMatcher,
  Seat,
} from "../../sandbox/contract.ts";
import type { ShadowPlace } from "./shadow-place.ts";

/** A seat whose calls go to shadows too, each when its verdict is there. What a policy's `when` leaves out is no call. */
export class CopyingSeat implements Seat {
  readonly #seat: Seat;
  readonly #places: readonly ShadowPlace[];
  #unsettled = 0;
  #isClosed = false;

  constructor(seat: Seat, places: readonly ShadowPlace[]) {
    this.#seat = seat;
    this.#places = places;
  }

  get policy(): string {
    return this.#seat.policy;
  }

  get version(): string {
    return this.#seat.version;
  }

  submit(call: HookCall): void {
    this.#unsettled++;
    this.#seat.submit(new CopiedCall(call, this));
  }

  matcher(hook: Side): MessageMatcher | undefined {
    return this.#seat.matcher(hook);
  }

  skip(hook: Side): void {
    this.#seat.skip(hook);
  }

  renew(context: string, renewed: Pick<ConnectionContext, "attributes" | "expires">): void {
    this.#seat.renew(context, renewed);
    for (const place of this.#places) place.renew(context, renewed);
  }

  offer(canaryOptions: CanaryOptions): void {
    this.#seat.offer(canaryOptions);
  }

  end(): void {
    this.#seat.end();
  }

  close(): void {
    this.#seat.close();
    this.#isClosed = true;
    this.#leave();
  }

  onSettled(call: HookCall, outcome: Outcome): void {
    const { version } = this.#seat;
    if (outcome.kind !== "skipped") for (const place of this.#places) place.copy(call, outcome, version);
    call.settle(outcome);
    this.#unsettled--;
    this.#leave();
  }

  /** What comes behind the last copy. */
  #leave(): void {
    if (this.#isClosed && this.#unsettled === 0) for (const place of this.#places) place.close();
  }
}

/** The call as it was made; its payload may be another with each policy of a chain, and is read when it is wanted. */
class CopiedCall implements HookCall {
  readonly #call: HookCall;
  readonly #seat: CopyingSeat;

  constructor(call: HookCall, seat: CopyingSeat) {
    this.#call = call;
    this.#seat = seat;
  }

  get hook(): HookCall["hook"] {
    return this.#call.hook;
  }

  get payload(): HookCall["payload"] {
    return this.#call.payload;
  }

  get sequence(): number {
    return this.#call.sequence;
  }

  get time(): number {
    return this.#call.time;
  }

  get matchedBy(): MessageMatcher | undefined {
    return this.#call.matchedBy;
  }

  get allocate(): HookCall["allocate"] {
    return this.#call.allocate;
  }

  settle(outcome: Outcome): void {
    this.#seat.onSettled(this.#call, outcome);
  }
}
