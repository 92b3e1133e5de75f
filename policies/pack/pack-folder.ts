import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Bundle } from "../bundle/bundle.ts";
import { messageOf, PoliciesError } from "../error.ts";
import type { PolicySource } from "../folder.ts";
import { readStamps } from "../reload/stamps.ts";
import { showPath } from "../shown-path.ts";
import { readArchive } from "./archive.ts";
import { integrityOf } from "./canonical-json.ts";
import { ofPolicy } from "./capabilities.ts";
import { EMPTY_LOCK, lockFileOf, type PackLock, readLock } from "./lock.ts";
import { MANIFEST_FILE, SIGNATURE_FILE } from "./manifest.ts";
import { openPack, type Pack, readInstalled } from "./pack.ts";
import { bundleOf } from "./pack-bundle.ts";
import { isPackName } from "./pack-name.ts";
import { type PackOrigin, type PackRules, requireGranted, requireTrust } from "./trust.ts";
import { compareVersions } from "./version.ts";

/** Where `framegate add` unpacks, below the policies folder. */
export const INSTALLED_FOLDER = ".packs";

/** In that folder: what an editor knows of the policies. */
export const TYPES_FILE = "framegate-packs.d.ts";

export interface PackFolder {
  /** Files outside of the policies folder that packs depend on. */
  readonly follow: readonly string[];
  /** What lies there now. A pack that cannot be read has the policies that it had before: their build says why. */
  find(): Promise<FoundPacks>;
}

export interface FoundPacks {
  readonly sources: readonly PolicySource[];
  /** Of archives that never had a policy, and of the lock. */
  readonly problems: readonly PoliciesError[];
}

/** A place where a pack lies, opened or not. */
interface Place {
  /** The archive, or the folder. */
  readonly path: string;
  readonly origin: PackOrigin | undefined;
  readonly result: { readonly pack: Pack } | { readonly error: PoliciesError };
  /** The pack's name and its policies, as far as they are known. */
  readonly name: string | undefined;
  readonly policies: readonly string[];
}

/** The packs of a policies folder: those that `framegate add` installed, and archives that somebody put there. */
export function createPackFolder(policiesDir: string, rules: PackRules): PackFolder {
  const lockFile = lockFileOf(policiesDir);
  const places = new Map<string, Place & { readonly stamp: string }>();

  async function find(): Promise<FoundPacks> {
    const problems: PoliciesError[] = [];
    const lock = await readLock(lockFile).catch((error: PoliciesError) => {
      problems.push(error);
      return undefined;
    });
    const found = [...(await findInstalled(lock ?? EMPTY_LOCK)), ...(await findArchives())];
    for (const path of [...places.keys()])
      if (!found.some((place) => place.path === path)) places.delete(path);
    for (const { name, result } of found)
      if (name === undefined && "error" in result) problems.push(result.error);
    const sources = choosePlaces(found, lock ?? EMPTY_LOCK).flatMap((place) =>
      sourcesOf(place, rules, lockFile),
    );
    return { sources, problems };
  }

  async function findInstalled(lock: PackLock): Promise<Place[]> {
    const names = await listInstalled(policiesDir);
    const locked = Object.keys(lock.packs);
    return Promise.all(
      [...new Set([...names, ...locked])].map(async (name): Promise<Place> => {
        const path = join(policiesDir, INSTALLED_FOLDER, name);
        const policies = new Set(lock.packs[name]?.policies ?? places.get(path)?.policies);
        const origin = { kind: "installed" } as const;
        const result = await attempt(path, async () => openPack(await readInstalled(path), showPath(path)));
        if ("pack" in result)
          for (const policy of Object.keys(result.pack.manifest.policies)) policies.add(policy);
        const place = { path, origin, name, policies: [...policies], result };
        places.set(path, { ...place, stamp: "" });
        return place;
      }),
    );
  }

  async function findArchives(): Promise<Place[]> {
    const entries = await readdir(policiesDir).catch(() => []);
    const archives = entries.filter((entry) => /^[^._].*\.tgz$/.test(entry)).sort();
    const found: Place[] = [];
    for (const entry of archives) found.push(await openArchive(join(policiesDir, entry)));
    return found;
  }

  async function openArchive(path: string): Promise<Place> {
    const stamp = (await readStamps([path])).get(path)!;
    const before = places.get(path);
    if (before?.stamp === stamp) return before;
    let origin: PackOrigin | undefined;
    const result = await attempt(path, async () => {
      const bytes = await readFile(path);
      origin = { kind: "dropped", integrity: integrityOf(bytes) };
      return openPack(await readArchive(bytes, showPath(path)), showPath(path));
    });
    const known =
      "pack" in result
        ? { name: result.pack.manifest.name, policies: Object.keys(result.pack.manifest.policies) }
        : { name: before?.name, policies: before?.policies ?? [] };
    const place = { path, origin, result, ...known };
    places.set(path, { ...place, stamp });
    return place;
  }

  return { follow: [lockFile], find };
}

/** Names of the packs that are unpacked below a policies folder. */
export async function listInstalled(policiesDir: string): Promise<string[]> {
  const root = join(policiesDir, INSTALLED_FOLDER);
  const names: string[] = [];
  for (const scope of await readdir(root).catch(() => [])) {
    for (const base of await readdir(join(root, scope)).catch(() => [])) names.push(`${scope}/${base}`);
  }
  return names.filter(isPackName).sort();
}

async function attempt(path: string, open: () => Promise<Pack>): Promise<Place["result"]> {
  try {
    return { pack: await open() };
  } catch (cause) {
    if (cause instanceof PoliciesError) return { error: cause };
    const message = `${showPath(path)} cannot be read: ${messageOf(cause)}`;
    return { error: new PoliciesError("ERR_PACK_FORMAT", message, { cause }) };
  }
}

/** One place a pack. The one that the lock means, if there is one; else what is installed; else the newest archive. */
function choosePlaces(found: readonly Place[], lock: PackLock): Place[] {
  const byName = new Map<string, Place[]>();
  for (const place of found) {
    if (place.name !== undefined) byName.set(place.name, [...(byName.get(place.name) ?? []), place]);
  }
  return [...byName].map(([name, rivals]) => {
    const locked = lock.packs[name];
    const isMeant = ({ origin, result }: Place) =>
      "pack" in result &&
      result.pack.manifest.digest === locked?.digest &&
      (origin?.kind === "installed" || origin?.integrity === locked?.integrity);
    const isInstalled = ({ origin }: Place) => origin?.kind === "installed";
    const present = rivals.filter((place) => !isInstalled(place) || !isMissing(place));
    const newest = present
      .filter((place) => "pack" in place.result)
      .sort(byVersion)
      .at(-1);
    return rivals.find(isMeant) ?? present.find(isInstalled) ?? newest ?? present[0] ?? rivals[0]!;
  });
}

function isMissing({ result }: Place): boolean {
  return "error" in result && result.error.code === "ERR_PACK_FORMAT";
}

function byVersion(a: Place, b: Place): number {
  const versionOf = ({ result }: Place) => ("pack" in result ? result.pack.manifest.version : "0.0.0");
  return compareVersions(versionOf(a), versionOf(b));
}

function sourcesOf(place: Place, rules: PackRules, lockFile: string): PolicySource[] {
  return place.policies.map((policy) => {
    const { file, inputs } = filesOfPolicy(place, policy);
    const follow = [lockFile, ...inputs];
    return {
      name: `${place.name}/${policy}`,
      file,
      bundle: () => bundlePlace(place, policy, { file, inputs: follow, rules, lockFile }),
    };
  });
}

function filesOfPolicy({ path, origin, result }: Place, policy: string): { file: string; inputs: string[] } {
  if (origin?.kind !== "installed") return { file: path, inputs: [path] };
  const manifests = [join(path, MANIFEST_FILE), join(path, SIGNATURE_FILE)];
  const parts = "pack" in result ? result.pack.manifest.policies[policy] : undefined;
  if (!parts) return { file: manifests[0]!, inputs: manifests };
  const file = join(path, parts.bundle.path);
  return { file, inputs: [file, join(path, parts.sourceMap.path), ...manifests] };
}

interface BundleOptions {
  readonly file: string;
  readonly inputs: readonly string[];
  readonly rules: PackRules;
  readonly lockFile: string;
}

/** Reads all of it anew: between the look and the build something may have changed. */
async function bundlePlace(place: Place, policy: string, options: BundleOptions): Promise<Bundle> {
  const { file, inputs, rules, lockFile } = options;
  try {
    const locked = (await readLock(lockFile)).packs[place.name!];
    const { pack, origin } = await openAgain(place);
    requireTrust(pack, locked, origin, rules);
    if (!Object.hasOwn(pack.manifest.policies, policy)) {
      const what = `${place.name} ${pack.manifest.version} has no policy "${policy}"`;
      throw new PoliciesError("ERR_PACK_FORMAT", what);
    }
    const granted = ofPolicy(locked?.granted, policy);
    requireGranted(pack, policy, granted);
    return bundleOf(pack, policy, granted, { file, inputs });
  } catch (error) {
    const { code, message, cause } = error as PoliciesError;
    if (!(error instanceof PoliciesError)) throw error;
    throw new PoliciesError(code, message, { cause, inputs });
  }
}

async function openAgain({ path, origin, result }: Place): Promise<{ pack: Pack; origin: PackOrigin }> {
  if (origin?.kind === "installed")
    return { pack: openPack(await readInstalled(path), showPath(path)), origin };
  if ("error" in result) throw result.error;
  return { pack: result.pack, origin: origin! };
}
