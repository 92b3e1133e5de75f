import { dirname, join, resolve } from "node:path";
import {
  ACTIVE_LINK,
  ConfigError,
  findConfigFile,
  type GatewayConfig,
  readConfigDocument,
  readVersionConfig,
  resolveConfig,
} from "../../core/config/index.ts";
import { planListeners } from "../../core/listen/listener-planning.ts";
import { requireAllPolicies } from "../gateway-options.ts";
import type { Problem } from "../problem.ts";

export interface CheckOptions {
  readonly config?: string;
  readonly policies?: string;
  readonly frozen?: boolean;
  readonly set?: readonly string[];
  /** File to write what was found into, too. */
  readonly sarif?: string;
}

export interface CheckedConfig {
  /** Defaults, where the config cannot be used. */
  readonly config: GatewayConfig;
  readonly policiesDir: string;
  readonly problems: readonly Problem[];
}

/** The config that is to be checked. One with problems does not hide those of the policies. */
export async function readConfigs(options: CheckOptions): Promise<CheckedConfig> {
  const { config, ...checked } = await readBase(options);
  return { ...checked, config: { ...config, packs: { ...config.packs, frozen: options.frozen ?? false } } };
}

async function readBase({ config, policies, set }: CheckOptions): Promise<CheckedConfig> {
  // Where routes of policies may lead is said by the config: without one that can be read, nothing is held against them.
  const connect = { allow: ["http://*:*", "https://*:*"] };
  const defaults = resolveConfig({ policies, connect }, { dir: process.cwd() });
  if (policies !== undefined) return { config: defaults, policiesDir: defaults.policiesDir, problems: [] };
  let { policiesDir } = defaults;
  let file = config;
  try {
    file ??= await findConfigFile(process.cwd());
    const dir = dirname(resolve(file));
    policiesDir = resolve(dir, "policies");
    const { input, written } = await readConfigDocument(file, set);
    policiesDir = policiesDirOf(input, dir);
    const base = { dir, file: resolve(file), written, secretsStandIn: true, ...(set && { settings: set }) };
    const own = resolveConfig(input, base);
    const version =
      own.source?.config === true ? await readVersionConfig(join(own.source.dir, ACTIVE_LINK)) : undefined;
    const checked = version === undefined ? own : resolveConfig(input, { ...base, version });
    if (checked.source !== undefined) policiesDir = checked.policiesDir;
    return { config: checked, policiesDir, problems: await findFileProblems(checked, file) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { config: defaults, policiesDir, problems: describeProblems(error, file) };
  }
}

/** Certificates and keys that would keep the gateway from starting. */
async function findFileProblems(config: GatewayConfig, file: string): Promise<Problem[]> {
  const missing = await requireAllPolicies(config).then(
    () => [],
    ({ message }: Error) => [{ place: "", message }],
  );
  return [...missing, ...(await findTlsProblems(config, file))];
}

async function findTlsProblems(config: GatewayConfig, file: string): Promise<Problem[]> {
  try {
    await planListeners(config.listen);
    return [];
  } catch (error) {
    return [{ place: file, message: (error as Error).message }];
  }
}

function describeProblems(error: ConfigError, file = "config"): Problem[] {
  if (error.problems.length === 0) return [{ place: "", message: error.message }];
  return error.problems.map(({ path, message }) => {
    const whole = path === "" ? message : `${path}: ${message}`;
    return error.isOfSettings ? { place: "", message: `--set: ${whole}` } : { place: file, message: whole };
  });
}

function policiesDirOf(input: unknown, dir: string): string {
  const named =
    typeof input === "object" && input !== null && "policies" in input ? input.policies : undefined;
  return resolve(dir, typeof named === "string" ? named : "policies");
}
