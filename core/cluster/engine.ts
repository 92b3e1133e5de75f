import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type {
  PolicyBundle,
  PreparedPolicy,
  Sandbox,
  SandboxEvent,
  SandboxStats,
} from "../../sandbox/contract.ts";
import {
  createBroker,
  createFetcher,
  createSandbox,
  type Grants,
  type KvStore,
  SandboxError,
} from "../../sandbox/index.ts";
import { type DrainConfig, type GatewayConfig, readNetworks, type UpstreamConfig } from "../config/index.ts";
import type { EmitEvent, EndGrounds, GatewayEvent } from "../events.ts";
import { createListeners } from "../listen/listeners.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/plan.ts";
import { type RoutePlan, RouteRuntime } from "../route-runtime.ts";
import { hideValues, type SecretValues } from "../secrets.ts";
import { Deadlines } from "../session/deadlines.ts";
import { Turn } from "../session/outbox.ts";
import { type RateCount, RateCounts } from "../session/rate-counts.ts";
import { RateBuckets } from "../session/rate-gate.ts";
import { findRateKey } from "../session/rate-key.ts";
import { Session, type SessionOptions } from "../session/session.ts";
import { createSessionSeats } from "../session/session-seats.ts";
import type { ShipBatch } from "../traffic/batch-writer.ts";
import { createEngineRecorder } from "../traffic/engine-recorder.ts";
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
import { createSeatCounter } from "./seat-counter.ts";
import { spreadOver } from "./spread.ts";

/** What runs, as the supervisor wants it. Plain data. */
export interface Plan {
  readonly routes: readonly RoutePlan[];
  /** Policies that changed since the last plan. */
  readonly bundles: readonly PolicyBundle[];
  /** The named ones: a policy may choose among them. */
  readonly upstreams: readonly UpstreamConfig[];
  /** Never logged: it holds values. */
  readonly capabilities: PlannedCapabilities;
}

export interface PlannedCapabilities {
  readonly grants: Grants;
  readonly secrets: SecretValues;
}

export interface PlanFailure {
  readonly policy: string;
  readonly version: string;
  readonly message: string;
}

export interface RouteTraffic {
  readonly route: string;
  readonly sessions: number;
  readonly messages: { readonly client: number; readonly server: number };
  readonly bytes: { readonly client: number; readonly server: number };
  /** By who sent it: waiting for the other side. */
  readonly bufferedBytes: { readonly client: number; readonly server: number };
}

/** The numbers of one process, as they are now. */
export interface EngineNumbers {
  /** Traffic of the sessions that are open now. */
  traffic(): readonly RouteTraffic[];
  /** The servers of upstreams, and whether this process sends new connections to them. */
  upstreamHealth(): readonly ServerHealth[];
  /** How many old versions of each policy stay loaded for the sessions that began with them. */
  pinnedVersions(): ReadonlyMap<string, number>;
  /** What rates have done since this process started. */
  rateCounts(): readonly RateCount[];
  /** What policies did, and what they and the sandbox cost. */
  sandboxStats(): SandboxStats;
}

/** The data plane of one process: listeners, sessions, and the sandbox of their policies. */
export interface Engine extends EngineNumbers {
  /** Load what changed, then swap all of it at once. A version that does not load leaves the one before in place. */
  apply(plan: Plan): Promise<readonly PlanFailure[]>;
  /** Listen on these and no others; a failure leaves the listeners as they were. */
  listen(plans: readonly ListenerPlan[]): Promise<readonly ListenerAddress[]>;
  /** Stop accepting, close the sessions one after the other, cut off those that are left in the end. */
  stop(drain: DrainConfig): Promise<void>;
}

const draining: EndGrounds = { cause: "drain", detail: "" };

function disable(session: Session): void {
  session.close({ code: 1001, reason: "route is disabled" }, { cause: "route-disabled", detail: "" });
}

export async function createEngine(
  config: Pick<GatewayConfig, "sandbox" | "trustedProxies" | "traces">,
  emit: EmitEvent,
  ship: ShipBatch,
  /** What policies keep. The caller's to close. */
  kv: KvStore,
  newSandbox: typeof createSandbox = createSandbox,
): Promise<Engine> {
  const sessions = new Map<string, Session>();
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
  const rateCounts = new RateCounts();
  const pingPayload = randomBytes(8);
  const maskKeys = createMaskKeys();
  const allocate = createFrameSlab();
  const { prefix, next: newId } = createIds();
  const recorder = createEngineRecorder(prefix, ship);
  let router: Router<RouteRuntime> = createRouter([]);
  let goodbye: CloseStatus | undefined;
  let secrets: SecretValues = {};
  let lastPlan: Promise<unknown> = Promise.resolve();
  let onIdle: (() => void) | undefined;

  const fetcher = createFetcher();
  const broker = createBroker({ grants: {}, secrets: {}, kv, fetcher });
  const sandbox = await newSandbox({ ...config.sandbox, broker, onEvent: onSandboxEvent });
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
    observer: recorder,
    newId,
    trusted: config.trustedProxies && readNetworks(config.trustedProxies),
    isStopping: () => goodbye !== undefined,
  };
  const onUpgrade = createUpgradeHandler({
    ...shared,
    router: () => router,
    traceSample: config.traces?.sample,
    onAccepted,
  });
  const httpProxy = createHttpProxy(shared);
  const onPlain = createPlainHandler({ ...shared, router: () => router, proxy: httpProxy.carry });
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

    upstreamHealth: () => upstreams.health(),
    sandboxStats: () => sandbox.stats(),

    pinnedVersions: () => sandbox.pinnedVersions(),
    rateCounts: () => rateCounts.all(),

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
          if (sessions.has(session.id)) session.close(status, draining);
        });
        void said.then(() => timeoutMs > 0 && setTimeout(cutOff, timeoutMs).unref());
        await idle;
      }
      listeners.cutOff();
      const tooLate = delay(config.sandbox.limits.asyncTimeoutMs, undefined, { ref: false });
      await Promise.race([Promise.all(closing), tooLate]);
      httpProxy.close();
      recorder.flush();
      await sandbox.close();
      fetcher.close();
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
    broker.update(plan.capabilities);
    ({ secrets } = plan.capabilities);
    for (const policy of prepared) {
      policy.commit();
      loaded.add(policy.name);
    }
    upstreams.update(
      plan.upstreams,
      plan.routes.flatMap(({ config: { upstream, replaced = [] } }) => [upstream, ...replaced]),
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
      const { generation } = runtime;
      runtime.update(plan, changed);
      if (runtime.sessions > 0 && runtime.generation !== generation) {
        for (const session of sessions.values())
          if (session.route === runtime.name) recycle(session, runtime);
      }
      return runtime;
    });
    for (const runtime of runtimes.values()) {
      // A route that has gone takes no new connections; its open ones keep the policies they have.
      if (!current.includes(runtime) && runtime.sessions > 0) retired.add(runtime);
    }
    runtimes.clear();
    for (const runtime of current) runtimes.set(runtime.name, runtime);
    router = createRouter(current);
    recorder.update(plans.map(({ config }) => config));
    for (const session of sessions.values()) {
      if (runtimes.get(session.route)?.config.enabled === false) disable(session);
    }
  }

  /** A route that comes back finds its open sessions again: what its policies are now is also for them. */
  function takeRetired(name: string): RouteRuntime | undefined {
    const runtime = [...retired].find((each) => each.name === name);
    if (runtime !== undefined) retired.delete(runtime);
    return runtime;
  }

  /** Where the route wants it, its clients connect again, not all at once. */
  function recycle(session: Session, { config: { session: rules } }: RouteRuntime): void {
    if (rules.recycleSpreadMs === undefined) return;
    deadlines.after(Math.random() * rules.recycleSpreadMs, () => {
      if (!sessions.has(session.id)) return;
      session.close({ code: 1012, reason: "route reloaded" }, { cause: "recycle", detail: "" });
    });
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
    const { id, runtime, policies, context, types } = accepted;
    const places = seated.open();
    const counted: Pick<Sandbox, "exports" | "seat"> = {
      exports: policies.sandbox.exports,
      seat(binding, ...rest) {
        places.take(binding.policy);
        return policies.sandbox.seat(binding, ...rest);
      },
    };
    const session = new Session({
      ...accepted,
      route: runtime.name,
      deflate: accepted.extensions.deflate,
      deflateLimits: runtime.config.compression,
      limits: runtime.config.session.limits,
      closeTimeoutMs: runtime.config.closeTimeoutMs,
      onError: runtime.config.onError,
      rates: openRates(accepted),
      watch: { ...runtime.config.session, expires: accepted.expires },
      deadlines,
      pingPayload,
      tap: recorder.open(id, runtime.config),
      seats: createSessionSeats(counted, policies.route, id, context, types),
      sandbox,
      turn,
      maskKeys,
      allocate,
      emit(event) {
        emit(event);
        if (event.type === "session-end") recorder.end(event, runtime.config);
      },
      onEnd(ended, closeHooks) {
        sessions.delete(ended.id);
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
    runtime.sessions++;
    session.start();
    if (goodbye !== undefined) session.close(goodbye, draining);
    // Switched off between the request and the 101.
    else if (!runtime.config.enabled) disable(session);
    else if (accepted.generation !== runtime.generation) recycle(session, runtime);
  }

  function openRates({ runtime, context }: AcceptedUpgrade): SessionOptions["rates"] {
    const open = (side: "client" | "server") => {
      const rate = runtime.config.session.rate[side];
      if (rate === undefined) return undefined;
      const key = findRateKey(rate, side, runtime.name, context);
      return buckets.open(rate, key, rateCounts.counter(runtime.name, side, rate.action));
    };
    return { client: open("client"), server: open("server") };
  }

  function onSandboxEvent(event: SandboxEvent): void {
    if (event.type === "drained") {
      for (const session of sessions.values()) session.relieve();
    } else {
      const said = hideValues(event, secrets) as Exclude<SandboxEvent, { type: "drained" }>;
      emit(toGatewayEvent(said));
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

function sumTraffic(sessions: readonly Session[]): Omit<RouteTraffic, "route" | "sessions"> {
  const messages = { client: 0, server: 0 };
  const bytes = { client: 0, server: 0 };
  const buffered = { client: 0, server: 0 };
  for (const { traffic, bufferedBytes } of sessions) {
    messages.client += traffic.messages.client;
    messages.server += traffic.messages.server;
    bytes.client += traffic.bytes.client;
    bytes.server += traffic.bytes.server;
    buffered.client += bufferedBytes.client;
    buffered.server += bufferedBytes.server;
  }
  return { messages, bytes, bufferedBytes: buffered };
}

function scheduleTimer(callback: () => void, ms: number): () => void {
  const timer = setTimeout(callback, ms);
  return () => clearTimeout(timer);
}

/** Ids of sessions: short, and unlike those of any other process. */
function createIds(): { readonly prefix: string; next(): string } {
  const prefix = randomBytes(5).toString("hex");
  let count = 0;
  return { prefix, next: () => `${prefix}-${(count++).toString(36)}` };
}
