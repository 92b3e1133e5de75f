import { hostname } from "node:os";
import { setTimeout as delay } from "node:timers/promises";
import type { PolicySnapshot } from "../policies/reload/policy-state.ts";
import { createReloader } from "../policies/reload/reloader.ts";
import { createGate } from "../policies/reload/rerun.ts";
import type { QuarantineEntry } from "../sandbox/contract/faults.ts";
import { findJail, type Jail, QuarantineBook } from "../sandbox/index.ts";
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
import { createConsoleSeat } from "./gateway/console-seat.ts";
import type { Gateway, GatewayAddresses, GatewayOptions } from "./gateway/contract.ts";
import { openCounts } from "./gateway/counts/counts.ts";
import { createCurrent } from "./gateway/current.ts";
import { createFleetSeat } from "./gateway/fleet-seat.ts";
import { keepCounts } from "./gateway/keep-counts.ts";
import { createListening } from "./gateway/listening/listening.ts";
import { LiveResults } from "./gateway/news/live-results.ts";
import { createNews } from "./gateway/news/news.ts";
import { alertOfReload, alertOfRollout, alertOfState } from "./gateway/news/own-alerts.ts";
import { logRollout, logStray } from "./gateway/news/rollout-log.ts";
import { machineWording } from "./gateway/news/wording.ts";
import { tellWorkerNews } from "./gateway/news/worker-news.ts";
import { describeNode } from "./gateway/node-description.ts";
import { createOperatorOrders } from "./gateway/operator-orders.ts";
import { createProbes } from "./gateway/probes/probes.ts";
import { redactionOf, takeConfig } from "./gateway/reload.ts";
import { settleDown } from "./gateway/settle.ts";
import { createShadowSources } from "./gateway/shadow-sources.ts";
import type { OpenedSource } from "./gateway/source/open-source.ts";
import { logVersion, tellSourceNews } from "./gateway/source/source-news.ts";
import { createLogger } from "./log.ts";
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
import { openTraffic } from "./traffic/traffic.ts";
import { readVersion } from "./version.ts";
import { createWorkerPool } from "./workers/worker-pool.ts";

export type { Gateway, GatewayAddresses, GatewayOptions };

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
  const wording = options.wording ?? machineWording;
  const metrics = createGatewayMetrics();
  const alerts = createAlerts({ logger, rules, count: metrics.countAlert });
  const console = createConsoleSeat(config.console);
  const orders = createOperatorOrders({
    replan: () => applyPlan(),
    workers: () => pool.steered(),
    switchCounts: () => pool.switchCounts(),
    logger,
  });
  const quarantine = new QuarantineBook(config.sandbox.host.quarantineMs);
  const probes = createProbes({
    config,
    given: options.probe,
    loadAhead: (...load) => pool.loadAhead(...load),
    expectVersions: () => pool.expectVersions(),
    isStarting: () => state === "starting",
  });
  const shadowSources = createShadowSources({
    watch: options.watch ?? true,
    packs: config.packs,
    probe: probes.ofShadows.exportsOf,
    logger,
    // What goes wrong there is said there.
    onChange: () => void applyPlan().catch(() => {}),
  });
  const current = createCurrent({
    config,
    secrets,
    switches: orders.switches,
    quarantine: readQuarantine,
    drained: orders.view.drained,
    recordings: orders.view.recordings.list,
    breakpoints: () => orders.breakpoints.read(),
    settle: (newest) => rollouts.settle(newest),
    onCanaryRefused: (policy, version, detail) =>
      rollouts.onOffence(policy, version, { rule: "options", detail }),
    consoleAddress: () => consoleAddress,
    shadowSources,
    askSchema: probes.askSchema,
    onPlan({ policies }, words) {
      console.changed("routes");
      console.changed("policies");
      wording.plan(logger, words);
      metrics.setProblems(policies.filter(({ problem }) => problem !== undefined).length);
    },
  });
  const news = createNews({
    ...{ config, logger, rules, metrics, current, word: wording.event },
    observers: { alerts: alerts.observe, console: console.observe },
    takeQuarantine,
    isStopping: () => state === "stopping",
  });
  const { emit } = news;
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
  const counts = openCounts({ config, emit, nodes: () => seat.nodes(), logger });
  const { fleet } = counts;
  const pool = createWorkerPool({
    config,
    newSandbox: options.newSandbox,
    onEntry: options.onEntry,
    ...counts.books,
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
    breakpoints: orders.breakpoints,
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
  const listening = createListening({ pool, logger, shared: counts.challenges });
  const source = config.source && (await openSource(config.source));
  const live = new LiveResults((result) => wording.reload(logger, result));
  const reloader = createReloader({
    dir: config.policiesDir,
    // A version never changes.
    watch: (options.watch ?? true) && source === undefined,
    packs: config.packs,
    usedBy: (policies) => usedPolicies(coming ?? current.config, policies, current.table),
    onBuilds: probes.first.expect,
    probe: probes.first.exportsOf,
    onSnapshot: (snapshot) => live.during(() => applyPlan(snapshot)),
    onResult(result) {
      metrics.countReload(result.policy, result.outcome);
      live.take(result, state !== "starting");
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
    holds: seat.holds,
    fleet: seat.fleet,
    fleetProblem: seat.problem,
    sinks: sinks.stats,
    certificates: listening.certificates,
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
      counts.start();
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
        if (source !== undefined) logVersion(logger, source.view(), current.config.packs.keys);
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
        if (probes.first.hostFault !== undefined) throw probes.first.hostFault;
        await listening.start(config.listen, await current.plan(policies));
        if (isStopped !== undefined) return await isStopped;
        state = "ready";
        begun.resolve();
        if (config.workers > 0) settling = settleDown(pool, options.ownsProcess ?? false);
        if (config.workers > 0 && config.console !== false) counting = keepCounts(pool, metrics);
        const routes = current.table?.routes.map((route) => route.config.name) ?? [];
        wording.step(logger, {
          ...{ type: "ready", listen: listening.addresses(), console: consoleAddress, routes },
          ...(config.cluster && { cluster: config.cluster.name, node: config.cluster.node }),
        });
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
      ...counts.stats(),
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
      (await takeConfig(newest, {
        ...{ current, listening, traffic, rules, hidden, alerts, sinks, logger, wording },
      }));
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
        await live.during(async () => {
          if (!isClosing) await pool.apply(plan);
        });
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
      probe: probes.later,
      askSchema: probes.askSchema,
      withVersion: options.withVersion ?? withVersion,
      onNews: tellSourceNews({
        logger,
        alerts,
        metrics,
        keys: () => current.config.packs.keys,
        hasVersion: () => opened.view().active !== undefined,
      }),
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
    wording.step(logger, { type: "stopping", drain });
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
    await Promise.all([reloader.close(), shadowSources.close(), probes.close()]);
    orders.close();
    await pool.stop(drain);
    await counts.close(() => seat.close());
    await Promise.all([news.close(), alerts.close(), sinks.close()]);
    console.close();
    traffic.close();
    wording.step(logger, { type: "stopped" });
  }
}
