import { access } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PolicySource } from "./folder.ts";
import { isOwnPack, parsePolicyName } from "./pack/pack-name.ts";

const own = fileURLToPath(new URL(".", import.meta.url));

/**
 * Those of the names that are policies of the gateway's own packs: `@framegate/standard/jwt`.
 *
 * @param dir holds a folder for each of these packs, by its name without the scope
 */
export async function findOwnPolicies(names: Iterable<string>, dir: string = own): Promise<PolicySource[]> {
  const sources = await Promise.all([...new Set(names)].sort().map((name) => findOne(name, dir)));
  return sources.filter((source) => source !== undefined);
}

async function findOne(name: string, dir: string): Promise<PolicySource | undefined> {
  const parsed = parsePolicyName(name);
  if (parsed === undefined || !isOwnPack(parsed.pack) || !/^[a-z0-9-]+$/.test(parsed.policy))
    return undefined;
  const folder = parsed.pack.slice(parsed.pack.indexOf("/") + 1);
  // `.ts` in a checkout, `.js` in the published package.
  const file = join(dir, folder, `${parsed.policy}${extname(import.meta.url)}`);
  return access(file).then(
    () => ({ name, file }),
    () => undefined,
  );
}
