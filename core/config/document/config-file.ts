import { access, readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { ConfigError, invalidConfig } from "../errors.ts";
import type { GatewayConfig } from "../gateway-config.ts";
import { findEndlessNesting } from "../nesting.ts";
import { type ConfigBase, resolveConfig } from "../resolve.ts";
import { applySettings } from "../values/settings.ts";
import { type FilledValue, fillVariables } from "../values/variables.ts";
import { parseJsonFile, parseYamlFile } from "./data-formats.ts";
import { formatPath } from "./issues.ts";
import { openPlaces } from "./places.ts";
import { runScript } from "./script.ts";

const fileNames = ["ts", "mts", "js", "mjs", "json", "yaml", "yml"].map(
  (ending) => `framegate.config.${ending}`,
);

/** The config file of a folder; rejects with a ConfigError when there is none or more than one. */
export async function findConfigFile(dir: string): Promise<string> {
  const found = await filesIn(dir);
  const [only, ...others] = found;
  if (only !== undefined && others.length === 0) return join(resolve(dir), only);
  if (only === undefined) {
    throw new ConfigError(
      "ERR_CONFIG_NOT_FOUND",
      `No config file in ${resolve(dir)}: looked for ${fileNames.join(", ")}.\n` +
        "Make one with `framegate init`, name one with --config FILE, or do without: --upstream URL --policies DIR.",
    );
  }
  throw new ConfigError(
    "ERR_CONFIG_AMBIGUOUS",
    `${resolve(dir)} has ${found.length} config files: ${found.join(" and ")}. Keep one, or name one with --config FILE.`,
  );
}

export type ConfigFileOptions = Omit<ConfigBase, "dir" | "file" | "written">;

export async function loadConfigFile(file: string, options: ConfigFileOptions = {}): Promise<GatewayConfig> {
  const { input, written } = await readConfigDocument(file, options.settings);
  return resolveConfig(input, { dir: dirname(resolve(file)), file: resolve(file), written, ...options });
}

/** What a config file says, unchecked. */
export interface ConfigDocument {
  readonly input: unknown;
  /** The same without the values of variables: as it stands in the file. */
  readonly written: unknown;
  /** What variables made of a YAML or JSON file. */
  readonly filled: readonly FilledValue[];
}

/** Of a YAML or JSON file with the environment's variables. TypeScript and JavaScript are run anew at each call. */
export async function readConfigDocument(
  file: string,
  settings: readonly string[] = [],
): Promise<ConfigDocument> {
  const { input, written, filled } = await readFilled(resolve(file));
  return { input: applySettings(input, settings), written: applySettings(written, settings), filled };
}

async function readFilled(file: string): Promise<ConfigDocument> {
  const written = await readConfigFile(file);
  const isData = /\.(?:json|ya?ml)$/.test(file);
  if (!isData || findEndlessNesting(written).length > 0) return { input: written, written, filled: [] };
  const { input, values, problems } = fillVariables(written, process.env);
  if (problems.length === 0) return { input, written, filled: values };
  const lineOf = await openPlaces(await readConfigText(file));
  const found = problems.map(({ path, message }) => ({
    path: `${formatPath(path)} (line ${lineOf(path)})`,
    message,
  }));
  throw invalidConfig(file, found);
}

/** What the file holds, as it is written there. */
export async function readConfigFile(file: string): Promise<unknown> {
  const absolute = resolve(file);
  const text = await readConfigText(absolute);
  switch (extname(absolute)) {
    case ".ts":
    case ".mts":
    case ".js":
    case ".mjs":
      return runScript(absolute);
    case ".json":
      return parseJsonFile(absolute, text);
    case ".yaml":
    case ".yml":
      return parseYamlFile(absolute, text);
    default:
      throw new ConfigError(
        "ERR_CONFIG_UNREADABLE",
        `Expected a config file that ends in .ts, .mts, .js, .mjs, .json, .yaml or .yml, got ${absolute}.`,
      );
  }
}

async function filesIn(dir: string): Promise<string[]> {
  const isThere = await Promise.all(
    fileNames.map((name) =>
      access(join(dir, name)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return fileNames.filter((_, index) => isThere[index]);
}

export async function readConfigText(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (cause) {
    const isMissing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    if (isMissing) {
      const message = `There is no config file ${file}. Check --config, or make one with \`framegate init\`.`;
      throw new ConfigError("ERR_CONFIG_NOT_FOUND", message, { cause });
    }
    throw new ConfigError("ERR_CONFIG_UNREADABLE", `Cannot read ${file}: ${(cause as Error).message}`, {
      cause,
    });
  }
}
