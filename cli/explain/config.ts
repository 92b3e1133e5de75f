import { relative } from "node:path";
import {
  type EffectiveValue,
  explainConfig,
  type FlagValue,
  findConfigFile,
  formatPath,
  writeEffective,
} from "../../core/config/index.ts";
import { printJson } from "../admin/print.ts";
import type { GatewayFlags } from "../gateway-options.ts";
import { printLines } from "./layout.ts";

/** The options of the command line that say something in place of a config. */
export type ExplainFlags = Pick<
  GatewayFlags,
  "config" | "set" | "port" | "host" | "consolePort" | "workers"
> & { readonly json?: boolean; readonly short?: boolean };

/** Nobody has written them down. */
const UNSAID: ReadonlySet<EffectiveValue["origin"]["kind"]> = new Set(["default", "derived"]);

/** Session ids have no ending. */
export function isConfigName(subject: string): boolean {
  return /\.(?:ts|mts|js|mjs|json|ya?ml)$/.test(subject);
}

/** @param named undefined: the config file of the working directory */
export async function explainConfigFile(named: string | undefined, flags: ExplainFlags): Promise<void> {
  const file = named ?? flags.config ?? (await findConfigFile(process.cwd()));
  const all = await explainConfig(file, { settings: flags.set ?? [], flags: flagValues(flags) });
  const values = flags.short === true ? all.filter(({ origin }) => !UNSAID.has(origin.kind)) : all;
  const shown = relative(process.cwd(), file) || file;
  if (flags.json !== true) return printLines((await writeEffective(values, shown)).split("\n"));
  printJson({
    file,
    values: values.map(({ path, value, isSecret, origin: { kind, ...origin } }) => ({
      ...{ path: formatPath(path), value, isSecret },
      from: { kind, ...origin },
    })),
  });
}

function flagValues({ port, host, consolePort, workers }: ExplainFlags): FlagValue[] {
  const all = [
    { flag: "--port", path: ["listen", 0, "port"], value: port },
    { flag: "--host", path: ["listen", 0, "host"], value: host },
    { flag: "--console-port", path: ["console", "port"], value: consolePort },
    { flag: "--workers", path: ["workers"], value: workers },
  ];
  return all.filter(({ value }) => value !== undefined);
}
