import { cp, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutionContext } from "ava";
import { loadConfigFile } from "../../core/index.ts";
import { makeFolder } from "../config/folder.ts";
import { startConfigured } from "./gateways/configured-gateway.ts";

export interface SampleOptions {
  /** Stands in for the upstream of every route, as `--echo` does. */
  readonly upstreamOverride?: string;
  /** Texts of the config and the policies, such as the address of a server, and what stands for them here. */
  readonly replace?: Readonly<Record<string, string>>;
  /** Puts what the sample's README has one make beside the config. */
  prepare?(dir: string): Promise<void>;
}

/** A copy of a folder of `samples/`, running. @returns the ports of its listeners */
export async function startSample(
  t: ExecutionContext,
  name: string,
  { upstreamOverride, replace = {}, prepare }: SampleOptions,
): Promise<readonly number[]> {
  const dir = join(await makeFolder(t), "sample");
  await cp(fileURLToPath(new URL(`../../samples/${name}`, import.meta.url)), dir, { recursive: true });
  await prepare?.(dir);
  for (const file of await readdir(dir, { recursive: true })) {
    if (file.endsWith(".ts")) await rewrite(join(dir, file), replace);
  }
  const overrides = upstreamOverride === undefined ? {} : { upstreamOverride };
  return startConfigured(t, await loadConfigFile(join(dir, "framegate.config.ts"), overrides));
}

async function rewrite(file: string, replace: Readonly<Record<string, string>>): Promise<void> {
  let text = await readFile(file, "utf8");
  for (const [from, to] of Object.entries(replace)) text = text.replaceAll(from, to);
  await writeFile(file, text);
}
