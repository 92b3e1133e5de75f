import type { Side } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import { ChainSession } from "../chain/chain-session.ts";
import type { SeatGiver } from "../chain/noted-seats.ts";
import type { HookLine, MessageLine, UpgradeLine } from "../recording/format.ts";
import { answerOf } from "../request/refusal.ts";
import { describeRequest, pathOf } from "../request/request-context.ts";
import type { RoutePlan } from "../routes/route-runtime.ts";
import type { Router } from "../routes/router.ts";
import { policyOfUse } from "../routes/use-key.ts";
import type { ToldEnd } from "../session/session-seats.ts";
import { type BodyView, toPayload, viewBody } from "../verdicts/body-view.ts";

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

/** One session on its way through the chain of its route. */
export class ReplayedSession {
  readonly route: string;
  readonly #chain: ChainSession;
  readonly #onError: RoutePlan["config"]["onError"];
  readonly #line: UpgradeLine;

  private constructor(
    { plan, params }: { readonly plan: RoutePlan; readonly params: Readonly<Record<string, string>> },
    line: UpgradeLine,
    sandbox: SeatGiver,
  ) {
    const { session: id, method, url, headers, client } = line;
    const { config, chain } = plan;
    const request = { method, url, rawHeaders: headers.flat() };
    const context = describeRequest(request, { ...client, certificate: null }, config.path, params);
    this.#chain = new ChainSession({ sandbox, config, chain, id, context });
    this.#chain.open({ subprotocol: line.result?.subprotocol ?? "", server: line.result?.server ?? "" });
    this.#onError = config.onError;
    this.#line = line;
    this.route = config.name;
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

  /** A policy has closed it: what the recording has of it afterwards never came to be. */
  get isClosed(): boolean {
    return this.#chain.isClosed;
  }

  async upgrade(): Promise<UpgradeEffect> {
    const decision = await this.#chain.upgrade();
    if ("refusal" in decision)
      return { status: answerOf(decision.refusal, this.#line.session).status, attributes: {} };
    return { status: 101, attributes: decision.attributes };
  }

  /** It was let in, whatever the policies say now: what came afterwards rests on what they said then. */
  letIn(): void {
    this.#chain.open({ attributes: this.#line.result?.attributes ?? {} });
  }

  async message({ origin, body, time }: MessageLine): Promise<MessageEffect> {
    const message = await this.#chain.message(origin, toPayload(body), time);
    const { close, steps } = message;
    return {
      message: message.body === undefined ? null : viewBody(message.body),
      replies: message.replies.map(viewBody),
      appended: message.appended.map(viewBody),
      close: close === undefined ? null : { code: close.code, reason: close.reason },
      failed: steps.some(({ action }) => action === "failed"),
    };
  }

  /** Of a policy that the route has no more, or that has no such hook, nothing comes. */
  async hook(line: HookLine): Promise<HookEffect> {
    const { hook, by, policy, late } = line;
    const { seats } = this.#chain;
    const use = seats.uses().find((each) => policyOfUse(each) === policy && seats.runs(each, hook));
    if (use === undefined) return NO_EFFECT;
    const own = hook === "tick" ? { late } : { reason: by, data: null };
    const outcome = await this.#chain.timed(use, hook, own, Math.floor(line.time));
    return outcome === undefined ? NO_EFFECT : this.#hookEffectOf(line, outcome);
  }

  /** A message that cannot be replayed: those after it are counted on. */
  passBy(origin: Side): void {
    this.#chain.passBy(origin);
  }

  async end(end: ToldEnd): Promise<void> {
    await this.#chain.end(end);
  }

  sequence(origin: Side): number {
    return this.#chain.sequence(origin);
  }

  #hookEffectOf({ hook, by }: HookLine, outcome: Outcome): HookEffect {
    const chain = this.#chain;
    if (outcome.kind === "fault") {
      // One that is called before the expiry may fail until then.
      if (this.#onError === "close" && (hook === "tick" || by === "request")) chain.isClosed = true;
      return { ...NO_EFFECT, failed: true };
    }
    if (outcome.kind !== "tick" && outcome.kind !== "renew") return NO_EFFECT;
    const { toClient, toServer, close = null } = outcome;
    const isNew = outcome.kind === "renew" && chain.renew(outcome);
    const renewal = outcome.kind === "tick" ? outcome.renewal : undefined;
    chain.renew(renewal);
    if (close !== null || renewal?.close !== undefined) chain.isClosed = true;
    return {
      toClient: toClient.map(viewBody),
      toServer: toServer.map(viewBody),
      attributes: (isNew && outcome.attributes) || {},
      close: close && { code: close.code, reason: close.reason },
      failed: false,
    };
  }
}

/** As a router reads them: the last of a name, which for these is the only one. */
function headersOf({ headers }: UpgradeLine): Record<string, string> {
  return Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
}
