import type { Side } from "../../sandbox/contract/hooks.ts";
import type { Aside, Outcome, Renewal } from "../../sandbox/contract/verdicts.ts";
import type { RequestContext, Seat } from "../../sandbox/contract.ts";
import type { HookLine, MessageLine, UpgradeLine } from "../recording/format.ts";
import { askPolicies } from "../request/ask-policies.ts";
import { firstDecision, type UpgradeDecision } from "../request/decision.ts";
import { answerOf } from "../request/refusal.ts";
import { describeRequest, pathOf } from "../request/request-context.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { Router } from "../routes/router.ts";
import { policyOfUse } from "../routes/use-key.ts";
import { MessageFlow } from "../session/flow/message-flow.ts";
import { RouteSeats, type ToldEnd } from "../session/session-seats.ts";
import { FlowTrace, resultOf } from "../session/tap/flow-trace.ts";
import { type BodyView, toPayload, viewBody } from "../verdicts/body-view.ts";
import type { SeatGiver } from "./noted-sandbox.ts";

/** A route as a router takes it. */
export interface ReplayRoute {
  readonly path: string;
  readonly match: RoutePlan["config"]["match"];
  readonly plan: RoutePlan;
}

/** What a client gets to its request. */
export interface UpgradeEffect {
  readonly status: number;
  readonly attributes: Readonly<Record<string, unknown>>;
}

/** What becomes of a message. */
export interface MessageEffect {
  /** What goes on to the other side; null when nothing does. */
  readonly message: BodyView | null;
  readonly replies: readonly BodyView[];
  readonly appended: readonly BodyView[];
  readonly close: { readonly code: number; readonly reason: string } | null;
  /** A policy threw, or took too long, whatever its route makes of that. */
  readonly failed: boolean;
}

/** What becomes of a call of a hook that no message is given to. */
export interface HookEffect {
  readonly toClient: readonly BodyView[];
  readonly toServer: readonly BodyView[];
  /** What it has set of them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly close: { readonly code: number; readonly reason: string } | null;
  readonly failed: boolean;
}

const NO_EFFECT: HookEffect = { toClient: [], toServer: [], attributes: {}, close: null, failed: false };

/** One session on its way through the chain of its route, by the gateway's own code between socket and sandbox. */
export class ReplayedSession {
  readonly route: string;
  /** A policy has closed it: what the recording has of it afterwards never came to be. */
  isClosed = false;
  readonly #plan: RoutePlan;
  readonly #seatGiver: SeatGiver;
  readonly #line: UpgradeLine;
  readonly #context: RequestContext;
  readonly #sequence = { client: 0, server: 0 };
  #decision: UpgradeDecision;
  #seats: RouteSeats | undefined;

  private constructor(
    { plan, params }: { readonly plan: RoutePlan; readonly params: Readonly<Record<string, string>> },
    line: UpgradeLine,
    seatGiver: SeatGiver,
  ) {
    const { method, url, headers, client } = line;
    this.#plan = plan;
    this.#line = line;
    this.#seatGiver = seatGiver;
    this.route = plan.config.name;
    this.#context = describeRequest(
      { method, url, rawHeaders: headers.flat() },
      { ...client, certificate: null },
      plan.config.path,
      params,
    );
    this.#decision = firstDecision(plan.config.contentType);
  }

  /** @returns undefined when there is no route for it */
  static open(
    line: UpgradeLine,
    router: Router<ReplayRoute>,
    seatGiver: SeatGiver,
  ): ReplayedSession | undefined {
    const found = router.find(pathOf(line.url), headersOf(line));
    if (found === undefined || !found.route.plan.config.enabled) return undefined;
    return new ReplayedSession({ plan: found.route.plan, params: found.params }, line, seatGiver);
  }

  async upgrade(): Promise<UpgradeEffect> {
    const asked = {
      exchange: { id: this.#line.session, elapsedMs: 0 },
      config: this.#plan.config,
      context: this.#context,
    };
    const route = { chain: this.#plan.chain, epoch: 0 };
    const policies = { route, sandbox: this.#seatGiver, learn() {} };
    const decision = await askPolicies(asked, policies);
    if ("refusal" in decision)
      return { status: answerOf(decision.refusal, this.#line.session).status, attributes: {} };
    this.#decision = decision;
    return { status: 101, attributes: decision.attributes };
  }

  /** It was let in, whatever the policies say now: what came afterwards rests on what they said then. */
  letIn(): void {
    const attributes = this.#line.result?.attributes ?? {};
    this.#decision = { ...this.#decision, attributes };
  }

  message({ origin, body, time }: MessageLine): Promise<MessageEffect> {
    const payload = toPayload(body);
    this.#sequence[origin]++;
    const chain = this.#takeSeats().chain(origin);
    return new Promise((resolve) => {
      const trace = new FlowTrace({ isCompressed: false, maskKey: 0, frames: 1 }, payload, time);
      const owner = {
        hook: origin,
        onError: this.#plan.config.onError,
        allocate: Buffer.alloc,
        release() {},
        onAside: (_: Seat, { renewal }: Aside) => this.#renew(renewal),
        onFlowReady: () => resolve(this.#effectOf(flow, trace)),
      };
      const flow: MessageFlow = new MessageFlow(owner, chain, {
        payload,
        sequence: this.#sequence[origin],
        time: Math.floor(time),
        trace,
      });
      flow.advance();
    });
  }

  /** Of a policy that the route has no more, or that has no such hook, nothing comes. */
  hook(line: HookLine): Promise<HookEffect> {
    const { hook, by, policy, late } = line;
    const seats = this.#takeSeats();
    const isMeant = (use: string) => policyOfUse(use) === policy && seats.runs(use, hook);
    const use = seats.uses().find(isMeant);
    const seat = use === undefined ? undefined : seats.timedSeat(use, hook);
    if (seat === undefined) return Promise.resolve(NO_EFFECT);
    const time = Math.floor(line.time);
    const text = JSON.stringify(hook === "tick" ? { time, late } : { reason: by, data: null, time });
    return new Promise((resolve) =>
      seat.submit({
        ...{ hook, payload: { binary: false, bytes: Buffer.from(text) }, sequence: 0, time },
        settle: (outcome) => resolve(this.#hookEffectOf(line, outcome)),
      }),
    );
  }

  /** A message that cannot be replayed: those after it are counted on. */
  passBy(origin: Side): void {
    this.#sequence[origin]++;
  }

  async end(end: ToldEnd): Promise<void> {
    await this.#takeSeats().end(end);
  }

  sequence(origin: Side): number {
    return this.#sequence[origin];
  }

  /**
   * Later calls read so; of the time that a policy says nothing comes, for only what was recorded does.
   *
   * @returns whether anything is new by it
   */
  #renew(renewal: Renewal | undefined): boolean {
    if (renewal?.attributes === undefined && renewal?.expires === undefined) return false;
    return this.#takeSeats().renew(renewal.attributes, renewal.expires) !== undefined;
  }

  #hookEffectOf({ hook, by }: HookLine, outcome: Outcome): HookEffect {
    if (outcome.kind === "fault") {
      // One that is called before the expiry may fail until then.
      if (this.#plan.config.onError === "close" && (hook === "tick" || by === "request"))
        this.isClosed = true;
      return { ...NO_EFFECT, failed: true };
    }
    if (outcome.kind !== "tick" && outcome.kind !== "renew") return NO_EFFECT;
    const { toClient, toServer, close = null } = outcome;
    const isNew = outcome.kind === "renew" && this.#renew(outcome);
    const renewal = outcome.kind === "tick" ? outcome.renewal : undefined;
    this.#renew(renewal);
    if (close !== null || renewal?.close !== undefined) this.isClosed = true;
    return {
      toClient: toClient.map(viewBody),
      toServer: toServer.map(viewBody),
      attributes: (isNew && outcome.attributes) || {},
      close: close && { code: close.code, reason: close.reason },
      failed: false,
    };
  }

  #effectOf(flow: MessageFlow, trace: FlowTrace): MessageEffect {
    const { after, replies, appended } = resultOf(flow, trace, false);
    if (flow.close !== undefined) this.isClosed = true;
    return {
      message: flow.isDropped ? null : viewBody(after ?? flow.payload),
      replies: replies.map(viewBody),
      appended: appended.map(viewBody),
      close: flow.close === undefined ? null : { code: flow.close.code, reason: flow.close.reason },
      failed: trace.steps.some(({ action }) => action === "failed"),
    };
  }

  #takeSeats(): RouteSeats {
    const { attributes, types } = this.#decision;
    const { subprotocol = "", server = "" } = this.#line.result ?? {};
    this.#seats ??= new RouteSeats({
      sandbox: this.#seatGiver,
      route: { chain: this.#plan.chain, epoch: 0 },
      id: this.#line.session,
      context: JSON.stringify({ ...this.#context, attributes, subprotocol, server: { url: server } }),
      types,
    });
    return this.#seats;
  }
}

/** As a router reads them: the last of a name, which for these is the only one. */
function headersOf({ headers }: UpgradeLine): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
