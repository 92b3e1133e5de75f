import { access } from "node:fs/promises";
import { extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { PolicySource } from "./folder.ts";
import { parsePolicyName, STANDARD_PACK } from "./pack/pack-name.ts";

const standard = fileURLToPath(new URL("standard/", import.meta.url));

/** Those of the names that are policies of the gateway's own pack: `@framegate/standard/jwt`. */
export async function findStandardPolicies(
  names: Iterable<string>,
  dir: string = standard,
): Promise<PolicySource[]> {
  const sources = await Promise.all([...new Set(names)].sort().map((name) => findOne(name, dir)));
  return sources.filter((source) => source !== undefined);
}

async function findOne(name: string, dir: string): Promise<PolicySource | undefined> {
  const parsed = parsePolicyName(name);
  if (parsed?.pack !== STANDARD_PACK || !/^[a-z0-9-]+$/.test(parsed.policy)) return undefined;
  // `.ts` in a checkout, `.js` in the published package.
  const file = join(dir, `${parsed.policy}${extname(import.meta.url)}`);
  return access(file).then(
    () => ({ name, file }),
    () => undefined,
  );
}
