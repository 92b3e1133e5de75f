import { stat } from "node:fs/promises";
import {
  ConfigError,
  findConfigFile,
  type GatewayConfig,
  loadConfigFile,
  resolveConfig,
} from "../../core/config/index.ts";
import type { PackRules } from "../../policies/pack/trust.ts";
import { CliError } from "../errors.ts";

export interface FolderOptions {
  readonly config?: string;
  readonly policies?: string;
}

export interface GatewayPacks {
  /** Absolute. */
  readonly policiesDir: string;
  readonly rules: PackRules;
  /** Defaults, where there is no config file. */
  readonly config: GatewayConfig;
}

/** The policies folder that the options mean, and which packs its gateway believes. */
export async function findGatewayPacks({ config, policies }: FolderOptions): Promise<GatewayPacks> {
  if (config !== undefined && policies !== undefined) {
    throw new CliError(
      "ERR_CLI_USAGE",
      "--policies means a gateway without a config file: leave out it or --config.",
    );
  }
  const file = policies === undefined ? (config ?? (await findConfig())) : undefined;
  const resolved =
    file === undefined
      ? resolveConfig({ policies }, { dir: process.cwd() })
      : await loadConfigFile(file, { secretsStandIn: true });
  const { policiesDir, packs } = resolved;
  const found = await stat(policiesDir).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new CliError(
      "ERR_CLI_PATH",
      `${policiesDir} is no folder. Make it, or name another with --policies.`,
    );
  }
  return { policiesDir, rules: packs, config: resolved };
}

async function findConfig(): Promise<string | undefined> {
  return findConfigFile(process.cwd()).catch((error: unknown) => {
    if (error instanceof ConfigError && error.code === "ERR_CONFIG_NOT_FOUND") return undefined;
    throw error;
  });
}
