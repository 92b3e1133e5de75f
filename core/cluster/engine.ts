import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { PolicyBundle, PreparedPolicy, Sandbox, SandboxEvent } from "../../sandbox/contract.ts";
import { createSandbox, SandboxError } from "../../sandbox/index.ts";
import { type DrainConfig, type GatewayConfig, readNetworks, type UpstreamConfig } from "../config/index.ts";
import type { EmitEvent, GatewayEvent } from "../events.ts";
import { createListeners } from "../listen/listeners.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/plan.ts";
import { type RoutePlan, RouteRuntime } from "../route-runtime.ts";
import { Deadlines } from "../session/deadlines.ts";
import { Turn } from "../session/outbox.ts";
import { RateBuckets } from "../session/rate-gate.ts";
import { findRateKey } from "../session/rate-key.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { createSessionSeats } from "../session/session-seats.ts";
import { createHttpProxy } from "../upgrade/http-proxy.ts";
import { createEntrance } from "../upgrade/listener.ts";
import { createPlainHandler } from "../upgrade/plain-handler.ts";
import { createRouter, type Router } from "../upgrade/router.ts";
import type { AcceptedUpgrade } from "../upgrade/upgrade-attempt.ts";
import { createUpgradeHandler } from "../upgrade/upgrade-handler.ts";
import { createUpstreams, type ServerHealth } from "../upstream/upstreams.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { createFrameSlab } from "../wire/frame-slab.ts";
import { createMaskKeys } from "../wire/mask.ts";
import type { LiveSession, RouteTraffic, Vitals } from "./live-view.ts";
import { createSeatCounter } from "./seat-counter.ts";
import { SessionRegistry } from "./session-registry.ts";
import { spreadOver } from "./spread.ts";

export type { RouteTraffic } from "./live-view.ts";

/** What runs, as the supervisor wants it. Plain data. */
export interface Plan {
  readonly routes: readonly RoutePlan[];
  /** Policies that changed since the last plan. */
  readonly bundles: readonly PolicyBundle[];
  /** The named ones: a policy may choose among them. */
  readonly upstreams: readonly UpstreamConfig[];
}

export interface PlanFailure {
  readonly policy: string;
  readonly version: string;
  readonly message: string;
}

/** The data plane of one process: listeners, sessions, and the sandbox of their policies. */
export interface Engine {
  /** Load what changed, then swap all of it at once. A version that does not load leaves the one before in place. */
  apply(plan: Plan): Promise<readonly PlanFailure[]>;
  /** Listen on these and no others; a failure leaves the listeners as they were. */
  listen(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** Traffic of the sessions that are open now. */
  traffic(): readonly RouteTraffic[];
  vitals(): Vitals;
  /** @param id only this one */
  sessions(id?: string): readonly LiveSession[];
  /** An operator ends a session. @returns false when it is not one of this process, or has ended */
  closeSession(id: string, status: CloseStatus): boolean;
  /** The servers of upstreams, and whether this process sends new connections to them. */
  upstreamHealth(): readonly ServerHealth[];
  /** Stop accepting, close the sessions one after the other, cut off those that are left in the end. */
  stop(drain: DrainConfig): Promise<void>;
}

const routeDisabled = { code: 1001, reason: "route is disabled" };

export async function createEngine(
  config: Pick<GatewayConfig, "sandbox" | "trustedProxies">,
  emit: EmitEvent,
): Promise<Engine> {
  const sessions = new Map<string, Session>();
  const registry = new SessionRegistry();
  const runtimes = new Map<string, RouteRuntime>();
  /** Routes that have gone and still have sessions open. */
  const retired = new Set<RouteRuntime>();
  const loaded = new Set<string>();
  const seated = createSeatCounter();
  /** Sessions that have ended and whose `close` hooks still run. */
  const closing = new Set<Promise<void>>();
  const turn = new Turn();
  const deadlines = new Deadlines();
  const buckets = new RateBuckets(deadlines);
  const pingPayload = randomBytes(8);
  const maskKeys = createMaskKeys();
  const allocate = createFrameSlab();
  const newId = createIds();
  let router: Router<RouteRuntime> = createRouter([]);
  let goodbye: CloseStatus | undefined;
  let lastPlan: Promise<unknown> = Promise.resolve();
  let onIdle: (() => void) | undefined;

  const sandbox = await createSandbox({ ...config.sandbox, onEvent: onSandboxEvent });
  const upstreams = createUpstreams({
    now: () => performance.now(),
    schedule: scheduleTimer,
    onHealthChange: (upstream, target, change, reason) =>
      emit({ type: change === "up" ? "upstream-up" : "upstream-down", upstream, target, reason }),
  });
  const shared = {
    sandbox,
    upstreams,
    emit,
    newId,
    trusted: config.trustedProxies && readNetworks(config.trustedProxies),
    isStopping: () => goodbye !== undefined,
  };
  const onUpgrade = createUpgradeHandler({ ...shared, router: () => router, onAccepted });
  const httpProxy = createHttpProxy(shared);
  const onPlain = createPlainHandler(() => router, httpProxy.carry);
  const listeners = createListeners((plan) => createEntrance(plan, { onPlain, onUpgrade, emit }));

  return {
    apply(plan) {
      // One at a time: a plan that came earlier must not end up over a later one.
      const applied = lastPlan.then(() => carryOut(plan));
      lastPlan = applied.catch(() => {});
      return applied;
    },

    listen: (plans) => listeners.apply(plans),

    traffic() {
      const byRoute = Map.groupBy(sessions.values(), (session) => session.route);
      return [...byRoute].map(([route, open]) => ({ route, sessions: open.length, ...sumTraffic(open) }));
    },

    vitals: () => registry.vitals(),
    sessions: (id) => registry.list(id),
    closeSession(id, status) {
      const session = sessions.get(id);
      session?.close(status);
      return session !== undefined;
    },

    upstreamHealth: () => upstreams.health(),

    async stop({ code, spreadMs, timeoutMs }) {
      const status = { code, reason: "gateway is stopping" };
      goodbye = status;
      upstreams.close();
      listeners.close();
      if (sessions.size > 0) {
        const idle = new Promise<void>((resolve) => {
          onIdle = resolve;
        });
        const said = spreadOver([...sessions.values()], spreadMs, (session) => {
          if (sessions.has(session.id)) session.close(status);
        });
        void said.then(() => timeoutMs > 0 && setTimeout(cutOff, timeoutMs).unref());
        await idle;
      }
      listeners.cutOff();
      const tooLate = delay(config.sandbox.limits.asyncTimeoutMs, undefined, { ref: false });
      await Promise.race([Promise.all(closing), tooLate]);
      httpProxy.close();
      registry.close();
      await sandbox.close();
    },
  };

  async function carryOut(plan: Plan): Promise<readonly PlanFailure[]> {
    const prepared: PreparedPolicy[] = [];
    const failures: PlanFailure[] = [];
    for (const bundle of plan.bundles) {
      try {
        prepared.push(await sandbox.prepare(bundle));
      } catch (error) {
        if (!(error instanceof SandboxError)) throw error;
        failures.push({ policy: bundle.name, version: bundle.version, message: error.message });
      }
    }
    for (const policy of prepared) {
      policy.commit();
      loaded.add(policy.name);
    }
    upstreams.update(
      plan.upstreams,
      plan.routes.map(({ config: { upstream } }) => upstream),
    );
    swapRoutes(plan.routes, new Set(prepared.map(({ name }) => name)));
    removeUnused();
    return failures;
  }

  function cutOff(): void {
    for (const session of sessions.values()) session.destroy();
  }

  function swapRoutes(plans: readonly RoutePlan[], changed: ReadonlySet<string>): void {
    const current = plans.map((plan) => {
      const runtime =
        runtimes.get(plan.config.name) ?? takeRetired(plan.config.name) ?? new RouteRuntime(plan);
      const isRecycled = runtime.sessions > 0 && runtime.differs(plan, changed);
      runtime.update(plan);
      if (isRecycled) recycle(runtime);
      return runtime;
    });
    for (const runtime of runtimes.values()) {
      // A route that has gone takes no new connections; its open ones keep the policies they have.
      if (!current.includes(runtime) && runtime.sessions > 0) retired.add(runtime);
    }
    runtimes.clear();
    for (const runtime of current) runtimes.set(runtime.name, runtime);
    router = createRouter(current);
    for (const session of sessions.values()) {
      if (runtimes.get(session.route)?.config.enabled === false) session.close(routeDisabled);
    }
  }

  /** A route that comes back finds its open sessions again: what its policies are now is also for them. */
  function takeRetired(name: string): RouteRuntime | undefined {
    const runtime = [...retired].find((each) => each.name === name);
    if (runtime !== undefined) retired.delete(runtime);
    return runtime;
  }

  /** Where the route wants it, its clients connect again, not all at once. */
  function recycle({ name, config: { session: rules } }: RouteRuntime): void {
    if (rules.recycleSpreadMs === undefined) return;
    for (const session of sessions.values()) {
      if (session.route !== name) continue;
      deadlines.after(Math.random() * rules.recycleSpreadMs, () => {
        if (sessions.has(session.id)) session.close({ code: 1012, reason: "route reloaded" });
      });
    }
  }

  function removeUnused(): void {
    const used = new Set(
      [...runtimes.values(), ...retired].flatMap(({ chain }) => chain.map(({ policy }) => policy)),
    );
    for (const policy of loaded) {
      if (used.has(policy) || seated.has(policy)) continue;
      loaded.delete(policy);
      sandbox.remove(policy);
    }
  }

  function onAccepted(accepted: AcceptedUpgrade): void {
    const { id, runtime, context, contentType } = accepted;
    const places = seated.open();
    const counted: Pick<Sandbox, "exports" | "seat"> = {
      exports: (policy) => sandbox.exports(policy),
      seat(binding, ...rest) {
        places.take(binding.policy);
        return sandbox.seat(binding, ...rest);
      },
    };
    const session = new Session({
      ...accepted,
      route: runtime.name,
      deflate: accepted.extensions.deflate,
      limits: runtime.config.session.limits,
      closeTimeoutMs: runtime.config.closeTimeoutMs,
      onError: runtime.config.onError,
      rates: openRates(accepted),
      watch: { ...runtime.config.session, expires: accepted.expires },
      deadlines,
      pingPayload,
      seats: createSessionSeats(counted, runtime, id, context, contentType),
      sandbox,
      turn,
      maskKeys,
      allocate,
      emit,
      onEnd(ended, closeHooks) {
        sessions.delete(ended.id);
        registry.remove(ended);
        accepted.release();
        runtime.sessions--;
        const isRouteOver = runtime.sessions === 0 && retired.delete(runtime);
        closing.add(closeHooks);
        void closeHooks.then(() => {
          closing.delete(closeHooks);
          // Not at each session's end: the sweep looks at every route.
          if (places.leave() || isRouteOver) removeUnused();
        });
        if (sessions.size === 0) onIdle?.();
      },
    });
    sessions.set(id, session);
    registry.add(session, accepted);
    runtime.sessions++;
    session.start();
    if (goodbye !== undefined) session.close(goodbye);
    // Switched off between the request and the 101.
    else if (!runtime.config.enabled) session.close(routeDisabled);
  }

  function openRates({ runtime, context }: AcceptedUpgrade): SessionOptions["rates"] {
    const open = (side: "client" | "server") => {
      const rate = runtime.config.session.rate[side];
      return rate && buckets.open(rate, findRateKey(rate, side, runtime.name, context));
    };
    return { client: open("client"), server: open("server") };
  }

  function onSandboxEvent(event: SandboxEvent): void {
    if (event.type === "drained") {
      for (const session of sessions.values()) session.relieve();
    } else {
      emit(toGatewayEvent(event));
    }
  }
}

function toGatewayEvent(event: Exclude<SandboxEvent, { type: "drained" }>): GatewayEvent {
  switch (event.type) {
    case "log":
      return { type: "policy-log", line: event.line };
    case "fault":
      return { type: "policy-fault", fault: event.fault, route: event.route, session: event.session };
    default:
      return event;
  }
}

function sumTraffic(sessions: readonly Session[]): Pick<RouteTraffic, "messages" | "bytes"> {
  const messages = { client: 0, server: 0 };
  const bytes = { client: 0, server: 0 };
  for (const { traffic } of sessions) {
    messages.client += traffic.messages.client;
    messages.server += traffic.messages.server;
    bytes.client += traffic.bytes.client;
    bytes.server += traffic.bytes.server;
  }
  return { messages, bytes };
}

function scheduleTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Ids of sessions: short, and unlike those of any other process. */
function createIds(): () => string {
  const prefix = randomBytes(5).toString("hex");
  let count = 0;
  return () => `${prefix}-${(count++).toString(36)}`;
}
