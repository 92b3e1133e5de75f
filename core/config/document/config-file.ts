import { access, readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";
import { ConfigError } from "../errors.ts";
import type { GatewayConfig } from "../gateway-config.ts";
import { type ConfigBase, resolveConfig } from "../resolve.ts";
import { parseJsonFile, parseYamlFile } from "./data-formats.ts";
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

export async function loadConfigFile(
  file: string,
  overrides: Omit<ConfigBase, "dir" | "file"> = {},
): Promise<GatewayConfig> {
  return resolveConfig(await readConfigFile(file), {
    dir: dirname(resolve(file)),
    file: resolve(file),
    ...overrides,
  });
}

/** What the file holds, unchecked. TypeScript and JavaScript are run anew at each call. */
export async function readConfigFile(file: string): Promise<unknown> {
  const absolute = resolve(file);
  const text = await readText(absolute);
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

async function readText(file: string): Promise<string> {
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
