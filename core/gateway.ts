import type { PolicySnapshot, PolicyState, ReloadResult } from "../policies/policy-state.ts";
import { createReloader } from "../policies/reloader.ts";
import { createMemoryKv, createRedisKv, createSandbox, type KvStore } from "../sandbox/index.ts";
import { type Admin, openAdmin } from "./admin/admin.ts";
import type { GatewayView } from "./admin/gateway-view.ts";
import type { PlannedCapabilities } from "./cluster/engine.ts";
import { createFleet } from "./cluster/fleet.ts";
import { type Address, type ConfigInput, type GatewayConfig, resolveConfig } from "./config/index.ts";
import { listenError } from "./errors.ts";
import { createEventLog } from "./event-log.ts";
import type { EmitEvent } from "./events.ts";
import { createFileWatch } from "./file-watch.ts";
import { planListeners, renewPlans } from "./listen/listener-plans.ts";
import type { ListenerAddress, ListenerPlan } from "./listen/plan.ts";
import { tlsFilesOf } from "./listen/tls-material.ts";
import { createLogger, type Logger } from "./log.ts";
import { createGatewayMetrics } from "./metrics/gateway-metrics.ts";
import { compileRedaction } from "./redaction/rules.ts";
import { addPackGrants } from "./routes/pack-grants.ts";
import { planRoutes, type RouteTable, usedPolicies } from "./routes/planner.ts";
import { wordProblem } from "./routes/problems.ts";
import type { RoutePlan } from "./routes/route-runtime.ts";
import { createRouteSwitches } from "./routes/route-switches.ts";
import { hidingPatterns, readSecrets } from "./secrets.ts";
import { createTraces } from "./telemetry/traces.ts";
import { openTraffic } from "./traffic/traffic.ts";
import { readVersion } from "./version.ts";

export interface GatewayOptions {
  /** Default: JSON lines on stdout at the config's level. */
  readonly logger?: Logger;
  /** Watch the policy folder. Default: true. */
  readonly watch?: boolean;
  /** Makes the sandbox of the sessions. Only with `workers: 0`: other workers make their own. */
  readonly newSandbox?: typeof createSandbox;
}

export interface GatewayAddresses {
  readonly listen: readonly ListenerAddress[];
  readonly console?: Address;
}

export interface Gateway {
  /**
   * Settles when connections are accepted. Rejects with a GatewayError: `ERR_LISTEN` names the address, `ERR_TLS` the
   * option and the file.
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
  let config = "policiesDir" in input ? input : resolveConfig(input, { dir: process.cwd() });
  let secrets = readSecrets(config);
  const patterns = [...config.redact.patterns, ...hidingPatterns(secrets)];
  const rules = compileRedaction({ ...config.redact, patterns });
  const logger = options.logger ?? createLogger({ level: config.log.level, rules });
  const switches = createRouteSwitches();
  const metrics = createGatewayMetrics();
  const logEvent = createEventLog(logger, (route) => findRoute(table, route)?.config.routeLog);
  const traces =
    config.traces &&
    createTraces(config.traces, {
      logger,
      count: metrics.countSpans,
      policiesOf: (route) => findRoute(table, route)?.chain.map(({ policy }) => policy) ?? [],
    });
  const emit: EmitEvent = (event) => {
    logEvent(event);
    traces?.observe(event);
    admin?.observe(event);
  };
  const traffic = openTraffic({
    config: config.traffic,
    logger,
    rules,
    pointsOf: (route) => findRoute(table, route)?.config.routeLog.payloads ?? [],
    collect: () => fleet.collectRecords(),
  });
  const probe = await createSandbox({ ...config.sandbox, warmSpare: false, onEvent: () => {} });
  const kv = openKv(config, logger);
  const fleet = createFleet({
    config,
    newSandbox: options.newSandbox,
    kv,
    emit,
    onBatch: traffic.take,
    onWorkerDeath() {
      metrics.countWorkerRestart();
      logger.error("a worker died; its sessions are lost and a new one starts");
    },
    onPlanFailure: ({ policy, version, message }) =>
      logger.error({ policy, version }, `a worker could not load what the probe could: ${message}`),
  });
  const reloader = createReloader({
    dir: config.policiesDir,
    watch: options.watch ?? true,
    packs: config.packs,
    usedBy: (policies) => usedPolicies(config, policies),
    async probe(bundle) {
      const prepared = await probe.prepare(bundle);
      prepared.discard();
      return prepared.exports;
    },
    onSnapshot: (newest) => fleet.apply(take(newest)),
    onResult: logReload,
  });

  const certificateFiles = createFileWatch(() => void inTurn(renewCertificates));

  let snapshot: PolicySnapshot = { policies: [] };
  let table: RouteTable | undefined;
  /** What is wrong with the routes and grants in use: it is said once. */
  let said: ReadonlySet<string> = new Set();
  let admin: Admin | undefined;
  let addresses: GatewayAddresses = { listen: [] };
  let listeners: readonly ListenerPlan[] = [];
  let lastListen: Promise<unknown> = Promise.resolve();
  let state: "starting" | "ready" | "stopping" = "starting";
  let isStopped: Promise<void> | undefined;

  const view: GatewayView = {
    state: () => state,
    config: () => config,
    listeners: () => addresses.listen,
    table: () => table,
    policies: () => snapshot,
    async switchRoute(name, isEnabled) {
      switches.set(name, isEnabled);
      await fleet.apply(take(snapshot));
    },
    reloadPolicies: (name) => reloader.reload(name),
    rollBack: (policy, version) => reloader.rollBack(policy, version),
    workers: fleet,
    metrics: async () => metrics.render(await fleet.metrics(), traffic.store.stats()),
  };

  return {
    async start() {
      try {
        const { console } = config;
        if (console !== false)
          admin = await openAdmin({
            config: console,
            view,
            traffic: traffic.store,
            rules,
            logger,
            version: readVersion(),
          });
        const plan = take(await reloader.start());
        listeners = await planListeners(config.listen);
        const listen = await fleet.start(plan, listeners).catch((error) => {
          throw listenError(error, config.listen);
        });
        certificateFiles.follow(config.listen.flatMap(tlsFilesOf));
        addresses = { listen };
        const consoleAddress = await startConsole();
        if (consoleAddress !== undefined) addresses = { listen, console: consoleAddress };
        state = "ready";
        logger.info({ listen, console: addresses.console, routes: namesOf(table) }, "gateway ready");
      } catch (error) {
        await stop();
        throw error;
      }
    },
    stop,
    async reload(newest) {
      if (newest !== undefined) await takeConfig(newest);
      await reloader.reload();
      await fleet.apply(take(snapshot));
    },
    get addresses() {
      return addresses;
    },
    policies: () => snapshot.policies,
  };

  function stop(): Promise<void> {
    isStopped ??= stopAll();
    return isStopped;
  }

  async function stopAll(): Promise<void> {
    state = "stopping";
    logger.info({ drain: config.drain }, "gateway stopping");
    certificateFiles.close();
    await reloader.close();
    await fleet.stop(config.drain);
    await probe.close();
    await kv.close();
    await traces?.close();
    admin?.close();
    traffic.close();
    logger.info("gateway stopped");
  }

  async function startConsole(): Promise<Address | undefined> {
    const { console } = config;
    if (console === false) return undefined;
    return admin?.listen().catch((error) => {
      throw listenError(error, [console]);
    });
  }

  /** What the workers are to run, from the newest state of the folder. */
  function take(newest: PolicySnapshot): {
    routes: RouteTable["routes"];
    bundles: NonNullable<PolicyState["current"]>["bundle"][];
    upstreams: GatewayConfig["upstreams"];
    capabilities: PlannedCapabilities;
  } {
    snapshot = newest;
    const planned = planRoutes(config, newest.policies, table);
    const { grants, problems } = addPackGrants(config.capabilities.grants, newest);
    table = { ...planned, routes: switches.apply(planned.routes) };
    admin?.changed("routes");
    admin?.changed("policies");
    const sentences = [...planned.problems.map((problem) => wordProblem(problem).inLog), ...problems];
    for (const sentence of sentences) if (!said.has(sentence)) logger.error(sentence);
    said = new Set(sentences);
    metrics.setProblems(newest.policies.filter(({ problem }) => problem !== undefined).length);
    const used = new Set(table.routes.flatMap(({ chain }) => chain.map(({ policy }) => policy)));
    const bundles = newest.policies.flatMap(({ name, current }) =>
      current && used.has(name) ? [current.bundle] : [],
    );
    return { routes: table.routes, bundles, upstreams: config.upstreams, capabilities: { grants, secrets } };
  }

  async function takeConfig(newest: GatewayConfig): Promise<void> {
    const values = readSecrets(newest);
    await inTurn(async () => listen(newest.listen, await planListeners(newest.listen)));
    warnOfFixed(newest);
    const { drain, routes, upstreams, connectAllow, corsProfiles } = newest;
    const capabilities = { ...newest.capabilities, kv: config.capabilities.kv };
    secrets = values;
    config = {
      ...config,
      listen: newest.listen,
      drain,
      routes,
      upstreams,
      connectAllow,
      corsProfiles,
      capabilities,
    };
    logger.info({ listen: addresses.listen, routes: routes.map(({ name }) => name) }, "config reloaded");
  }

  function warnOfFixed(newest: GatewayConfig): void {
    const fixed = [
      "console",
      "workers",
      "policiesDir",
      "packs",
      "sandbox",
      "log",
      "traffic",
      "redact",
      "watchConfig",
      "trustedProxies",
      "traces",
    ] as const;
    const changed: string[] = fixed.filter(
      (key) => JSON.stringify(newest[key]) !== JSON.stringify(config[key]),
    );
    if (newest.capabilities.kv.url !== config.capabilities.kv.url) changed.push("kv");
    for (const [index, { host, port, socket, backlog, reusePort }] of newest.listen.entries()) {
      const before = config.listen.find(
        (each) => each.host === host && each.port === port && each.socket === socket,
      );
      if (before === undefined) continue;
      if (before.backlog !== backlog) changed.push(`listen[${index}].backlog`);
      if (before.reusePort !== reusePort) changed.push(`listen[${index}].reusePort`);
    }
    if (changed.length > 0) logger.warn(`a change of ${changed.join(", ")} takes effect at the next start`);
  }

  async function listen(wanted: GatewayConfig["listen"], plans: readonly ListenerPlan[]): Promise<void> {
    const bound = await fleet.listen(plans).catch((error) => {
      throw listenError(error, wanted);
    });
    listeners = plans;
    addresses = { ...addresses, listen: bound };
    certificateFiles.follow(wanted.flatMap(tlsFilesOf));
  }

  /** Certificates and configs, each a set of listeners, one after the other. */
  function inTurn(task: () => Promise<void>): Promise<void> {
    const done = lastListen.then(task);
    lastListen = done.catch(() => {});
    return done;
  }

  async function renewCertificates(): Promise<void> {
    const renewed = await renewPlans(listeners, ({ message }) =>
      logger.error(`certificates not reloaded, the last good ones stay: ${message}`),
    );
    if (renewed === undefined || state !== "ready") return;
    try {
      await listen(config.listen, renewed);
      logger.info("certificates reloaded");
    } catch (error) {
      logger.error(`certificates not reloaded: ${(error as Error).message}`);
    }
  }

  function logReload({ outcome, message, frame, ...fields }: ReloadResult): void {
    metrics.countReload(fields.policy, outcome);
    if (outcome === "failed") {
      const text = `policy "${fields.policy}" not loaded, the last good version stays: ${message}`;
      logger.error(frame ? { ...fields, frame } : fields, text);
    } else if (outcome === "removed") {
      logger.warn(fields, "policy removed");
    } else if (outcome === "unchanged") {
      logger.debug(fields, `policy ${outcome}`);
    } else {
      logger.info(fields, `policy ${outcome}`);
    }
  }
}

/** In memory it is this process's, for all workers. Redis they ask themselves, but when there are none. */
function openKv({ workers, capabilities: { kv } }: GatewayConfig, logger: Logger): KvStore {
  if (kv.url === undefined || workers > 0) return createMemoryKv();
  return createRedisKv(kv.url, { onProblem: (text) => logger.error(text) });
}

function findRoute(table: RouteTable | undefined, name: string): RoutePlan | undefined {
  return table?.routes.find(({ config }) => config.name === name);
}

function namesOf(table: RouteTable | undefined): readonly string[] {
  return table?.routes.map(({ config }) => config.name) ?? [];
}
