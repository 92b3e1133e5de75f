import { basename, extname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Bundle } from "../policies/bundle/bundle.ts";
import { bundlePolicy, bundleSource } from "../policies/bundle/bundler.ts";
import { PoliciesError } from "../policies/error.ts";
import { findOwnPolicies } from "../policies/own-packs.ts";
import { missingFromPack, suggestPolicy } from "../policies/pack/missing-policy.ts";
import { createPackFolder } from "../policies/pack/pack-folder.ts";
import { isOwnPack, parsePolicyName } from "../policies/pack/pack-name.ts";
import { showPath } from "../policies/shown-path.ts";

/** Where policies of packs are looked for unless the caller says so. */
const DEFAULT_FOLDER = "policies";

/**
 * The bundle of what a caller names: a file, or a policy of a pack, which is verified as the gateway verifies it. Throws a
 * PoliciesError.
 *
 * @param folder the policies folder below which packs are installed
 */
export async function bundleNamed(
  policy: string | URL,
  folder: string | URL = DEFAULT_FOLDER,
): Promise<Bundle> {
  const name = String(policy);
  const pack = /\.[cm]?[jt]s$/.test(name) ? undefined : parsePolicyName(name)?.pack;
  if (pack === undefined) return bundleFile(pathOf(policy));
  const dir = pathOf(folder);
  const sources = isOwnPack(pack) ? await findOwnPolicies([name]) : await findInPacks(dir);
  const source = sources.find((each) => each.name === name);
  if (source !== undefined) return bundleSource(source);
  const present = sources.map((each) => each.name);
  const near = suggestPolicy(name, present);
  const missing = near === undefined ? missingFromPack(pack, present) : `did you mean "${near}"?`;
  const where = isOwnPack(pack) ? "" : ` (looked for below ${showPath(dir)})`;
  throw new PoliciesError("ERR_POLICY_FOLDER", `there is no policy "${name}"${where}; ${missing}`);
}

function bundleFile(file: string): Promise<Bundle> {
  return bundlePolicy({ name: basename(file, extname(file)), file });
}

/** Nothing is told of who is trusted; but what the lock names must be what is there. */
async function findInPacks(dir: string) {
  const { sources } = await createPackFolder(dir, { require: "none", keys: {}, frozen: false }).find();
  return sources;
}

function pathOf(file: string | URL): string {
  return String(file).startsWith("file:") ? fileURLToPath(file) : resolve(String(file));
}
