import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  ACTIVE_LINK,
  applySettings,
  ConfigError,
  type ConfigFileOptions,
  findConfigFile,
  type GatewayConfig,
  loadConfigFile,
  readVersionConfig,
  resolveConfig,
} from "../core/config/index.ts";
import { suggestName } from "../sandbox/suggestion.ts";
import { CliError } from "./errors.ts";

/** The options of `start` and `dev`. */
export interface GatewayFlags {
  readonly config?: string;
  readonly policies?: string;
  readonly upstream?: string;
  /** A string: the name or path of the only route that it is for. */
  readonly echo?: boolean | string;
  readonly port?: number;
  readonly host?: string;
  readonly consolePort?: number;
  readonly workers?: number;
  readonly frozen?: boolean;
  readonly set?: readonly string[];
  /** Of `dev` only. */
  readonly inspect?: string;
  readonly inspectPort?: number;
  readonly rollout?: boolean;
}

/**
 * The config that the options ask for: a file's, or one made of `--policies` and `--upstream`, with the other options
 * on top.
 *
 * @param defaults the embedded echo server's URL, when `--echo` is set; whether routes are recorded
 */
export async function loadConfig(options: GatewayFlags, defaults: Defaults = {}): Promise<GatewayConfig> {
  refuseMisfits(options);
  const config = await loadWithVersion(options, defaults);
  requireOverridden(config, defaults);
  await requireAllPolicies(config);
  return applyOptions(config, options);
}

/** Throws a CliError where a route has "all policies" of a folder that is not there: a misspelt one would let all pass. */
export async function requireAllPolicies({
  file,
  policiesDir,
  source,
  routes,
}: GatewayConfig): Promise<void> {
  // Each version of a source is looked at before it runs.
  if (file === undefined || source !== undefined || !routes.some(({ policies }) => policies === "*")) return;
  await requireFolder(policiesDir, `policies in ${file}`);
}

/** A name that no route has would let all of them go to their own servers. */
function requireOverridden({ routes }: GatewayConfig, { upstreamOverride, overriddenRoute }: Defaults): void {
  if (overriddenRoute === undefined || routes.some(({ upstream }) => upstream === upstreamOverride)) return;
  const names = routes.map(({ name }) => name);
  const near = suggestName(overriddenRoute, names);
  const hint = near === undefined ? `it has ${names.join(", ") || "none"}` : `did you mean "${near}"?`;
  throw new CliError("ERR_CLI_USAGE", `--echo: the config has no route "${overriddenRoute}" (${hint}).`);
}

type Defaults = Pick<
  ConfigFileOptions,
  | "upstreamOverride"
  | "overriddenRoute"
  | "recordByDefault"
  | "trustsLoopbackPages"
  | "version"
  | "workersByDefault"
>;

/** With what the version says that ran last on this machine, unless it is another that is asked for. */
async function loadWithVersion(options: GatewayFlags, defaults: Defaults): Promise<GatewayConfig> {
  const config = await loadBase(options, defaults);
  if (config.source?.config !== true || defaults.version !== undefined) return config;
  const version = await readVersionConfig(join(config.source.dir, ACTIVE_LINK));
  return version === undefined ? config : loadBase(options, { ...defaults, version });
}

async function loadBase(options: GatewayFlags, defaults: Defaults): Promise<GatewayConfig> {
  const { upstreamOverride: echoUrl } = defaults;
  const { set: settings = [] } = options;
  if (options.config !== undefined) return loadConfigFile(options.config, { ...defaults, settings });
  if (options.policies !== undefined || options.upstream !== undefined) return withoutFile(options, defaults);
  const file = await (echoUrl === undefined ? findConfigFile(process.cwd()) : findOptionalConfig());
  return file === undefined
    ? withoutFile(options, defaults)
    : loadConfigFile(file, { ...defaults, settings });
}

/** The config file of the working directory, if there is one. */
export async function findOptionalConfig(): Promise<string | undefined> {
  return findConfigFile(process.cwd()).catch((error: unknown) => {
    if (error instanceof ConfigError && error.code === "ERR_CONFIG_NOT_FOUND") return undefined;
    throw error;
  });
}

async function withoutFile(options: GatewayFlags, defaults: Defaults): Promise<GatewayConfig> {
  if (options.policies !== undefined) await requireFolder(options.policies);
  const upstream = options.upstream ?? defaults.upstreamOverride;
  const routes = upstream === undefined ? [] : [{ path: "/*", upstream, policies: "*" }];
  const input = applySettings({ policies: options.policies, routes }, options.set ?? []);
  return resolveConfig(input, { dir: process.cwd(), ...defaults });
}

function applyOptions(config: GatewayConfig, options: GatewayFlags): GatewayConfig {
  const [first, ...others] = config.listen;
  const listener = { ...first!, host: options.host ?? first!.host, port: options.port ?? first!.port };
  return {
    ...config,
    listen: [listener, ...others],
    console:
      options.consolePort === undefined
        ? config.console
        : { ...(config.console || { host: "127.0.0.1", isOpen: false }), port: options.consolePort },
    workers: options.inspect === undefined ? (options.workers ?? config.workers) : 0,
    packs: { ...config.packs, frozen: options.frozen ?? false },
  };
}

function refuseMisfits({ config, policies, upstream, echo, ...rest }: GatewayFlags): void {
  if (rest.inspect !== undefined && (rest.workers ?? 0) > 0) {
    const message = "--inspect runs the sessions in one process: leave out it or --workers.";
    throw new CliError("ERR_CLI_USAGE", message);
  }
  if (rest.inspect === undefined && rest.inspectPort !== undefined) {
    throw new CliError("ERR_CLI_USAGE", "--inspect-port needs --inspect with the name of a policy.");
  }
  if (config !== undefined && (policies !== undefined || upstream !== undefined)) {
    const option = policies === undefined ? "--upstream" : "--policies";
    throw new CliError(
      "ERR_CLI_USAGE",
      `${option} makes a gateway without a config file: leave out it or --config.`,
    );
  }
  if (upstream === undefined) return;
  if (echo !== undefined)
    throw new CliError("ERR_CLI_USAGE", "--echo is an upstream itself: leave out it or --upstream.");
  if (!/^(https?|wss?):$/.test(URL.parse(upstream)?.protocol ?? "")) {
    const message = `Expected --upstream to be an http, https, ws or wss URL, got "${upstream}".`;
    throw new CliError("ERR_CLI_USAGE", message);
  }
}

export async function requireFolder(dir: string, what = "--policies"): Promise<void> {
  const found = await stat(dir).catch(() => undefined);
  if (found?.isDirectory()) return;
  const trouble = found === undefined ? "is not there" : "is not a folder";
  throw new CliError("ERR_CLI_PATH", `${what}: ${resolve(dir)} ${trouble}. Make it, or name another.`);
}
