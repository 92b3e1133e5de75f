import { availableParallelism } from "node:os";
import { resolve } from "node:path";
import type { HostLimits, PolicyLimits } from "../../sandbox/contract.ts";
import { findConflicts } from "./conflicts.ts";
import { buildDrain, type DrainConfig } from "./drain.ts";
import { type ConfigProblem, invalidConfig } from "./errors.ts";
import type { LogLevel } from "./input.ts";
import { describeIssues } from "./issues.ts";
import { buildListener, type ListenerConfig } from "./listener.ts";
import { type ParsedRoute, routeSchema } from "./route-schema.ts";
import { configSchema, type ParsedConfig } from "./schema.ts";

const MIB = 1024 ** 2;

/** A config with all defaults filled in: plain JSON, so it can be sent to a worker. Times of 0 mean unlimited. */
export interface GatewayConfig {
  /** Absolute path of the config file, if there is one. */
  readonly file?: string;
  readonly listen: readonly ListenerConfig[];
  readonly console: Address | false;
  /** Absolute. */
  readonly policiesDir: string;
  /** 0: sessions run inside the calling process. */
  readonly workers: number;
  readonly log: { readonly level: LogLevel };
  readonly drain: DrainConfig;
  /** undefined: as the command has it. */
  readonly watchConfig?: boolean;
  readonly sandbox: { readonly limits: PolicyLimits; readonly host: HostLimits; readonly warmSpare: boolean };
  readonly routes: readonly RouteConfig[];
  /** Stands in for the upstream of every route, those that policies bring included. */
  readonly upstreamOverride?: string;
}

export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface RouteConfig {
  readonly path: string;
  readonly upstream: string;
  /** "*": every policy of the folder that has no route of its own, by name. */
  readonly policies: readonly PolicyUse[] | "*";
  readonly contentType: string;
  readonly onError: "close" | "drop" | "pass";
  readonly maxMessageBytes: number;
  readonly connectTimeoutMs: number;
  readonly handshakeTimeoutMs: number;
  readonly closeTimeoutMs: number;
  readonly compression: boolean;
}

export interface PolicyUse {
  readonly use: string;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ConfigBase {
  /** What relative paths are relative to. */
  readonly dir: string;
  readonly file?: string;
  /** Stands in for the upstream of every route; routes may then leave theirs out. */
  readonly upstreamOverride?: string;
}

/** Throws a ConfigError (`ERR_CONFIG_INVALID`) that lists every problem. */
export function resolveConfig(input: unknown, base: ConfigBase): GatewayConfig {
  const overridden = overrideUpstreams(input, base.upstreamOverride);
  const parsed = configSchema.safeParse(overridden);
  const conflicts = findConflicts(overridden);
  if (!parsed.success || conflicts.length > 0) {
    const problems = describeIssues(parsed.error?.issues ?? [], overridden);
    throw invalidConfig(base.file ?? "the config", distinct([...problems, ...conflicts]));
  }
  return buildConfig(parsed.data, base);
}

/**
 * The route that a policy file brings with `export const route`; its `policies` are those before the policy itself.
 *
 * @param origin the policy's file, for messages
 * @param upstreamOverride that of the gateway's config
 */
export function resolveRoute(input: unknown, origin: string, upstreamOverride?: string): RouteConfig {
  const overridden = overrideUpstream(input, upstreamOverride);
  const parsed = routeSchema.safeParse(overridden);
  if (parsed.success) return buildRoute(parsed.data);
  const problems = describeIssues(parsed.error.issues, overridden).map(({ path, message }) => ({
    path: path.startsWith("[") || path === "" ? `route${path}` : `route.${path}`,
    message,
  }));
  throw invalidConfig(origin, distinct(problems));
}

function buildConfig(parsed: ParsedConfig, base: ConfigBase): GatewayConfig {
  const routes = parsed.routes.map(buildRoute);
  const { sandbox } = parsed;
  return {
    ...(base.file !== undefined && { file: base.file }),
    listen: parsed.listen.map((listener) => buildListener(listener, base.dir)),
    console: parsed.console,
    policiesDir: resolve(base.dir, parsed.policies),
    workers: parsed.workers ?? availableParallelism(),
    log: parsed.log,
    drain: buildDrain(parsed.drain),
    ...(parsed.watchConfig !== undefined && { watchConfig: parsed.watchConfig }),
    sandbox: {
      limits: {
        messageTimeoutMs: sandbox.messageTimeout,
        upgradeTimeoutMs: sandbox.upgradeTimeout,
        loadTimeoutMs: sandbox.loadTimeout,
        asyncTimeoutMs: sandbox.asyncTimeout,
        memoryLimitMb: Math.floor(sandbox.memoryLimit / MIB),
        maxResultBytes: Math.max(MIB, ...routes.map((route) => route.maxMessageBytes)),
      },
      host: { heartbeatMs: sandbox.heartbeat, silenceMs: sandbox.silence, maxRssBytes: sandbox.maxMemory },
      warmSpare: sandbox.warmSpare,
    },
    routes,
    ...(base.upstreamOverride !== undefined && { upstreamOverride: base.upstreamOverride }),
  };
}

function buildRoute(parsed: ParsedRoute): RouteConfig {
  return {
    path: parsed.path,
    upstream: parsed.upstream,
    policies:
      parsed.policies === "*"
        ? "*"
        : parsed.policies.map((entry) => (typeof entry === "string" ? { use: entry, options: {} } : entry)),
    contentType: parsed.contentType,
    onError: parsed.onError,
    maxMessageBytes: parsed.maxMessageSize,
    connectTimeoutMs: parsed.connectTimeout,
    handshakeTimeoutMs: parsed.handshakeTimeout,
    closeTimeoutMs: parsed.closeTimeout,
    compression: parsed.compression,
  };
}

function overrideUpstreams(input: unknown, upstream: string | undefined): unknown {
  if (upstream === undefined || !isObject(input) || !Array.isArray(input.routes)) return input;
  return { ...input, routes: input.routes.map((route: unknown) => overrideUpstream(route, upstream)) };
}

function overrideUpstream(route: unknown, upstream: string | undefined): unknown {
  return upstream === undefined || !isObject(route) ? route : { ...route, upstream };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A union reports a value that fits none of its alternatives once for each check that it failed. */
function distinct(problems: readonly ConfigProblem[]): ConfigProblem[] {
  const keys = problems.map(({ path, message }) => `${path}\n${message}`);
  return problems.filter((_, index) => keys.indexOf(keys[index]!) === index);
}
