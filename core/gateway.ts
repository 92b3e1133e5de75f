import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import { checkInSandbox } from "../policies/options/check-in-sandbox.ts";
import type { PolicySnapshot, PolicyState } from "../policies/reload/policy-state.ts";
import { createReloader } from "../policies/reload/reloader.ts";
import { createGate } from "../policies/reload/rerun.ts";
import type { QuarantineEntry } from "../sandbox/contract/faults.ts";
import { createSandbox, findJail, type Jail, QuarantineBook } from "../sandbox/index.ts";
import { machineNow } from "../sandbox/machine-clock.ts";
import type { GatewayView } from "./admin/gateway-view.ts";
import { createAlerts } from "./alerts/alerts.ts";
import {
  type Address,
  type ConfigInput,
  type GatewayConfig,
  resolveConfig,
  type SourceConfig,
  type VersionInput,
} from "./config/index.ts";
import { createEventLog } from "./event-log.ts";
import type { EmitEvent } from "./events.ts";
import { createFleetChallenges } from "./fleet/challenges.ts";
import { openFleetStore } from "./fleet/store.ts";
import { createCapDesk } from "./gateway/cap-desk.ts";
import { createConsoleSeat } from "./gateway/console-seat.ts";
import { createCurrent } from "./gateway/current.ts";
import { probeFirstInWorker } from "./gateway/first-loads.ts";
import { createFleetSeat } from "./gateway/fleet-seat.ts";
import { keepCounts } from "./gateway/keep-counts.ts";
import { KvOutage } from "./gateway/kv-outage.ts";
import { openKv } from "./gateway/kv-store.ts";
import { createListening } from "./gateway/listening/listening.ts";
import { describeNode } from "./gateway/node-description.ts";
import { tellObservers } from "./gateway/observers.ts";
import { createOperatorOrders } from "./gateway/operator-orders.ts";
import type { AskSchema } from "./gateway/option-checks.ts";
import { alertOfReload, alertOfRollout, alertOfState } from "./gateway/own-alerts.ts";
import { createProbe, type VersionProbe } from "./gateway/probe.ts";
import { createRateDesk } from "./gateway/rate-desk.ts";
import { redactionOf, takeConfig } from "./gateway/reload.ts";
import { logReload } from "./gateway/reload-log.ts";
import { logRollout, logStray } from "./gateway/rollout-log.ts";
import { settleDown } from "./gateway/settle.ts";
import { ShadowNewsOnce } from "./gateway/shadow-news.ts";
import { createShadowSources } from "./gateway/shadow-sources.ts";
import type { OpenedSource } from "./gateway/source/open-source.ts";
import { tellSourceNews } from "./gateway/source/source-news.ts";
import { tellWorkerNews } from "./gateway/worker-news.ts";
import type { Entry } from "./listen/entry.ts";
import type { ListenerAddress } from "./listen/listener-plan.ts";
import { createLogger, type Logger } from "./log.ts";
import { createGatewayMetrics, type SupervisorStats } from "./metrics/gateway-metrics.ts";
import { LiveRules } from "./redaction/live-rules.ts";
import { HiddenValues } from "./redaction/secret-values.ts";
import { findRollout } from "./rollout/find-rollout.ts";
import { createRollouts } from "./rollout/rollouts.ts";
import { limitsBeyondSilence, wantsWorkers } from "./routes/isolation.ts";
import { usedPolicies } from "./routes/planner.ts";
import { readSecrets } from "./secrets.ts";
import { createMetricPush } from "./sinks/otlp/metric-push.ts";
import { createFleetRecords } from "./sinks/postgres/fleet-records.ts";
import { createSinks } from "./sinks/sinks.ts";
import { createTraces } from "./telemetry/traces.ts";
import { openTraffic } from "./traffic/traffic.ts";
import { readVersion } from "./version.ts";
import { createWorkerPool } from "./workers/worker-pool.ts";

export interface GatewayOptions {
  /** Default: JSON lines on stdout at the config's level. */
  readonly logger?: Logger;
  /** Watch the policy folder. Default: true. */
  readonly watch?: boolean;
  /** Makes the sandbox of the sessions. Only with `workers: 0`: other workers make their own. */
  readonly newSandbox?: typeof createSandbox;
  /** Told where requests come in that another HTTP server has read. Only with `workers: 0`. */
  readonly onEntry?: (entry: Entry) => void;
  /**
   * The config with what a version of the source says in place of its own, read anew. Default: of a config that is resolved
   * already nothing is replaced.
   */
  readonly withVersion?: (version: VersionInput) => Promise<GatewayConfig>;
  /** Whether new versions of policies come step by step where the config says so. Default: true. */
  readonly rollout?: boolean;
  /** Where new versions are loaded first; stays open when the gateway stops. Default: a sandbox of the gateway's own. */
  readonly probe?: VersionProbe;
}

export interface GatewayAddresses {
  readonly listen: readonly ListenerAddress[];
  readonly console?: Address;
}

export interface Gateway {
  /**
   * Settles when connections are accepted, or when it has been stopped meanwhile. Rejects with a GatewayError: `ERR_LISTEN`
   * names the address, `ERR_TLS` the option and the file; with a SandboxError: `ERR_HOST_START` when there are policies and
   * no process that can hold them, `ERR_OS_SANDBOX` where `sandbox.os` requires what is not to be had.
   */
  start(): Promise<void>;
  /** Stop accepting, close the sessions as `drain` says, and end. */
  stop(): Promise<void>;
  /**
   * Read the policy folder again; with a config, take its listeners, routes and drain too. Rejects, with a GatewayError,
   * when a new listener cannot be had: everything is as it was then.
   */
  reload(config?: GatewayConfig): Promise<void>;
  /** Known once `start` has settled. */
  readonly addresses: GatewayAddresses;
  policies(): readonly PolicyState[];
}

/**
 * Builds every part and hands it what it needs.
 *
 * @param input as in a config file, relative to the working directory, or a config that is resolved already
 * @throws ConfigError
 */
export async function createGateway(
  input: ConfigInput | GatewayConfig,
  options: GatewayOptions = {},
): Promise<Gateway> {
  const config = "policiesDir" in input ? input : resolveConfig(input, { dir: process.cwd() });
  const secrets = readSecrets(config);
  const hidden = new HiddenValues();
  const rules = new LiveRules(redactionOf(config, secrets, hidden));
  const logger = options.logger ?? createLogger({ level: config.log.level, rules });
  const metrics = createGatewayMetrics();
  const alerts = createAlerts({ logger, rules, count: metrics.countAlert });
  const console = createConsoleSeat(config.console);
  const orders = createOperatorOrders({ replan: () => applyPlan(), workers: () => pool.steered() });
  const quarantine = new QuarantineBook(config.sandbox.host.quarantineMs);
  const kvOutage = new KvOutage();
  const shadowNews = new ShadowNewsOnce();
  const openProbe = () => createSandbox({ ...config.sandbox, warmSpare: false, onEvent: () => {} });
  const laterProbe = createProbe(openProbe);
  // A version that hangs as it is loaded is not to hold up one that is to run.
  const shadowProbe = createProbe(openProbe);
  const ownProbe = probeFirstInWorker(laterProbe, {
    config,
    loadAhead: (...load) => pool.loadAhead(...load),
    expectVersions: () => pool.expectVersions(),
    isStarting: () => state === "starting",
  });
  const { probe = ownProbe } = options;
  const shadowSources = createShadowSources({
    watch: options.watch ?? true,
    packs: config.packs,
    probe: (options.probe ?? shadowProbe).exportsOf,
    logger,
    // What goes wrong there is said there.
    onChange: () => void applyPlan().catch(() => {}),
  });
  const askSchema: AskSchema = (schema, given) =>
    checkInSandbox(schema, given, (options.probe ?? laterProbe).exportsOf);
  const current = createCurrent({
    config,
    secrets,
    switches: orders.switches,
    quarantine: readQuarantine,
    drained: orders.view.drained,
    settle: (newest) => rollouts.settle(newest),
    onCanaryRefused: (policy, version, detail) =>
      rollouts.onOffence(policy, version, { rule: "options", detail }),
    consoleAddress: () => consoleAddress,
    shadowSources,
    askSchema,
    onPlan({ policies }, newProblems) {
      console.changed("routes");
      console.changed("policies");
      for (const problem of newProblems) logger.error(problem);
      metrics.setProblems(policies.filter(({ problem }) => problem !== undefined).length);
    },
  });
  const logEvent = createEventLog(logger, (route) => current.findRoute(route)?.config.routeLog);
  const traces =
    config.traces &&
    createTraces(config.traces, {
      ...{ logger, rules },
      count: metrics.countSpans,
      policiesOf: (route) => current.findRoute(route)?.chain.map(({ policy }) => policy) ?? [],
    });
  const tell = tellObservers(
    {
      log: logEvent,
      ...(traces && { traces: traces.observe }),
      alerts: alerts.observe,
      console: console.observe,
    },
    ({ observer, event, error, count }) =>
      logger.error(
        { observer, event, count, problem: String(error) },
        "an event could not be observed; please report this",
      ),
  );
  const emit: EmitEvent = (event) => {
    // Each worker tells what it has seen; it is said once.
    const isNews = event.type === "policy-quarantined" ? takeQuarantine(event.entry) : kvOutage.take(event);
    if (isNews && shadowNews.take(event)) tell(event);
  };
  const traffic = openTraffic({
    config: config.traffic,
    logger,
    rules,
    pointsOf: (route) => current.findRoute(route)?.config.routeLog.payloads ?? [],
    openElsewhere: createFleetRecords,
    // The pool and the traffic give to each other: asked for when both are there.
    collect: () => pool.collectRecords(),
  });
  alerts.update(config.alerts, secrets);
  const sinks = createSinks({
    ...{ logger, rules, node: config.cluster?.node ?? hostname() },
    countWritten: metrics.countSinkWritten,
    countLost: metrics.countSinkLost,
  });
  const fleet = config.cluster && openFleetStore(config.cluster, config.file, emit);
  const kv = openKv(config, fleet, emit);
  const rates = createRateDesk({ fleet, nodes: () => seat.nodes(), logger });
  const challenges = fleet && createFleetChallenges(fleet);
  const caps = createCapDesk({ fleet, nodes: () => seat.nodes(), logger });
  const pool = createWorkerPool({
    config,
    newSandbox: options.newSandbox,
    onEntry: options.onEntry,
    kv,
    askRates: rates.ask,
    settleRates: rates.settle,
    askChallenge: challenges?.find,
    capBook: caps.book,
    emit,
    onBatch(batch) {
      traffic.take(batch);
      sinks.take(batch);
    },
    ...tellWorkerNews({
      ...{ metrics, alerts, logger, current },
      onOffence: (...offence) => rollouts.onOffence(...offence),
    }),
  });
  const seat = await createFleetSeat({
    ...{ store: fleet, workers: pool, steered: pool.steered, steering: orders.view.steering, rules, logger },
    config: () => current.config,
    describe: () => describeNode({ state, drained: orders.view.drained(), current, rollouts }),
  });
  const rollouts = createRollouts({
    configOf: (policy) => options.rollout !== false && findRollout(current, policy),
    shared: seat.ways,
    onStray: (stray) => logStray(logger, stray),
    ask: () => pool.tallies(),
    replan: () => applyPlan(),
    onNews(policy, news) {
      metrics.countRollout(policy, news);
      logRollout(logger, policy, news);
      alerts.raise(alertOfRollout(policy, news));
    },
  });
  const listening = createListening({ pool, logger, shared: challenges });
  const source = config.source && (await openSource(config.source));
  const reloader = createReloader({
    dir: config.policiesDir,
    // A version never changes.
    watch: (options.watch ?? true) && source === undefined,
    packs: config.packs,
    usedBy: (policies) => usedPolicies(coming ?? current.config, policies),
    onBuilds: probe.expect,
    probe: probe.exportsOf,
    onSnapshot: applyPlan,
    onResult(result) {
      metrics.countReload(result.policy, result.outcome);
      logReload(logger, result);
      alerts.raise(alertOfReload(result));
    },
  });

  let state: ReturnType<GatewayView["state"]> = "starting";
  let jail: Jail | undefined;
  let consoleAddress: Address | undefined;
  let isStopped: Promise<void> | undefined;
  /** Nothing of what runs is changed any more. */
  let isClosing = false;
  /** Of a version that is being loaded. */
  let coming: GatewayConfig | undefined;
  /** Policies, and the config that goes with them, are changed by one at a time. */
  const changing = createGate(1);
  const begun = Promise.withResolvers<void>();
  let settling: NodeJS.Timeout | undefined;
  let counting: NodeJS.Timeout | undefined;

  const view: GatewayView = {
    ...orders.view,
    node: seat.node,
    state: () => state,
    config: () => current.config,
    listeners: listening.addresses,
    table: () => current.table,
    policies: () => current.policies,
    quarantine: readQuarantine,
    jail: () => jail,
    async reloadPolicies(name) {
      rollouts.forget(name);
      await changing(() => reloader.reload(name));
      await applyPlan();
    },
    rollBack: (policy, version) => reloader.rollBack(policy, version),
    shadows: () => current.shadows,
    rollouts,
    source,
    workers: pool,
    desk: seat.desk,
    fleet: seat.fleet,
    metrics: async () => metrics.render(await pool.metrics(), readStats()),
  };

  const pushed =
    config.metrics &&
    createMetricPush(config.metrics, {
      logger,
      read: async () => metrics.collect(await pool.metrics(), readStats()),
    });

  return {
    async start() {
      seat.start();
      caps.start();
      const limits = limitsBeyondSilence(config);
      if (limits.length > 0)
        logger.warn(
          { limits },
          "policies inside of workers may run for as long as workerSilence: what is to cost an isolate costs the worker then; make these limits shorter",
        );
      // Both are processes, and take as long as what follows. Workers that hold isolates are made for those of the plan.
      if (!wantsWorkers(config)) pool.hire();
      sinks.update(config.sinks);
      const finding = findJail(config.sandbox.host.os);
      // A start that has failed before it is looked at has said why.
      finding.catch(() => {});
      try {
        await console.open({ view, traffic: traffic.store, rules, logger, version: readVersion() });
        // Before anything can be dialled: nothing may dial the console.
        consoleAddress = await console.listen();
        await source?.start();
        // What changes the version meanwhile waits until this one runs.
        void changing(() => begun.promise);
        if (source !== undefined) current.takeConfig(await source.readConfig(current.config), secrets);
        const policies = await reloader.start();
        if (isStopped !== undefined) return await isStopped;
        jail = await finding;
        if (jail.shortfall !== undefined)
          logger.warn(
            { os: jail.kind, problem: jail.shortfall },
            "the sandbox lacks walls of the operating system",
          );
        // A gateway of which no policy could ever run had better not look as if it were there.
        if (probe.hostFault !== undefined) throw probe.hostFault;
        await listening.start(config.listen, await current.plan(policies));
        if (isStopped !== undefined) return await isStopped;
        state = "ready";
        begun.resolve();
        if (config.workers > 0) settling = settleDown(pool);
        if (config.workers > 0 && config.console !== false) counting = keepCounts(pool, metrics);
        const routes = current.table?.routes.map((route) => route.config.name) ?? [];
        logger.info({ listen: listening.addresses(), console: consoleAddress, routes }, "gateway ready");
        alerts.raise(alertOfState("ready"));
        source?.look();
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    async reload(newest) {
      await changing(() => reload(newest));
      source?.look(true);
    },
    get addresses() {
      const listen = listening.addresses();
      return consoleAddress === undefined ? { listen } : { listen, console: consoleAddress };
    },
    policies: () => current.policies.policies,
  };

  function readQuarantine(): readonly QuarantineEntry[] {
    quarantine.expire(machineNow());
    return quarantine.entries();
  }

  /** The other workers learn of it. @returns whether it is news */
  function takeQuarantine(entry: QuarantineEntry): boolean {
    const isNews = quarantine.take([entry], machineNow());
    const { policy, version, reason } = entry;
    rollouts.onOffence(policy, version, { rule: "host", detail: `it has cost its sandbox host (${reason})` });
    void applyPlan();
    return isNews;
  }

  function readStats(): SupervisorStats {
    if (fleet !== undefined) metrics.setClusterConnected(fleet.name, fleet.isUp());
    return {
      traffic: traffic.store.stats(),
      rates: rates.stats(),
      caps: caps.stats(),
      source: source?.view(),
      sinks: sinks.stats(),
      certificates: listening.certificates(),
    };
  }

  async function applyPlan(newest?: PolicySnapshot): Promise<void> {
    const plan = await (newest === undefined ? current.replan() : current.plan(newest));
    if (plan !== undefined && !isClosing) await pool.apply(plan);
  }

  async function reload(read: GatewayConfig | undefined): Promise<void> {
    // Since it was read another version may have been taken.
    const isOld = read !== undefined && source !== undefined && options.withVersion !== undefined;
    const newest = isOld ? await source.readConfig(read) : read;
    const taken =
      newest &&
      (await takeConfig(newest, { current, listening, traffic, rules, hidden, alerts, sinks, logger }));
    await Promise.all([reloader.reload(), shadowSources.reload()]);
    await applyPlan();
    taken?.announce();
  }

  /** All of it or nothing: a route must not have the policies of another version, nor one policy those of another beside it. */
  async function applyVersion(source: OpenedSource): Promise<void> {
    const newest = await source.readConfig(current.config);
    coming = newest;
    try {
      await reloader.reloadWhole(async (snapshot) => {
        const problem = snapshot.problem ?? snapshot.policies.find((policy) => policy.problem)?.problem;
        if (problem !== undefined) throw new Error(problem.message);
        const plan = await current.plan(snapshot, newest);
        if (!isClosing) await pool.apply(plan);
      });
    } finally {
      coming = undefined;
    }
  }

  /** Of a config that is resolved already nothing can be replaced. */
  async function withVersion(version: VersionInput): Promise<GatewayConfig> {
    return "policiesDir" in input ? current.config : resolveConfig(input, { dir: process.cwd(), version });
  }

  async function openSource(source: SourceConfig): Promise<OpenedSource> {
    const opening = await import("./gateway/source/open-source.ts");
    const opened: OpenedSource = await opening.openSource({
      source,
      config: () => current.config,
      secrets: () => current.secrets,
      probe: options.probe ?? laterProbe,
      askSchema,
      withVersion: options.withVersion ?? withVersion,
      onNews: tellSourceNews({ logger, alerts, metrics }),
      async apply() {
        // The first one is there before anything is read.
        if (state !== "starting") await applyVersion(opened);
      },
      inTurn: (act) => changing(act),
    });
    return opened;
  }

  function stop(): Promise<void> {
    isStopped ??= stopAll();
    return isStopped;
  }

  async function stopAll(): Promise<void> {
    const { drain } = current.config;
    const wasReady = state === "ready";
    begun.resolve();
    state = "stopping";
    logger.info({ drain }, "gateway stopping");
    alerts.raise(alertOfState("stopping"));
    clearTimeout(settling);
    clearInterval(counting);
    pushed?.close();
    // Whoever sends connections here asks /readyz, and sends them elsewhere from now on.
    if (wasReady && drain.delayMs > 0) await delay(drain.delayMs);
    isClosing = true;
    listening.close();
    rollouts.close();
    await source?.close();
    // What is being loaded may take long.
    await Promise.all([reloader.close(), shadowSources.close(), shadowProbe.close(), ownProbe.close()]);
    orders.close();
    await pool.stop(drain);
    await kv.close();
    await caps.close();
    await seat.close();
    await fleet?.close();
    await Promise.all([traces?.close(), alerts.close(), sinks.close()]);
    console.close();
    traffic.close();
    logger.info("gateway stopped");
  }
}
