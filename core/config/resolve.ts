import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { PackRules } from "../../policies/pack/trust.ts";
import { suggestName } from "../../policies/suggestion.ts";
import type { ContentTypes, HookName, HostLimits, PolicyLimits } from "../../sandbox/contract.ts";
import { upstreamNamePattern } from "../net/target.ts";
import { findConflicts } from "./conflicts.ts";
import { describeIssues } from "./document/issues.ts";
import { type ConfigProblem, invalidConfig } from "./errors.ts";
import { type Admission, resolveAdmission } from "./options/admission.ts";
import { buildCapabilities, type CapabilitiesConfig } from "./options/capabilities.ts";
import { type CompressionConfig, resolveCompression } from "./options/compression.ts";
import { buildConsole, type ConsoleConfig, findConsoleProblems } from "./options/console.ts";
import { resolveContentType } from "./options/content-type.ts";
import { type Cors, type CorsProfiles, profileOf, resolveCors } from "./options/cors.ts";
import { buildDrain, type DrainConfig } from "./options/drain.ts";
import { type HeaderOptions, resolveHeaders } from "./options/header-rules.ts";
import { buildListener, type ListenerConfig } from "./options/listener.ts";
import type { LogLevel } from "./options/log-level.ts";
import { type Observation, resolveObservation } from "./options/observation.ts";
import { buildPacks } from "./options/packs.ts";
import type { PlainHttp } from "./options/plain-http.ts";
import type { RedactConfig } from "./options/redact.ts";
import { type ParsedRoute, routeSchema } from "./options/route.ts";
import { defaultName, type RouteMatch, resolveMatch } from "./options/route-match.ts";
import { configSchema, type ParsedConfig } from "./options/schema.ts";
import { resolveSession, type SessionConfig } from "./options/session.ts";
import type { TracesConfig } from "./options/telemetry.ts";
import { buildTraffic, type TrafficConfig } from "./options/traffic.ts";
import { buildUpstream, type UpstreamConfig } from "./options/upstream-config.ts";

const MIB = 1024 ** 2;

/** A config with all defaults filled in: plain JSON, so it can be sent to a worker. Times of 0 mean unlimited. */
export interface GatewayConfig {
  /** Absolute path of the config file, if there is one. */
  readonly file?: string;
  readonly listen: readonly ListenerConfig[];
  readonly console: ConsoleConfig | false;
  /** Absolute. */
  readonly policiesDir: string;
  readonly packs: PackRules;
  /** 0: sessions run inside the calling process. */
  readonly workers: number;
  readonly log: { readonly level: LogLevel };
  readonly drain: DrainConfig;
  readonly traffic: TrafficConfig;
  readonly redact: RedactConfig;
  /** undefined: as the command has it. */
  readonly watchConfig?: boolean;
  readonly sandbox: { readonly limits: PolicyLimits; readonly host: HostLimits; readonly warmSpare: boolean };
  /** What policies may do, and what that takes. Holds no secret's value. */
  readonly capabilities: CapabilitiesConfig;
  /** Absent: none. */
  readonly traces?: TracesConfig;
  /** Addresses and networks; absent: forwarded headers are believed of nobody and added to. */
  readonly trustedProxies?: readonly string[];
  readonly corsProfiles: CorsProfiles;
  readonly routes: readonly RouteConfig[];
  /** The named ones. */
  readonly upstreams: readonly UpstreamConfig[];
  /** For routes that policies bring and that do not say it themselves. */
  readonly connectAllow: readonly string[];
  /** Stands in for the upstream of every route, those that policies bring included. */
  readonly upstreamOverride?: string;
  /** Whether routes that do not say it are recorded. */
  readonly recordByDefault: boolean;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RouteConfig extends Admission, HeaderOptions, PlainHttp, Observation {
  /** Tells the route from all others, and is what the log and the metrics call it. */
  readonly name: string;
  readonly path: string;
  readonly match: RouteMatch;
  /** Absent: nothing is said about it. */
  readonly cors?: Cors;
  readonly enabled: boolean;
  /** A URL, or an upstream: a named one, or one of the route's own. */
  readonly upstream: string | UpstreamConfig;
  /** URLs of the servers that `upstreamOverride` stands in for: a policy may connect to them as ever. */
  readonly replaced?: readonly string[];
  /** "*": every policy of the folder that has no route of its own, by name. */
  readonly policies: readonly PolicyUse[] | "*";
  readonly contentType: ContentTypes;
  readonly onError: "close" | "drop" | "pass";
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly session: SessionConfig;
  readonly compression: CompressionConfig;
  /** Patterns of the servers that a policy may connect to beside the configured ones. */
  readonly connectAllow: readonly string[];
}

export interface PolicyUse {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly enabled: boolean;
  /** Absent: all that the policy exports. */
  readonly hooks?: readonly HookName[];
}

export interface ConfigBase {
  /** What relative paths are relative to. */
  readonly dir: string;
  readonly file?: string;
  /** Stands in for the upstream of every route; routes may then leave theirs out. */
  readonly upstreamOverride?: string | undefined;
  /** Whether routes that do not say it are recorded. Default: false. */
  readonly recordByDefault?: boolean;
}

/** What a route that a policy brings takes from the config. */
export type RouteBase = Pick<
  GatewayConfig,
  "policiesDir" | "upstreams" | "connectAllow" | "corsProfiles" | "upstreamOverride" | "recordByDefault"
>;

/** Throws a ConfigError (`ERR_CONFIG_INVALID`) that lists every problem. */
export function resolveConfig(input: unknown, base: ConfigBase): GatewayConfig {
  const overridden = overrideUpstreams(input, base.upstreamOverride);
  const parsed = configSchema.safeParse(overridden);
  const conflicts = findConflicts(overridden);
  if (!parsed.success || conflicts.length > 0) {
    const problems = describeIssues(parsed.error?.issues ?? [], overridden);
    throw invalidConfig(base.file ?? "the config", distinct([...problems, ...conflicts]));
  }
  const problems: ConfigProblem[] = [];
  const config = buildConfig(parsed.data, base, input, problems);
  if (problems.length > 0) throw invalidConfig(base.file ?? "the config", problems);
  return config;
}

/**
 * The route that a policy file brings with `export const route`; its `policies` are those before the policy itself.
 *
 * @param origin the policy's file, for messages
 * @param config the gateway's, for the upstreams that the route may name
 */
export function resolveRoute(input: unknown, origin: string, config: Partial<RouteBase> = {}): RouteConfig {
  const overridden = overrideUpstream(input, config.upstreamOverride);
  const parsed = routeSchema.safeParse(overridden);
  if (!parsed.success) {
    const found = describeIssues(parsed.error.issues, overridden).map(({ path, message }) => ({
      path: path.startsWith("[") || path === "" ? `route${path}` : `route.${path}`,
      message,
    }));
    throw invalidConfig(origin, distinct(found));
  }
  const problems: ConfigProblem[] = [];
  const route = buildRoute(parsed.data, "route", {
    dir: config.policiesDir ?? ".",
    upstreams: config.upstreams ?? [],
    connectAllow: config.connectAllow ?? [],
    corsProfiles: config.corsProfiles ?? {},
    recordByDefault: config.recordByDefault ?? false,
    replaced: config.upstreamOverride === undefined ? [] : serversOf(input),
    problems,
  });
  if (problems.length > 0) throw invalidConfig(origin, problems);
  return route;
}

function findUnknownProfile(route: ParsedRoute, place: string, profiles: CorsProfiles): ConfigProblem[] {
  const name = profileOf(route.cors);
  if (name === undefined || Object.hasOwn(profiles, name)) return [];
  const known = Object.keys(profiles).join(", ") || "none";
  return [{ path: `${place}.cors`, message: `expected a profile of corsProfiles (${known}), got "${name}"` }];
}

/** @param input what was parsed, before any override */
function buildConfig(
  parsed: ParsedConfig,
  base: ConfigBase,
  input: unknown,
  problems: ConfigProblem[],
): GatewayConfig {
  const upstreams = Object.entries(parsed.upstreams).map(([name, upstream]) =>
    buildUpstream(upstream, name, { dir: base.dir, path: `upstreams.${name}`, problems }),
  );
  const connectAllow = parsed.connect.allow;
  const { corsProfiles } = parsed;
  const given = isObject(input) && Array.isArray(input.routes) ? (input.routes as unknown[]) : [];
  const recordByDefault = base.recordByDefault ?? false;
  const parts = { dir: base.dir, upstreams, connectAllow, corsProfiles, recordByDefault, problems };
  const routes = parsed.routes.map((route, index) =>
    buildRoute(route, `routes[${index}]`, {
      ...parts,
      replaced: base.upstreamOverride === undefined ? [] : serversOf(given[index]),
    }),
  );
  problems.push(...findConsoleProblems(parsed.console));
  const { sandbox } = parsed;
  return {
    ...(base.file !== undefined && { file: base.file }),
    listen: parsed.listen.map((listener) => buildListener(listener, base.dir)),
    console: parsed.console && buildConsole(parsed.console, base.dir),
    policiesDir: resolve(base.dir, parsed.policies),
    packs: buildPacks(parsed.packs),
    workers: parsed.workers ?? availableParallelism(),
    log: parsed.log,
    drain: buildDrain(parsed.drain),
    traffic: buildTraffic(parsed.traffic, base.dir),
    redact: parsed.redact,
    ...(parsed.watchConfig !== undefined && { watchConfig: parsed.watchConfig }),
    sandbox: {
      limits: {
        messageTimeoutMs: sandbox.messageTimeout,
        upgradeTimeoutMs: sandbox.upgradeTimeout,
        loadTimeoutMs: sandbox.loadTimeout,
        asyncTimeoutMs: sandbox.asyncTimeout,
        memoryLimitMb: Math.floor(sandbox.memoryLimit / MIB),
        maxResultBytes: Math.max(MIB, ...routes.map(largestMessage)),
      },
      host: { heartbeatMs: sandbox.heartbeat, silenceMs: sandbox.silence, maxRssBytes: sandbox.maxMemory },
      warmSpare: sandbox.warmSpare,
    },
    capabilities: buildCapabilities(parsed, base.dir),
    ...(parsed.telemetry.traces !== undefined && { traces: parsed.telemetry.traces }),
    ...(parsed.trustedProxies !== undefined && { trustedProxies: parsed.trustedProxies }),
    corsProfiles: parsed.corsProfiles,
    routes,
    upstreams,
    connectAllow,
    ...(base.upstreamOverride !== undefined && { upstreamOverride: base.upstreamOverride }),
    recordByDefault,
  };
}

interface RouteParts {
  readonly dir: string;
  readonly upstreams: readonly UpstreamConfig[];
  readonly connectAllow: readonly string[];
  readonly corsProfiles: CorsProfiles;
  readonly recordByDefault: boolean;
  /** URLs of the servers that an override stands in for. */
  readonly replaced: readonly string[];
  readonly problems: ConfigProblem[];
}

/** @param place of the route, for problems */
function buildRoute(parsed: ParsedRoute, place: string, parts: RouteParts): RouteConfig {
  parts.problems.push(...findUnknownProfile(parsed, place, parts.corsProfiles));
  const cors = resolveCors(parsed.cors, parts.corsProfiles);
  const match = resolveMatch(parsed.match);
  const upstream = findUpstream(parsed, place, parts);
  return {
    name: parsed.name ?? defaultName(parsed.path, match),
    path: parsed.path,
    match,
    enabled: parsed.enabled,
    ...resolveAdmission(parsed),
    ...resolveHeaders(parsed),
    ...(cors !== undefined && { cors }),
    http: parsed.http,
    httpTimeoutMs: parsed.httpTimeout,
    upstream,
    ...(parts.replaced.length > 0 && { replaced: parts.replaced }),
    policies:
      parsed.policies === "*"
        ? "*"
        : parsed.policies.map((entry) =>
            typeof entry === "string" ? { use: entry, options: {}, enabled: true } : entry,
          ),
    contentType: resolveContentType(parsed.contentType),
    onError: parsed.onError,
    maxMessageBytes: parsed.maxMessageSize,
    connectTimeoutMs: parsed.connectTimeout,
    handshakeTimeoutMs: parsed.handshakeTimeout,
    closeTimeoutMs: parsed.closeTimeout,
    session: resolveSession(parsed),
    ...resolveObservation(parsed, parts.recordByDefault),
    compression: resolveCompression(parsed.compression),
    connectAllow: parsed.connect?.allow ?? parts.connectAllow,
  };
}

function largestMessage({ session: { limits } }: RouteConfig): number {
  return Math.max(limits.client.maxMessageBytes, limits.server.maxMessageBytes);
}

function findUpstream(
  { path: route, upstream }: ParsedRoute,
  place: string,
  { dir, upstreams, problems }: RouteParts,
): string | UpstreamConfig {
  const path = `${place}.upstream`;
  if (typeof upstream !== "string") return buildUpstream(upstream, `route ${route}`, { dir, path, problems });
  if (!upstreamNamePattern.test(upstream)) return upstream;
  const found = upstreams.find(({ name }) => name === upstream);
  if (found !== undefined) return found;
  const names = upstreams.map(({ name }) => name);
  const near = suggestName(upstream, names);
  const known = names.length === 0 ? "there are none" : `known are ${names.join(", ")}`;
  const hint = near === undefined ? known : `did you mean "${near}"?`;
  const message = `expected a URL such as "http://127.0.0.1:9000" or a name of \`upstreams\`, got "${upstream}"; ${hint}`;
  problems.push({ path, message });
  return upstream;
}

function overrideUpstreams(input: unknown, upstream: string | undefined): unknown {
  if (upstream === undefined || !isObject(input) || !Array.isArray(input.routes)) return input;
  return { ...input, routes: input.routes.map((route: unknown) => overrideUpstream(route, upstream)) };
}

function overrideUpstream(route: unknown, upstream: string | undefined): unknown {
  return upstream === undefined || !isObject(route) ? route : { ...route, upstream };
}

/** The URLs of a route's own servers, as they are written; a Unix socket's is no address to connect to. */
function serversOf(route: unknown): string[] {
  if (!isObject(route)) return [];
  const { upstream } = route;
  const servers: unknown[] = isObject(upstream)
    ? [upstream, ...[upstream.targets ?? []].flat()]
    : [{ url: upstream }];
  return servers.flatMap((server) =>
    isObject(server) && typeof server.url === "string" && server.socket === undefined ? [server.url] : [],
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A union reports a value that fits none of its alternatives once for each check that it failed. */
function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const keys = problems.map(({ path, message }) => `${path}\n${message}`);
  return problems.filter((_, index) => keys.indexOf(keys[index]!) === index);
}
