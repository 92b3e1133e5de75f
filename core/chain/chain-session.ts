import type { HookName, Payload, Side } from "../../sandbox/contract/hooks.ts";
import type { Aside, Outcome, Renewal } from "../../sandbox/contract/verdicts.ts";
import type { PolicyBinding, RequestContext, Seat } from "../../sandbox/contract.ts";
import type { ServerFailure } from "../../sandbox/policy-api.ts";
import type { RouteConfig } from "../config/index.ts";
import { askPolicies } from "../request/ask-policies.ts";
import { UnavailableHooks, type UnavailableWord } from "../request/ask-unavailable.ts";
import { firstDecision, type UpgradeDecision } from "../request/decision.ts";
import type { Refused } from "../request/refusal.ts";
import { earliestExpiry } from "../request/terms.ts";
import { MessageFlow } from "../session/flow/message-flow.ts";
import { RouteSeats, type ToldEnd } from "../session/session-seats.ts";
import { type FlowResult, type FlowStep, FlowTrace, resultOf } from "../session/tap/flow-trace.ts";
import type { SeatGiver } from "./noted-seats.ts";

export interface ChainSessionOptions {
  readonly sandbox: SeatGiver;
  readonly config: Pick<RouteConfig, "contentType" | "onError">;
  readonly chain: readonly PolicyBinding[];
  readonly id: string;
  readonly context: RequestContext;
  /** Set before its first policy. Default: none. */
  readonly attributes?: Readonly<Record<string, unknown>>;
}

/** What a connection is once its server has agreed. */
export interface AgreedConnection extends Partial<Pick<UpgradeDecision, "attributes">> {
  readonly subprotocol?: string | undefined;
  readonly server?: string | undefined;
  readonly expires?: number | undefined;
}

/** What became of a message on its way through the chain. */
export interface ChainMessage extends Pick<FlowResult, "replies" | "appended"> {
  /** What goes on to the receiver; undefined: nothing does. */
  readonly body: Payload | undefined;
  readonly close: MessageFlow["close"];
  readonly steps: readonly FlowStep[];
  readonly asides: readonly ChainAside[];
}

/** What a message's verdict has said that is not about the message. */
export interface ChainAside extends Aside {
  readonly use: string;
}

/** A connection without peers: its hooks run in the gateway's own order, by the gateway's own code between socket and sandbox. */
export class ChainSession {
  /** A policy has closed it. */
  isClosed = false;
  readonly #options: ChainSessionOptions;
  readonly #count = { client: 0, server: 0 };
  #decision: UpgradeDecision;
  #connection: AgreedConnection = {};
  #seats: RouteSeats | undefined;

  constructor(options: ChainSessionOptions) {
    this.#options = options;
    this.#decision = firstDecision(options.config.contentType, options.attributes);
  }

  /** What the `upgrade` hooks say, later hooks read. */
  async upgrade(): Promise<UpgradeDecision | Refused> {
    const asked = { ...this.#asked(), attributes: this.#decision.attributes };
    const decision = await askPolicies(asked, { ...this.#policies(), learn() {} });
    if (!("refusal" in decision)) this.#decision = decision;
    return decision;
  }

  /** No server can be had. @returns undefined: no hook decides */
  unavailable(failure: ServerFailure): Promise<UnavailableWord | undefined> {
    const question = { asked: this.#asked(), policies: this.#policies(), decision: this.#decision };
    return new UnavailableHooks({ ...question, notes: undefined }).ask(failure);
  }

  /** Before the first message: what is so whatever `upgrade` hooks say. */
  open(connection: AgreedConnection): void {
    this.#connection = { ...this.#connection, ...connection };
  }

  message(origin: Side, payload: Payload, time: number): Promise<ChainMessage> {
    this.#count[origin]++;
    return this.#run(origin, this.seats.chain(origin), payload, time);
  }

  /** A message that a hook of this use sends by itself: it passes the policies between that and the side. */
  passOn(side: Side, payload: Payload, use: string, time: number): Promise<ChainMessage> {
    const origin = side === "client" ? "server" : "client";
    return this.#run(origin, this.seats.pathTo(side, use), payload, time);
  }

  /** One that is not run: those after it are counted on. */
  passBy(origin: Side): void {
    this.#count[origin]++;
  }

  /** How many messages of this side there were. */
  sequence(origin: Side): number {
    return this.#count[origin];
  }

  /** @param own the hook's own part of its context @returns undefined: the use has no such hook */
  timed(
    use: string,
    hook: HookName & ("tick" | "renew"),
    own: object,
    time: number,
  ): Promise<Outcome | undefined> {
    const seat = this.seats.timedSeat(use, hook);
    if (seat === undefined) return Promise.resolve(undefined);
    const payload = { binary: false, bytes: Buffer.from(JSON.stringify({ ...own, time })) };
    return new Promise((settle) => seat.submit({ hook, payload, sequence: 0, time, settle }));
  }

  /**
   * Later calls read so; of the time that a policy says nothing comes by itself.
   *
   * @returns whether anything is new by it
   */
  renew(renewal: Renewal | undefined): boolean {
    if (renewal?.attributes === undefined && renewal?.expires === undefined) return false;
    return this.seats.renew(renewal.attributes, renewal.expires) !== undefined;
  }

  async end(end: ToldEnd): Promise<void> {
    await this.seats.end(end);
  }

  /** Taken when the first message, or another call of a connection, needs them. */
  get seats(): RouteSeats {
    this.#seats ??= this.#takeSeats();
    return this.#seats;
  }

  #asked() {
    const { id, config, context } = this.#options;
    return { exchange: { id, elapsedMs: 0 }, config, context };
  }

  #policies() {
    const { chain, sandbox } = this.#options;
    // A route that runs has more to it, which no hook is told of.
    return { route: { chain, epoch: 0 }, sandbox };
  }

  #takeSeats(): RouteSeats {
    const { id, context } = this.#options;
    const { terms, types, ...decision } = this.#decision;
    const { subprotocol = decision.subprotocol ?? "", server = decision.connect ?? "" } = this.#connection;
    const expires = this.#connection.expires ?? earliestExpiry(terms ?? []);
    const told = {
      ...context,
      attributes: this.#connection.attributes ?? decision.attributes,
      ...(expires !== undefined && { expires }),
      ...{ subprotocol, server: { url: server } },
    };
    return new RouteSeats({ ...this.#policies(), id, context: JSON.stringify(told), types });
  }

  #run(origin: Side, chain: readonly Seat[], payload: Payload, time: number): Promise<ChainMessage> {
    const asides: ChainAside[] = [];
    return new Promise((resolve) => {
      const trace = new FlowTrace({ isCompressed: false, maskKey: 0, frames: 1 }, payload, time);
      const owner = {
        hook: origin,
        onError: this.#options.config.onError,
        allocate: Buffer.alloc,
        release() {},
        onCloseAhead() {},
        onAside: (seat: Seat, aside: Aside) => {
          this.renew(aside.renewal);
          asides.push({ use: this.seats.useOf(seat), ...aside });
        },
        onFlowReady: () => {
          const { after, replies, appended } = resultOf(flow, trace, false);
          if (flow.close !== undefined) this.isClosed = true;
          const body = flow.isDropped ? undefined : (after ?? flow.payload);
          resolve({ body, replies, appended, close: flow.close, steps: trace.steps, asides });
        },
      };
      const sequence = this.#count[origin];
      const flow: MessageFlow = new MessageFlow(owner, chain, {
        ...{ payload, sequence, time: Math.floor(time), trace },
      });
      flow.advance();
    });
  }
}
