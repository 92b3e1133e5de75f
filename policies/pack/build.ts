import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import type { PolicyExports } from "../../sandbox/contract.ts";
import type { Bundle } from "../bundle/bundle.ts";
import { bundlePolicy } from "../bundle/bundler.ts";
import { messageOf, PoliciesError } from "../error.ts";
import { findPolicies, type PolicySource } from "../folder.ts";
import { isObject } from "../is-object.ts";
import { showPath } from "../shown-path.ts";
import { emitTypes } from "../type-check.ts";
import { sha256 } from "./canonical-json.ts";
import type { CapabilityJson } from "./capabilities.ts";
import {
  filesOf,
  isSafePath,
  MANIFEST_FILE,
  type PackFile,
  type PackManifest,
  type PackPolicy,
  POLICY_API_VERSION,
  parseManifest,
  SIGNATURE_FILE,
  sealManifest,
} from "./manifest.ts";
import { decode } from "./pack.ts";
import { isOwnPack, isPackName } from "./pack-name.ts";
import { isRange, isVersion } from "./version.ts";

/** What package.json says of a pack. */
export interface PackProject {
  /** Absolute, the folder of package.json. */
  readonly dir: string;
  /** Absolute, the folder of the policies. */
  readonly policiesDir: string;
  readonly name: string;
  readonly version: string;
  readonly api: string;
}

export interface BuiltPack {
  readonly manifest: PackManifest;
  /** By path below the project's folder. */
  readonly files: ReadonlyMap<string, string>;
}

/** Loads a bundle in a sandbox and says what it exports. */
export type Probe = (bundle: Bundle) => Promise<PolicyExports>;

/** Largest bundle of one policy. */
export const MAX_BUNDLE_BYTES = 4 * 1024 * 1024;

const OUTPUT = "dist";

/** Throws a PoliciesError (`ERR_PACK_FORMAT`) that says what package.json lacks. */
export async function readProject(dir: string): Promise<PackProject> {
  const file = join(resolve(dir), "package.json");
  const { name, version, framegate = {} } = await readPackageJson(file);
  const { policies = "policies", api = `^${POLICY_API_VERSION}` } = framegate;
  if (typeof name !== "string" || !isPackName(name) || isOwnPack(name)) {
    throw misfit(file, "name", 'a scoped name such as "@acme/guard"', name);
  }
  if (typeof version !== "string" || !isVersion(version)) {
    throw misfit(file, "version", 'a version such as "1.0.0"', version);
  }
  if (typeof api !== "string" || !isRange(api)) {
    throw misfit(file, "framegate.api", 'a range such as "^1.0.0"', api);
  }
  if (typeof policies !== "string")
    throw misfit(file, "framegate.policies", "the path of a folder", policies);
  return { dir: resolve(dir), policiesDir: resolve(dir, policies), name, version, api };
}

/** Builds all of it in memory. The same sources make the same bytes. Throws a PoliciesError at the first problem. */
export async function buildPack(project: PackProject, probe: Probe): Promise<BuiltPack> {
  const sources = await findPolicies(project.policiesDir);
  if (sources.length === 0) {
    const message = `${showPath(project.policiesDir)} has no policy: a pack is made of the policies of that folder`;
    throw new PoliciesError("ERR_PACK_FORMAT", message);
  }
  const types = await emitTypes(project.policiesDir, sources);
  const files = new Map<string, string>();
  const policies: Record<string, PackPolicy> = {};
  for (const source of sources) {
    policies[source.name] = await buildPolicy(source, { project, probe, types, files });
  }
  const { name, version, api } = project;
  const manifest = sealManifest({ name, version, api, policies });
  const text = `${JSON.stringify(manifest, undefined, 2)}\n`;
  parseManifest(text, MANIFEST_FILE);
  files.set(MANIFEST_FILE, text);
  return { manifest, files };
}

/** Files of the build before that this one has not are removed, and so is a signature of something else. */
export async function writePack({ dir }: PackProject, { manifest, files }: BuiltPack): Promise<void> {
  const before = await readBuilt(dir);
  for (const { path } of before ? filesOf(before) : []) {
    if (!files.has(path)) await rm(join(dir, path), { force: true });
  }
  if (before?.digest !== manifest.digest) await rm(join(dir, SIGNATURE_FILE), { force: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), text);
  }
}

/** The manifest of the last build; undefined when there is none that can be read. */
export async function readBuilt(dir: string): Promise<PackManifest | undefined> {
  try {
    return parseManifest(decode(await readFile(join(dir, MANIFEST_FILE))), MANIFEST_FILE);
  } catch {
    return undefined;
  }
}

interface Building {
  readonly project: PackProject;
  readonly probe: Probe;
  /** Declarations by the name of the policy. */
  readonly types: ReadonlyMap<string, string>;
  /** Of the pack, by path: to be added to. */
  readonly files: Map<string, string>;
}

async function buildPolicy(
  source: PolicySource,
  { project, probe, types, files }: Building,
): Promise<PackPolicy> {
  const bundle = await bundlePolicy(source);
  const where = showPath(source.file);
  if (Buffer.byteLength(bundle.code) > MAX_BUNDLE_BYTES) {
    const message = `${where}: its bundle has ${Buffer.byteLength(bundle.code)} bytes, expected at most ${MAX_BUNDLE_BYTES}: import less`;
    throw new PoliciesError("ERR_PACK_FORMAT", message);
  }
  const { hooks, optionsSchema, capabilities, route } = await probe(bundle);
  if (route !== undefined) {
    const message = `${where}: exports a route: the routes of a gateway are the business of who runs it, not of a pack`;
    throw new PoliciesError("ERR_PACK_FORMAT", message);
  }
  if (hooks.length === 0) {
    const message = `${where}: exports none of the hooks upgrade, client, server and close. If it is a file that policies import, let its name begin with _`;
    throw new PoliciesError("ERR_POLICY_EXPORTS", message);
  }
  if (capabilities !== undefined && !isObject(capabilities)) {
    const message = `${where}: expected the export \`capabilities\` to be an object such as { kv: true }`;
    throw new PoliciesError("ERR_PACK_FORMAT", message);
  }
  const add = (ending: string, text: string): PackFile => {
    const path = `${OUTPUT}/${source.name}${ending}`;
    files.set(path, text);
    return { path, sha256: sha256(text) };
  };
  const declarations = types.get(source.name);
  return {
    bundle: add(".js", bundle.code),
    sourceMap: add(".js.map", withPackSources(bundle.sourceMap, project.dir)),
    ...(declarations !== undefined && { types: add(".d.ts", declarations) }),
    hooks: [...hooks].sort(),
    ...(optionsSchema !== undefined && { optionsSchema }),
    ...(capabilities !== undefined && { capabilities: capabilities as CapabilityJson }),
  };
}

/** Where the sources lie on this machine is nobody's business, and would make another file on the next one. */
function withPackSources(sourceMap: string, dir: string): string {
  const map = JSON.parse(sourceMap) as { sources: readonly string[] };
  return JSON.stringify({ ...map, sources: map.sources.map((source) => nameSource(source, dir)) });
}

function nameSource(source: string, dir: string): string {
  const below = relative(dir, source).split(sep).join("/");
  const packages = below.lastIndexOf("node_modules/");
  if (packages !== -1) return below.slice(packages);
  return isSafePath(below) ? below : basename(source);
}

interface PackageJson {
  readonly name?: unknown;
  readonly version?: unknown;
  readonly framegate?: { readonly policies?: unknown; readonly api?: unknown };
}

async function readPackageJson(file: string): Promise<PackageJson> {
  try {
    return JSON.parse(await readFile(file, "utf8")) as PackageJson;
  } catch (cause) {
    const message = `${showPath(file)} cannot be read: ${messageOf(cause)}. \`framegate pack init\` makes a pack to start from`;
    throw new PoliciesError("ERR_PACK_FORMAT", message, { cause });
  }
}

function misfit(file: string, option: string, expected: string, found: unknown): PoliciesError {
  const got = found === undefined ? "it is missing" : `got ${JSON.stringify(found)}`;
  return new PoliciesError(
    "ERR_PACK_FORMAT",
    `${showPath(file)}: expected \`${option}\` to be ${expected}, ${got}`,
  );
}
