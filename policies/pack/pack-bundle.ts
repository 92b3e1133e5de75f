import { createHash } from "node:crypto";
import type { PolicyExports } from "../../sandbox/contract.ts";
import { parseSourceMap } from "../../sandbox/source-map.ts";
import { isDeeper } from "../../sandbox/wire/shapes.ts";
import type { Bundle } from "../bundle/bundle.ts";
import { PoliciesError } from "../error.ts";
import { canonicalJson } from "./canonical-json.ts";
import { type CapabilityJson, grantsFor } from "./capabilities.ts";
import { decode, type Pack } from "./pack.ts";

/** Of a map: itself, and its lists. */
const MAP_LEVELS = 2;

/** @param files what the bundle was read from: those whose change makes another bundle */
export function bundleOf(
  pack: Pack,
  policy: string,
  granted: CapabilityJson | undefined,
  { file, inputs }: { readonly file: string; readonly inputs: readonly string[] },
): Bundle {
  const { name, version, policies } = pack.manifest;
  const { bundle, sourceMap, hooks, optionsSchema, capabilities } = policies[policy]!;
  const code = decode(pack.files.get(bundle.path)!);
  const map = withPackSources(decode(pack.files.get(sourceMap.path)!), name);
  const grants = grantsFor(name, granted);
  return {
    name: `${name}/${policy}`,
    file,
    // With the grants: other grants are another policy.
    version: createHash("sha256")
      .update(code)
      .update(map)
      .update(canonicalJson(grants))
      .digest("hex")
      .slice(0, 12),
    code,
    sourceMap: map,
    inputs,
    packed: {
      pack: name,
      version,
      ...(pack.signer && { signer: pack.signer.publicKey }),
      declared: { hooks, optionsSchema, capabilities },
      grants,
    },
  };
}

/** Throws a PoliciesError (`ERR_PACK_TAMPERED`) when a bundle exports something else than people were shown. */
export function requireDeclared({ name, packed }: Bundle, exports: PolicyExports): void {
  if (!packed) return;
  const { hooks, optionsSchema, capabilities } = packed.declared;
  const found = { ...exports, hooks: [...exports.hooks].sort() };
  const expected = { hooks: [...hooks].sort(), optionsSchema, capabilities, route: undefined };
  for (const key of ["hooks", "optionsSchema", "capabilities", "route"] as const) {
    if (canonicalJson(found[key] ?? null) === canonicalJson(expected[key] ?? null)) continue;
    const what =
      key === "route" ? "a policy of a pack cannot bring a route" : "its manifest says something else";
    throw new PoliciesError("ERR_PACK_TAMPERED", `${name}: exports \`${key}\`, and ${what}`);
  }
}

/**
 * Traces name the pack, and not where it happens to lie. A map that is none, or too large to be read, is left out: traces
 * name the places in the bundle then.
 */
function withPackSources(sourceMap: string, pack: string): string {
  const { version, sources, sourcesContent, names, mappings } = parseSourceMap(sourceMap);
  if (!Array.isArray(sources)) return "";
  const named = sources.map((source: unknown) => (typeof source === "string" ? `${pack}/${source}` : source));
  const map = { version, sources: named, sourcesContent, names, mappings };
  return isDeeper(map, MAP_LEVELS) ? "" : JSON.stringify(map);
}
