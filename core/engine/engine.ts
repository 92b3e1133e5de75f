import { randomBytes } from "node:crypto";
import type { BlockList, Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { PolicyTallies } from "../../sandbox/contract/stats.ts";
import type { PolicyBundle, SandboxEvent } from "../../sandbox/contract.ts";
import {
  type AskBook,
  createBroker,
  createFetcher,
  createSandbox,
  isMadeForIsolates,
  type KvStore,
} from "../../sandbox/index.ts";
import { Breakpoints } from "../breakpoints/breakpoints.ts";
import type { GatewayConfig, Goodbye, WorkerDrain } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import { createHttpProxy } from "../http/http-proxy.ts";
import { createPlainHandler } from "../http/plain-handler.ts";
import type { CapPlaces } from "../leases/caps/places.ts";
import { RateLeases } from "../leases/rate-leases.ts";
import type { Settle } from "../leases/settled/account.ts";
import { Acceptors } from "../listen/acceptors.ts";
import type { Handle } from "../listen/address-handle.ts";
import { askPatiently } from "../listen/challenges/ask-patiently.ts";
import type { AskChallenge } from "../listen/challenges/challenges.ts";
import { openRoom } from "../listen/descriptors.ts";
import { answerPlain, createEntrance } from "../listen/entrance.ts";
import { createEntrances } from "../listen/entrances.ts";
import type { Entry } from "../listen/entry.ts";
import { keysOf } from "../listen/listener-key.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import type { EngineNumbers } from "../metrics/engine-numbers.ts";
import { Mirrors } from "../mirror/mirrors.ts";
import { readNetworks } from "../net/networks.ts";
import { AnswerLog, type KeptAnswers } from "../recording/answer-log.ts";
import { isForRoute } from "../request/route.ts";
import { CanaryShares } from "../routes/canary-shares.ts";
import { Deadlines } from "../session/limits/deadlines.ts";
import type { OperatorMessage, SaidOutcome } from "../session/operator/operator-message.ts";
import type { Session } from "../session/session.ts";
import type { RenewedSession } from "../session/times/timed-hooks.ts";
import type { SessionEnd } from "../session-end.ts";
import type { ShadowTally } from "../shadow/shadow-report.ts";
import { createShadows } from "../shadow/shadows.ts";
import type { SessionFilter } from "../steering/session-filter.ts";
import { Steering } from "../steering/steering.ts";
import { createMessageSampling } from "../telemetry/message-sampling.ts";
import type { BatchTaker } from "../traffic/batch/batch-writer.ts";
import { createEngineRecorder } from "../traffic/engine-recorder.ts";
import type { SwitchCount } from "../traffic/switches/recording-switch.ts";
import { HoldRoom } from "../upgrade/hold/hold-room.ts";
import { createUpgradeHandler } from "../upgrade/upgrade-handler.ts";
import { createUpstreams } from "../upstream/upstreams.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import { BoundPlaces } from "./bound-places.ts";
import type { EnginePlan, LoadedAhead, PlanFailure } from "./engine-plan.ts";
import { Farewell } from "./farewell.ts";
import type { FoundSessions, SessionRenewal, SessionsQuery } from "./live-session.ts";
import { PlanApplication } from "./plan-application.ts";
import { createPolicyNews } from "./policy-news.ts";
import { RunningRoutes } from "./running-routes.ts";
import { SessionBook } from "./session-book.ts";
import { createSessionMaker } from "./session-maker.ts";
import { SessionOpenings } from "./session-openings.ts";

export interface EngineOptions {
  /** What of the config holds for as long as a process lives. */
  readonly config: EngineConfig;
  readonly emit: EmitEvent;
  /** Takes what is recorded. */
  readonly batches: BatchTaker;
  /** What policies keep. The caller's to close. */
  readonly kv: KvStore;
  /** The book of rates of all processes. */
  readonly askRates: AskBook;
  /** The book of what sessions of all processes have let in; undefined: there is no other process. */
  readonly settleRates?: Settle | undefined;
  /** What the other gateways of the fleet have authorities answered, for listeners whose plan says so. Never rejects. */
  readonly askChallenge?: AskChallenge | undefined;
  /** What there is below caps, over all processes. */
  readonly places: CapPlaces;
  /** Default: the sandbox. */
  readonly newSandbox?: typeof createSandbox | undefined;
}

export type EngineConfig = Pick<GatewayConfig, "sandbox" | "traces" | "maxConnections" | "workers">;

/** The data plane of one process: listeners, sessions, and the sandbox of their policies. */
export interface Engine extends EngineNumbers {
  /** Versions come soon, see `Sandbox`. */
  expectVersions(): void;
  /** @param isKept for the first plan, which forgets what it does not name */
  loadAhead(bundle: PolicyBundle, isKept: boolean): Promise<LoadedAhead>;
  /** Load what changed, then swap all of it at once. A version that does not load leaves the one before in place. */
  apply(plan: EnginePlan): Promise<readonly PlanFailure[]>;
  /**
   * Be there for the connections of these listeners and no others.
   *
   * @param addresses where the gateway is bound: no connection to a server may lead there
   */
  listen(plans: readonly ListenerPlan[], addresses: readonly ListenerAddress[]): void;
  /** A connection of the listener with this key. */
  take(key: string, socket: Socket): void;
  /** Accept the connections of the listener with this key, for as long as it is there. Rejects with the system's error. */
  accept(key: string, handle: Handle, backlog: number): Promise<void>;
  readonly entry: Entry;
  /** Hand over what has been recorded and not handed over yet. */
  flushRecords(): void;
  sessions(query?: SessionsQuery): FoundSessions;
  openSessions(): number;
  countSessions(filter: SessionFilter): number;
  /** What is done to many of them. */
  readonly steering: Steering;
  /** What operators' switches of recording have brought here. */
  switchCounts(): readonly SwitchCount[];
  /** What policies were told, where their route says that it is kept. */
  capabilityAnswers(): KeptAnswers;
  /** How versions that are on their way do, since it was last asked. */
  takeTallies(): readonly PolicyTallies[];
  /** The same of those that run as shadows of the current ones. */
  takeShadowTallies(): readonly ShadowTally[];
  /** An operator ends a session. @returns false when it is not one of this process, or has ended */
  closeSession(id: string, status: CloseStatus): boolean;
  /** An operator says something in a session. @returns undefined when it is not one of this process, or has ended */
  say(id: string, message: OperatorMessage): SaidOutcome | undefined;
  /** Where operators hold messages. */
  readonly breakpoints: Pick<Breakpoints, "list" | "decide" | "releaseAll" | "held">;
  /** Ask the policies of these sessions to renew them. @returns what came of it, of those that are of this process */
  renewSessions(ids: readonly string[]): Promise<readonly SessionRenewal[]>;
  /** Take no more connections; a session that begins all the same ends at once. */
  leave(drain: Goodbye): void;
  /** The same, then close the sessions one after the other, and cut off those that are left in the end. */
  stop(drain: WorkerDrain): Promise<void>;
}

export async function createEngine(options: EngineOptions): Promise<Engine> {
  const { config, emit, kv, batches, places, newSandbox = createSandbox } = options;
  const book = new SessionBook();
  const routes = new RunningRoutes(book, places);
  const canaries = new CanaryShares();
  /** Sessions that have ended and whose `close` hooks still run. */
  const closing = new Set<Promise<void>>();
  const deadlines = new Deadlines();
  const farewell = new Farewell(book, deadlines, (route) => routes.isRemoved(route));
  const { prefix, next: newId } = createIds();
  const news = createPolicyNews(emit);
  const breakpoints = new Breakpoints({ deadlines, prefix, factsOf: (id) => book.factsOf(id, subjects) });
  /** The attributes that say who a session is of. */
  let subjects: readonly string[] = [];
  const recorder = createEngineRecorder(prefix, batches);
  const sampling = createMessageSampling(config.traces?.messages ?? 0, news.emitHidden);
  let trusted: BlockList | undefined;
  const bound = new BoundPlaces();

  const leases = new RateLeases(options.askRates);
  const fetcher = createFetcher();
  const broker = createBroker({
    ...{ grants: {}, secrets: {}, kv, fetcher },
    takeRate: (of) => leases.take(of, true),
    alert: news.onAlert,
  });
  const answerLog = new AnswerLog();
  const sandbox = await newSandbox({
    ...config.sandbox,
    holdsIsolates: isMadeForIsolates,
    broker: answerLog.watch(broker),
    onEvent: onSandboxEvent,
    onUnseated: (policy) => plans.removeIfUnused(policy),
  });
  const shadows = createShadows({
    ...{ sandbox: config.sandbox, kv, fetcher },
    emit: news.emitHidden,
    pendingBytes: () => sandbox.pendingBytes,
  });
  const maker = createSessionMaker(
    sandbox,
    deadlines,
    { onRenewed, onEnd, onLeave },
    {
      holding: breakpoints,
      settle: options.settleRates,
    },
  );
  const upstreams = createUpstreams({
    now: () => performance.now(),
    schedule: scheduleTimer,
    places,
    own: bound,
    onHealthChange: (upstream, target, change, reason) =>
      emit({ type: change === "up" ? "upstream-up" : "upstream-down", upstream, target, reason }),
    onFailover: (upstream, to, reason) => emit({ type: "upstream-failover", upstream, to, reason }),
  });
  const mirrors = new Mirrors(upstreams.ofMirrors, emit);
  const holdRoom = new HoldRoom();
  const openings = new SessionOpenings({
    ...{ maker, book, routes, upstreams, farewell, recorder, sampling, mirrors, emit, onEnd, onLeave },
  });
  const plans = new PlanApplication({
    ...{ sandbox, canaries, broker, upstreams, answerLog, mirrors, routes, book, farewell },
    hide: news.hide,
  });
  const shared = {
    sandbox,
    canaries,
    shadows,
    upstreams,
    emit,
    observer: recorder,
    router: () => routes.router,
    newId,
    trusted: () => trusted,
    isStopping: () => farewell.isAnnounced,
    leases,
  };
  const onUpgrade = createUpgradeHandler({
    ...shared,
    traceSample: config.traces?.sample,
    holdRoom,
    onAccepted: (accepted) => openings.open(accepted),
    onHeld: (held) => openings.hold(held),
  });
  const httpProxy = createHttpProxy(shared);
  const onPlain = createPlainHandler({ ...shared, proxy: httpProxy.carry });
  const askChallenge = options.askChallenge && askPatiently(options.askChallenge);
  const entrances = createEntrances({
    createEntrance: (plan) => createEntrance(plan, { onPlain, onUpgrade, askChallenge, emit }),
    room: openRoom(config.maxConnections, places),
    emit,
  });

  const acceptors = new Acceptors(entrances.take);
  const entry: Entry = {
    concerns: (request) => isForRoute(request, routes.router, trusted),
    upgrade: onUpgrade,
    plain: (request, response, rules) => answerPlain(onPlain, rules, request, response),
    bind: (servers) => bound.attach(servers),
  };

  return {
    expectVersions: () => sandbox.expectVersions(),
    loadAhead: (bundle, isKept) => plans.loadAhead(bundle, isKept),
    apply(plan) {
      bound.showConsole(plan.console);
      trusted = plan.trustedProxies && readNetworks(plan.trustedProxies);
      batches.suit(plan.traffic);
      recorder.switchTo(plan.recordings ?? [], book.sessions());
      ({ subjects } = plan.traffic);
      const applied = Promise.all([plans.apply(plan), setBreakpoints(plan)]).then(([failures]) => failures);
      // After it, and nobody waits for it.
      const bringShadows = () => shadows.update(plan.shadows ?? [], plan.capabilities);
      void applied.then(bringShadows, bringShadows);
      return applied;
    },
    listen(wanted, addresses) {
      entrances.apply(wanted);
      const listeners = wanted.map(({ config }) => config);
      answerLog.listen(listeners);
      acceptors.keep(keysOf(wanted));
      // Those of the plans are about to be bound, if they are not yet.
      bound.listen([...addresses, ...listeners]);
    },
    take: (key, socket) => entrances.take(key, socket),
    accept: (key, handle, backlog) => acceptors.add(key, handle, backlog),
    entry,

    traffic: () => book.traffic(),
    sessions: (query) => book.list(query),
    openSessions: () => book.size,
    countSessions: (filter) => book.count(filter),
    steering: new Steering(book),
    capabilityAnswers: () => answerLog.read(),
    closeSession(id, status) {
      const session = book.find(id);
      session?.close(status, { cause: "admin", detail: "" });
      return session !== undefined;
    },

    say: (id, message) => book.find(id)?.say(message),
    breakpoints,

    renewSessions(ids) {
      const found = ids.flatMap((id) => book.find(id) ?? []);
      return Promise.all(found.map(async (session) => ({ id: session.id, outcome: await session.renew() })));
    },

    upstreamHealth: () => upstreams.health(),
    sandboxStats() {
      const stats = sandbox.stats();
      const { rssBytes, cpuUs } = shadows.hostUse();
      return {
        ...stats,
        host: { rssBytes: stats.host.rssBytes + rssBytes, cpuUs: stats.host.cpuUs + cpuUs },
      };
    },
    flushRecords: () => recorder.flush(),
    switchCounts: () => recorder.switchCounts(),
    pinnedVersions: () => sandbox.pinnedVersions(),
    takeTallies: () => sandbox.takeTallies(),
    takeShadowTallies: () => shadows.takeTallies(),
    shadowReport: () => shadows.report(),
    rateCounts: () => maker.rateCounts(),
    heldClients: () => holdRoom.clients,
    mirrorCounts: () => mirrors.counts(),
    meterReadings: () => maker.meterReadings(),
    latencies: () => maker.latencies(),

    leave,
    async stop(drain) {
      leave(drain);
      await farewell.drain(drain);
      entrances.cutOff();
      mirrors.close();
      const tooLate = delay(config.sandbox.limits.asyncTimeoutMs, undefined, { ref: false });
      await Promise.race([Promise.all(closing), tooLate]);
      httpProxy.close();
      recorder.flush();
      await Promise.all([sandbox.close(), shadows.close()]);
      fetcher.close();
    },
  };

  async function setBreakpoints(plan: EnginePlan): Promise<void> {
    if (await breakpoints.set(plan.breakpoints ?? [])) routes.refresh();
  }

  function leave(drain: Goodbye): void {
    farewell.announce(drain);
    upstreams.close();
    acceptors.close();
    entrances.close();
  }

  function onRenewed({ id, route }: Session, renewed: RenewedSession): void {
    const { attributes, policy, reason, expires } = renewed;
    book.renew(id, attributes);
    emit({ type: "session-renewed", id, route, policy, reason, ...(expires !== undefined && { expires }) });
  }

  function onEnd({ id, runtime }: Pick<Session, "id" | "runtime">, end: SessionEnd): void {
    const event = book.end(id, end);
    if (event === undefined) return;
    emit(event);
    recorder.end(event, runtime.config);
  }

  function onLeave({ route }: Pick<Session, "route">, closeHooks: Promise<void>): void {
    if (routes.leave(route)) plans.removeUnused();
    closing.add(closeHooks);
    void closeHooks.then(() => closing.delete(closeHooks));
  }

  function onSandboxEvent(event: SandboxEvent): void {
    if (event.type !== "drained") return news.onSandbox(event);
    for (const session of book.sessions()) session.relieve();
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
