import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ConfigInput } from "../../core/index.ts";

/** A config and a folder of policies, as an operator has them. */
export interface GatewayFolder {
  readonly path: string;
  /** Saves a policy as an editor does: a file that is renamed over the one before. */
  save(name: string, source: string): Promise<void>;
  remove(): Promise<void>;
}

/** @param policies their sources by name */
export async function makeGatewayFolder(
  policies: Readonly<Record<string, string>>,
  config: Omit<ConfigInput, "policies">,
): Promise<GatewayFolder> {
  const path = await mkdtemp(join(tmpdir(), "framegate-bench-"));
  const whole: ConfigInput = { console: false, drain: { timeout: "2s" }, ...config };
  const save = async (name: string, source: string): Promise<void> => {
    await writeFile(join(path, "new"), source);
    await rename(join(path, "new"), join(path, "policies", `${name}.ts`));
  };
  await mkdir(join(path, "policies"));
  await writeFile(join(path, "framegate.config.json"), JSON.stringify(whole));
  for (const [name, source] of Object.entries(policies)) await save(name, source);
  return { path, save, remove: () => rm(path, { recursive: true, force: true }) };
}
