import { availableParallelism } from "node:os";
import { join, resolve } from "node:path";
import { isObject } from "../../policies/is-object.ts";
import { parseShape } from "../../policies/pack/parse-shape.ts";
import { findConflicts } from "./conflicts.ts";
import { describeIssues } from "./document/issues.ts";
import { type ConfigProblem, invalidConfig } from "./errors.ts";
import { findFailoverProblem, findFailoverProblems } from "./failover.ts";
import type { FixedConfig, GatewayConfig, LiveConfig } from "./gateway-config.ts";
import { findEndlessNesting } from "./nesting.ts";
import { resolveAlerts } from "./options/alerts.ts";
import { resolveCapabilities, resolveKv } from "./options/capabilities.ts";
import { resolveCluster } from "./options/cluster/cluster.ts";
import { findConsoleProblems, resolveConsole } from "./options/console.ts";
import { resolveDrain } from "./options/drain.ts";
import { resolveListener } from "./options/listener.ts";
import { resolveMirror } from "./options/mirror.ts";
import { ORIGINS_OF_DEVELOPMENT, resolveOrigins, SAFE_ORIGINS } from "./options/origins.ts";
import { resolvePacks } from "./options/packs.ts";
import { resolveRollout } from "./options/rollout.ts";
import { resolveRecording } from "./options/route/observation.ts";
import { type RouteConfig, resolveRouteOptions, routeOptionsSchema } from "./options/route/route.ts";
import { resolveUpgradeRate } from "./options/route/upgrade-rate.ts";
import { resolveSandbox } from "./options/sandbox.ts";
import { configSchema, type ParsedConfig } from "./options/schema.ts";
import { resolveSinks } from "./options/sink/sinks.ts";
import { ACTIVE_LINK, resolveSource } from "./options/source.ts";
import { resolvePushedMetrics } from "./options/telemetry.ts";
import { resolveTraffic } from "./options/traffic.ts";
import { resolveUpstream } from "./options/upstream/upstream-config.ts";
import { findOwnServers } from "./own-servers.ts";
import {
  overrideUpstream,
  overrideUpstreams,
  replacedServers,
  type UpstreamOverride,
} from "./upstream-override.ts";
import { withoutFilled } from "./values/filled-texts.ts";
import { readSecretTexts } from "./values/secret-texts.ts";
import { nameSettings } from "./values/set-problems.ts";
import { layOver, type VersionInput } from "./version-options.ts";

export interface ConfigBase extends UpstreamOverride {
  /** What relative paths are relative to. */
  readonly dir: string;
  readonly file?: string;
  /** What `--set` has put into the input, each `PLACE=VALUE`. Default: nothing. */
  readonly settings?: readonly string[];
  /** The input without the values of variables, for problems: such a value is nobody's to see. */
  readonly written?: unknown;
  /** What a version of the source says in place of what the input does. */
  readonly version?: VersionInput;
  /** Whether something stands in for secrets that are not on this machine: for who only looks at a config. Default: false. */
  readonly secretsStandIn?: boolean;
  /** Stands in for the upstream of every route, or of `overriddenRoute`; these may then leave theirs out. */
  readonly upstreamOverride?: string | undefined;
  /** Whether routes are recorded where neither they nor the config says it. Default: false. */
  readonly recordByDefault?: boolean;
  /** Of a config that says nothing of them. Default: as many as there are processors. */
  readonly workersByDefault?: number;
  /** Whether pages of this machine may connect where nothing is said of origins. Default: false. */
  readonly trustsLoopbackPages?: boolean;
}

/** What a route that a policy brings takes from the config. */
export type RouteBase = Pick<
  GatewayConfig,
  | "policiesDir"
  | "upstreams"
  | "connectAllow"
  | "corsProfiles"
  | "originProfiles"
  | "mirror"
  | "redact"
  | "rollout"
  | "upstreamOverride"
  | "upgradeRate"
>;

/** Throws a ConfigError (`ERR_CONFIG_INVALID`) that lists every problem. */
export function resolveConfig(given: unknown, base: ConfigBase): GatewayConfig {
  const origin = base.file ?? "the config";
  requireEnd(given, origin);
  const read = readSecretTexts(given, { dir: base.dir, standsIn: base.secretsStandIn ?? false });
  const input = layOver(read.input, base.version);
  requireEnd(input, origin);
  const refuse = (problems: readonly ConfigProblem[]) =>
    invalidConfig(
      origin,
      nameSettings(withoutFilled(problems, given, base.written ?? given), base.settings ?? []),
    );
  const overridden = overrideUpstreams(input, base);
  const parsed = parseShape(configSchema, overridden);
  const conflicts = findConflicts(overridden);
  if (!parsed.success || conflicts.length + read.problems.length > 0) {
    const written = layOver(base.written ?? given, base.version);
    const shown = overrideUpstreams(written, base);
    const unread = new Set(read.problems.map(({ path }) => path));
    const found = describeIssues(parsed.error?.issues ?? [], shown).filter(({ path }) => !unread.has(path));
    throw refuse(distinct([...found, ...read.problems, ...conflicts]));
  }
  const problems: ConfigProblem[] = [];
  const config = buildConfig(parsed.data, base, input, problems);
  if (problems.length > 0) throw refuse(problems);
  return { ...config, secretTexts: read.values };
}

/**
 * The route that a policy file brings with `export const route`; its `policies` are those before the policy itself.
 *
 * @param origin the policy's file, for messages
 * @param config the gateway's, for the upstreams that the route may name
 */
export function resolveRoute(input: unknown, origin: string, config: Partial<RouteBase> = {}): RouteConfig {
  requireEnd(input, origin);
  const overridden = overrideUpstream(input, config);
  const parsed = parseShape(routeOptionsSchema, overridden);
  if (!parsed.success) {
    const found = describeIssues(parsed.error.issues, overridden).map(({ path, message }) => ({
      path: path.startsWith("[") || path === "" ? `route${path}` : `route.${path}`,
      message,
    }));
    throw invalidConfig(origin, distinct(found));
  }
  const problems: ConfigProblem[] = [];
  const route = resolveRouteOptions(parsed.data, "route", {
    dir: config.policiesDir ?? ".",
    upstreams: config.upstreams ?? [],
    connectAllow: config.connectAllow ?? [],
    corsProfiles: config.corsProfiles ?? {},
    originProfiles: config.originProfiles ?? {},
    redact: config.redact ?? { headers: [], query: [] },
    mirror: config.mirror ?? false,
    rollout: config.rollout ?? false,
    upgradeRate: config.upgradeRate ?? false,
    replaced: replacedServers(input, config),
    problems,
  });
  if (typeof route.upstream !== "string")
    problems.push(...findFailoverProblem(route.upstream, "route.upstream.onFailure", config.upstreams ?? []));
  if (problems.length > 0) throw invalidConfig(origin, problems);
  return route;
}

function requireEnd(input: unknown, origin: string): void {
  const endless = findEndlessNesting(input);
  if (endless.length > 0) throw invalidConfig(origin, endless);
}

/** @param input what was parsed, before any override */
function buildConfig(
  parsed: ParsedConfig,
  base: ConfigBase,
  input: unknown,
  problems: ConfigProblem[],
): Omit<GatewayConfig, "secretTexts"> {
  const live = buildLive(parsed, base, input, problems);
  problems.push(...findConsoleProblems(parsed.console));
  const config = { ...live, ...buildFixed(parsed, base, live.routes, problems) };
  problems.push(...findOwnServers(config), ...findFailoverProblems(config.upstreams, config.routes));
  return config;
}

function buildLive(
  parsed: ParsedConfig,
  base: ConfigBase,
  input: unknown,
  problems: ConfigProblem[],
): Omit<LiveConfig, "secretTexts"> {
  const { dir, recordByDefault = false, trustsLoopbackPages = false } = base;
  const { corsProfiles, originProfiles, log, redact, trustedProxies } = parsed;
  const shared = { dir, originProfiles, problems };
  const ownOrigins = parsed.origins ?? (trustsLoopbackPages ? ORIGINS_OF_DEVELOPMENT : SAFE_ORIGINS);
  const origins = resolveOrigins(ownOrigins, "origins", shared);
  const connectAllow = parsed.connect.allow;
  const rollout = resolveRollout(parsed.rollout);
  const upstreams = Object.entries(parsed.upstreams).map(([name, upstream]) =>
    resolveUpstream(upstream, name, { dir, path: `upstreams.${name}`, problems }),
  );
  const given = isObject(input) && Array.isArray(input.routes) ? (input.routes as unknown[]) : [];
  const recording = resolveRecording(parsed.recording ?? recordByDefault);
  const upgradeRate = resolveUpgradeRate(parsed.upgradeRate);
  const mirror = resolveMirror(parsed.mirror, "mirror", { upstreams, redact, problems });
  const sinks = resolveSinks(parsed.sinks, { dir, problems });
  const around = { ...shared, upstreams, connectAllow, corsProfiles, redact, mirror, rollout, upgradeRate };
  const routes = parsed.routes.map((route, index) =>
    resolveRouteOptions(route, `routes[${index}]`, {
      ...around,
      replaced: replacedServers(given[index], base),
    }),
  );
  return {
    listen: parsed.listen.map((listener, index) =>
      resolveListener(listener, `listen[${index}]`, { ...shared, origins, recording }),
    ),
    drain: resolveDrain(parsed.drain),
    capabilities: resolveCapabilities(parsed, dir),
    alerts: resolveAlerts(parsed.alerts, { secrets: parsed.secrets, problems }),
    ...{ corsProfiles, originProfiles, routes, upstreams, connectAllow, rollout, log, redact },
    ...{ upgradeRate, mirror },
    traffic: resolveTraffic(parsed.traffic, { dir, sinks, problems }),
    sinks,
    ...(trustedProxies !== undefined && { trustedProxies }),
  };
}

function buildFixed(
  parsed: ParsedConfig,
  base: ConfigBase,
  routes: readonly RouteConfig[],
  problems: ConfigProblem[],
): FixedConfig {
  const { dir, file, upstreamOverride, overriddenRoute } = base;
  const { watchConfig, telemetry, policies, secrets, cluster } = parsed;
  const source =
    parsed.source &&
    resolveSource(parsed.source, { dir, policies, secrets, keys: parsed.packs.keys, problems });
  const self = [file, resolve(dir, parsed.policies), parsed.listen];
  return {
    ...(file !== undefined && { file }),
    console: parsed.console && resolveConsole(parsed.console, dir),
    workers: parsed.workers ?? base.workersByDefault ?? availableParallelism(),
    workerSilenceMs: parsed.workerSilence,
    maxConnections: parsed.maxConnections,
    policiesDir: source === undefined ? resolve(dir, policies) : join(source.dir, ACTIVE_LINK, policies),
    ...(source !== undefined && { source }),
    packs: resolvePacks(parsed.packs, problems),
    sandbox: resolveSandbox(parsed.sandbox, routes),
    ...(watchConfig !== undefined && { watchConfig }),
    ...(telemetry.traces !== undefined && { traces: telemetry.traces }),
    ...(telemetry.metrics && { metrics: resolvePushedMetrics(telemetry.metrics, dir) }),
    kv: resolveKv(parsed.kv),
    ...(cluster !== undefined && { cluster: resolveCluster(cluster, { dir, self, problems }) }),
    ...(upstreamOverride !== undefined && overriddenRoute === undefined && { upstreamOverride }),
  };
}

/** A union reports a value that fits none of its alternatives once for each check that it failed. */
function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  return [...new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem])).values()];
}
