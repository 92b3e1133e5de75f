import { access } from "node:fs/promises";
import { join } from "node:path";
import { isObject } from "../../../policies/is-object.ts";
import { invalidConfig } from "../errors.ts";
import { foreignOptionsOf, type VersionInput, wordVersionOptions } from "../version-options.ts";
import { readConfigFile } from "./config-file.ts";

/** What `framegate push` writes. */
export const VERSION_CONFIG = "framegate.config.json";
/** Data only: a script would run in the gateway itself, with all that it may. */
const FILES = [VERSION_CONFIG, "framegate.config.yaml", "framegate.config.yml"];

/** What the config file of a version says; undefined: it has none. Rejects with a ConfigError. @param dir of the version */
export async function readVersionConfig(dir: string): Promise<VersionInput | undefined> {
  for (const name of FILES) {
    const file = join(dir, name);
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return checkVersionInput(await readConfigFile(file), file);
  }
  return undefined;
}

function checkVersionInput(read: unknown, file: string): VersionInput {
  if (!isObject(read))
    throw invalidConfig(file, [{ path: "", message: "expected an object with routes, upstreams, …" }]);
  const { $schema: _schema, ...input } = read;
  const foreign = foreignOptionsOf(input);
  if (foreign.length === 0) return input;
  throw invalidConfig(
    file,
    foreign.map((path) => ({ path, message: wordVersionOptions() })),
  );
}
