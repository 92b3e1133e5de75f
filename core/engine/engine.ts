import type { BlockList } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import type { SandboxEvent } from "../../sandbox/contract.ts";
import { createBroker, createFetcher, createSandbox, isMadeForIsolates } from "../../sandbox/index.ts";
import { Breakpoints } from "../breakpoints/breakpoints.ts";
import type { Goodbye } from "../config/index.ts";
import { createHttpProxy } from "../http/http-proxy.ts";
import { createPlainHandler } from "../http/plain-handler.ts";
import { RateLeases } from "../leases/rate-leases.ts";
import { Acceptors } from "../listen/acceptors.ts";
import { askPatiently } from "../listen/challenges/ask-patiently.ts";
import { openRoom } from "../listen/descriptors.ts";
import { answerPlain, createEntrance } from "../listen/entrance.ts";
import { createEntrances } from "../listen/entrances.ts";
import type { Entry } from "../listen/entry.ts";
import { keysOf } from "../listen/listener-key.ts";
import { Mirrors } from "../mirror/mirrors.ts";
import { readNetworks } from "../net/networks.ts";
import { AnswerLog } from "../recording/answer-log.ts";
import { isForRoute } from "../request/route.ts";
import { CanaryShares } from "../routes/canary-shares.ts";
import { Deadlines } from "../session/limits/deadlines.ts";
import type { Session } from "../session/session.ts";
import type { RenewedSession } from "../session/times/timed-hooks.ts";
import type { SessionEnd } from "../session-end.ts";
import { createShadows } from "../shadow/shadows.ts";
import { Steering } from "../steering/steering.ts";
import { createMessageSampling } from "../telemetry/message-sampling.ts";
import { createEngineRecorder } from "../traffic/engine-recorder.ts";
import { HoldRoom } from "../upgrade/hold/hold-room.ts";
import { createUpgradeHandler } from "../upgrade/upgrade-handler.ts";
import { createUpstreams } from "../upstream/upstreams.ts";
import { BoundPlaces } from "./bound-places.ts";
import type { Engine, EngineOptions } from "./contract.ts";
import type { EnginePlan } from "./engine-plan.ts";
import { Farewell } from "./farewell.ts";
import { PlanApplication } from "./plan-application.ts";
import { createPolicyNews } from "./policy-news.ts";
import { RunningRoutes } from "./running-routes.ts";
import { SessionBook } from "./session-book.ts";
import { createIds } from "./session-ids.ts";
import { createSessionMaker } from "./session-maker.ts";
import { SessionOpenings } from "./session-openings.ts";

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
