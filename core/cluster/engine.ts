import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import type { PolicyBundle, PreparedPolicy, SandboxEvent, SandboxStats } from "../../sandbox/contract.ts";
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
import { createHttpProxy } from "../http/http-proxy.ts";
import { createPlainHandler } from "../http/plain-handler.ts";
import { createEntrance } from "../listen/entrance.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import { createListeners } from "../listen/listeners.ts";
import type { RoutePlan, RouteRuntime } from "../routes/route-runtime.ts";
import { hideValues, type SecretValues } from "../secrets.ts";
import { Deadlines } from "../session/limits/deadlines.ts";
import type { RateCount } from "../session/limits/rate-counts.ts";
import type { Session } from "../session/session.ts";
import type { BatchTaker } from "../traffic/batch/batch-writer.ts";
import { createEngineRecorder } from "../traffic/engine-recorder.ts";
import type { AcceptedUpgrade } from "../upgrade/accepted-upgrade.ts";
import { createUpgradeHandler } from "../upgrade/upgrade-handler.ts";
import { createUpstreams, type ServerHealth } from "../upstream/upstreams.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { LiveSession, RouteTraffic } from "./live-view.ts";
import { RunningRoutes } from "./running-routes.ts";
import { createSeatCounter } from "./seat-counter.ts";
import { createSessionMaker } from "./session-maker.ts";
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

/** What of the config holds for as long as a process lives. */
export type EngineConfig = Pick<GatewayConfig, "sandbox" | "trustedProxies" | "traces">;

/** The numbers of one process, as they are now. */
export interface EngineNumbers {
  /** By route, since the process started. */
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
  /** Hand over what has been recorded and not handed over yet. */
  flushRecords(): void;
  /** @param id only this one */
  sessions(id?: string): readonly LiveSession[];
  /** An operator ends a session. @returns false when it is not one of this process, or has ended */
  closeSession(id: string, status: CloseStatus): boolean;
  /** Stop accepting, close the sessions one after the other, cut off those that are left in the end. */
  stop(drain: DrainConfig): Promise<void>;
}

const draining: EndGrounds = { cause: "drain", detail: "" };

function disable(session: Session): void {
  session.close({ code: 1001, reason: "route is disabled" }, { cause: "route-disabled", detail: "" });
}

export async function createEngine(
  config: EngineConfig,
  emit: EmitEvent,
  batches: BatchTaker,
  /** What policies keep. The caller's to close. */
  kv: KvStore,
  newSandbox: typeof createSandbox = createSandbox,
): Promise<Engine> {
  const sessions = new Map<string, Session>();
  const registry = new SessionRegistry();
  const routes = new RunningRoutes();
  const loaded = new Set<string>();
  const seated = createSeatCounter();
  /** Sessions that have ended and whose `close` hooks still run. */
  const closing = new Set<Promise<void>>();
  const deadlines = new Deadlines();
  const { prefix, next: newId } = createIds();
  const recorder = createEngineRecorder(prefix, batches);
  let goodbye: CloseStatus | undefined;
  let secrets: SecretValues = {};
  let lastPlan: Promise<unknown> = Promise.resolve();
  let onIdle: (() => void) | undefined;

  const fetcher = createFetcher();
  const broker = createBroker({ grants: {}, secrets: {}, kv, fetcher });
  const sandbox = await newSandbox({ ...config.sandbox, broker, onEvent: onSandboxEvent });
  const maker = createSessionMaker(sandbox, deadlines);
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
    router: () => routes.router,
    newId,
    trusted: config.trustedProxies && readNetworks(config.trustedProxies),
    isStopping: () => goodbye !== undefined,
  };
  const onUpgrade = createUpgradeHandler({
    ...shared,
    traceSample: config.traces?.sample,
    onAccepted,
  });
  const httpProxy = createHttpProxy(shared);
  const onPlain = createPlainHandler({ ...shared, proxy: httpProxy.carry });
  const listeners = createListeners((plan) => createEntrance(plan, { onPlain, onUpgrade, emit }));

  return {
    apply(plan) {
      // One at a time: a plan that came earlier must not end up over a later one.
      const applied = lastPlan.then(() => carryOut(plan));
      lastPlan = applied.catch(() => {});
      return applied;
    },

    listen: (plans) => listeners.apply(plans),

    traffic: () => registry.traffic(),
    sessions: (id) => registry.list(id),
    closeSession(id, status) {
      const session = sessions.get(id);
      session?.close(status, { cause: "admin", detail: "" });
      return session !== undefined;
    },

    upstreamHealth: () => upstreams.health(),
    sandboxStats: () => sandbox.stats(),

    flushRecords: () => recorder.flush(),

    pinnedVersions: () => sandbox.pinnedVersions(),
    rateCounts: () => maker.rateCounts(),

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
    const outdated = routes.swap(plans, changed);
    recorder.update(plans.map(({ config }) => config));
    for (const session of sessions.values()) {
      const runtime = outdated.find(({ name }) => name === session.route);
      if (routes.isDisabled(session.route)) disable(session);
      else if (runtime !== undefined) recycle(session, runtime);
    }
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
    const used = routes.policies();
    for (const policy of loaded) {
      if (used.has(policy) || seated.has(policy)) continue;
      loaded.delete(policy);
      sandbox.remove(policy);
    }
  }

  function onAccepted(accepted: AcceptedUpgrade): void {
    const { id, runtime } = accepted;
    const places = seated.open();
    const session = maker.make(accepted, {
      tap: recorder.open(id, runtime.config),
      onSeat: (policy) => places.take(policy),
      emit(event) {
        emit(event);
        if (event.type === "session-end") recorder.end(event, runtime.config);
      },
      onEnd(ended, closeHooks) {
        sessions.delete(ended.id);
        registry.remove(ended);
        accepted.release();
        const isRouteOver = routes.leave(runtime);
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
    if (goodbye !== undefined) session.close(goodbye, draining);
    // Switched off between the request and the 101.
    else if (!runtime.config.enabled) disable(session);
    else if (accepted.generation !== runtime.generation) recycle(session, runtime);
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
