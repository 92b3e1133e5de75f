import { access } from "node:fs/promises";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { PolicySource } from "./folder.ts";
import { parsePolicyName, STANDARD_PACK } from "./pack/pack-name.ts";

/** Those of the names that are policies of the gateway's own pack: `@framegate/standard/jwt`. */
export async function findStandardPolicies(names: Iterable<string>): Promise<PolicySource[]> {
  const sources = await Promise.all([...new Set(names)].sort().map(findOne));
  return sources.filter((source) => source !== undefined);
}

async function findOne(name: string): Promise<PolicySource | undefined> {
  const parsed = parsePolicyName(name);
  if (parsed?.pack !== STANDARD_PACK || !/^[a-z0-9-]+$/.test(parsed.policy)) return undefined;
  // `.ts` in a checkout, `.js` in the published package.
  const file = fileURLToPath(
    new URL(`standard/${parsed.policy}${extname(import.meta.url)}`, import.meta.url),
  );
  return access(file).then(
    () => ({ name, file }),
    () => undefined,
  );
}
