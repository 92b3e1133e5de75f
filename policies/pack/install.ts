import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { messageOf, PoliciesError } from "../error.ts";
import { showPath } from "../shown-path.ts";
import { readArchive } from "./archive.ts";
import { integrityOf } from "./canonical-json.ts";
import { ofPolicy, type PackCapabilities } from "./capabilities.ts";
import { writeEditorTypes } from "./editor-types.ts";
import type { FetchedPack } from "./fetch/fetch.ts";
import { type LockedPack, lockFileOf, type PackLock, prepareLock, readLock } from "./lock.ts";
import { capabilitiesOf, filesOf, MANIFEST_FILE, SIGNATURE_FILE } from "./manifest.ts";
import { openPack, type Pack, readInstalled } from "./pack.ts";
import { INSTALLED_FOLDER, listInstalled } from "./pack-folder.ts";
import { type PackRules, requireGranted, requireTrust } from "./trust.ts";

/** A pack that has been looked at and can be installed. */
export interface PackCandidate {
  readonly pack: Pack;
  readonly integrity: string;
  readonly source: string;
}

/** Throws a PoliciesError (`ERR_PACK_…`) for what is no pack, or not the one that was built. */
export async function openCandidate({ bytes, source }: FetchedPack): Promise<PackCandidate> {
  const pack = openPack(await readArchive(bytes, source), source);
  return { pack, integrity: integrityOf(bytes), source };
}

/**
 * Unpack it and write it into the lock: to be called when that was agreed to. Editors are told of its options.
 *
 * @param granted what it may do: all that it asks for, unless less was agreed to
 */
export async function installPack(
  policiesDir: string,
  { pack, integrity, source }: PackCandidate,
  granted: PackCapabilities = capabilitiesOf(pack.manifest),
): Promise<void> {
  const { name, version, digest, policies } = pack.manifest;
  const root = join(policiesDir, INSTALLED_FOLDER);
  const fresh = join(root, `.new-${process.pid}`);
  try {
    await unpack(pack, fresh);
    await changeLock(
      policiesDir,
      (packs) => ({
        ...packs,
        [name]: {
          version,
          integrity,
          source,
          digest,
          ...(pack.signer && { signer: pack.signer.publicKey }),
          policies: Object.keys(policies),
          granted,
        },
      }),
      () => replaceFolder(join(root, name), fresh, root),
    );
  } catch (error) {
    await rm(fresh, { recursive: true, force: true });
    throw "syscall" in (error as object) ? notWritten(`${name} ${version}`, root, error) : error;
  }
  await writeEditorTypes(policiesDir);
}

export async function removePack(policiesDir: string, name: string): Promise<void> {
  const root = join(policiesDir, INSTALLED_FOLDER);
  await changeLock(
    policiesDir,
    ({ [name]: _removed, ...others }) => others,
    () => replaceFolder(join(root, name), undefined, root),
  );
  await writeEditorTypes(policiesDir);
}

/** What is wrong with what is installed, one sentence each. */
export async function verifyInstalled(policiesDir: string, rules: PackRules): Promise<string[]> {
  const { packs } = await readLock(lockFileOf(policiesDir));
  const names = new Set([...Object.keys(packs), ...(await listInstalled(policiesDir))]);
  const problems: string[] = [];
  for (const name of [...names].sort()) {
    try {
      const dir = join(policiesDir, INSTALLED_FOLDER, name);
      const pack = openPack(await readInstalled(dir), dir);
      requireTrust(pack, packs[name], { kind: "installed" }, { ...rules, frozen: true });
      for (const policy of Object.keys(pack.manifest.policies)) {
        requireGranted(pack, policy, ofPolicy(packs[name]?.granted, policy));
      }
    } catch (error) {
      problems.push((error as Error).message);
    }
  }
  return problems;
}

/** What the manifest names, and nothing else of the archive. */
async function unpack({ manifest, files }: Pack, dir: string): Promise<void> {
  await rm(dir, { recursive: true, force: true });
  const wanted = [MANIFEST_FILE, SIGNATURE_FILE, "README.md", ...filesOf(manifest).map(({ path }) => path)];
  for (const path of wanted) {
    const bytes = files.get(path);
    if (!bytes) continue;
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
  }
}

interface Replacement {
  /** Removes the old folder. */
  cleanUp(): Promise<void>;
  undo(): Promise<void>;
}

/** Folder and lock together, so that a gateway that looks on sees both old or, a moment later, both new. */
async function changeLock(
  policiesDir: string,
  change: (packs: Readonly<Record<string, LockedPack>>) => PackLock["packs"],
  act: () => Promise<Replacement>,
): Promise<void> {
  const file = lockFileOf(policiesDir);
  const lock = await readLock(file);
  // What needs room on the disk comes first; the rest are renames.
  const next = await prepareLock(file, { ...lock, packs: change(lock.packs) });
  try {
    const { cleanUp, undo } = await act();
    await next.commit().catch(async (error: unknown) => {
      await undo();
      throw error;
    });
    await cleanUp();
  } finally {
    await next.discard();
  }
}

async function replaceFolder(dir: string, fresh: string | undefined, root: string): Promise<Replacement> {
  const old = join(root, `.old-${process.pid}`);
  await mkdir(dirname(dir), { recursive: true });
  await rm(old, { recursive: true, force: true });
  await moveIfThere(dir, old);
  const undo = async () => {
    await rm(dir, { recursive: true, force: true });
    await moveIfThere(old, dir);
  };
  if (fresh !== undefined) {
    await rename(fresh, dir).catch(async (error: unknown) => {
      await undo();
      throw error;
    });
  }
  return { cleanUp: () => rm(old, { recursive: true, force: true }), undo };
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
  });
}

function notWritten(pack: string, root: string, cause: unknown): PoliciesError {
  const message = `${pack} could not be written to ${showPath(root)}: ${messageOf(cause)}. Everything is as it was: mend that, and try again`;
  return new PoliciesError("ERR_PACK_WRITE", message, { cause });
}
