import { mkdir, readdir, readFile, readlink, rename, rm, symlink } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { ACTIVE_LINK } from "../config/index.ts";
import { replaceFile, writeSynced } from "../synced-file.ts";
import { SourceError } from "./errors.ts";
import { listFolder, readFiles } from "./source-folder.ts";
import { digestOf, type SourceFiles, type VersionNote } from "./version.ts";

/**
 * Versions on disk, each in a folder that is named after what is in it; `active` is a link to the one that runs.
 *
 *   versions/2d53…/    files    versions/2d53….json    what is known of it    active ─▶ versions/2d53…
 */
export interface VersionStore {
  /** Of all versions that are there. Settles when what an interrupted process has left is cleared away. */
  open(): Promise<readonly VersionNote[]>;
  /**
   * The version that `active` means, or else the one that ran last, if its files are what they were.
   *
   * @param doubt why one is not believed
   * @param onPassedOver told of each that comes before the one that is good
   */
  findGood(
    doubt: (note: VersionNote) => string | undefined,
    onPassedOver: (digest: string, why: string) => void,
  ): Promise<VersionNote | undefined>;
  /** Files that are there and are not what they were are written anew. */
  keep(files: SourceFiles, note: VersionNote): Promise<void>;
  /** Whether its files are what they were. */
  isWhole(digest: string): Promise<boolean>;
  find(digest: string): VersionNote | undefined;
  /** Newest first. */
  list(): readonly VersionNote[];
  /** Whether `active` means it. */
  isActive(digest: string): Promise<boolean>;
  /**
   * In one step: whoever looks sees the one version or the other. Where it rejects nothing has changed.
   *
   * @param turnedAway digest of the one that somebody went back from: it is remembered, and kept
   */
  activate(digest: string, at: number, turnedAway?: string): Promise<void>;
  /** Of one that never ran. */
  drop(digest: string): Promise<void>;
  /** Absolute. */
  folderOf(digest: string): string;
}

export interface VersionStoreOptions {
  /** Absolute. Nobody else writes there. */
  readonly dir: string;
  /** How many that have run are kept. */
  readonly keep: number;
}

const VERSIONS = "versions";
const CHANGED =
  "its files on disk are not what they were when it was fetched: it can run when the source gives it again";

/** All of it rejects with a SourceError (`ERR_SOURCE_STORE`). */
export function createVersionStore({ dir, keep: kept }: VersionStoreOptions): VersionStore {
  const root = join(dir, VERSIONS);
  const notes = new Map<string, VersionNote>();

  async function open(): Promise<readonly VersionNote[]> {
    await mkdir(root, { recursive: true });
    for (const entry of await readdir(root)) {
      if (entry.startsWith(".new-")) await removeIfPossible(join(root, entry));
      if (!entry.endsWith(".json")) continue;
      const note = await readNote(join(root, entry));
      if (note !== undefined && nameOf(note.digest) === entry.slice(0, -".json".length))
        notes.set(note.digest, note);
    }
    return list();
  }

  async function findGood(
    ...[doubt, onPassedOver]: Parameters<VersionStore["findGood"]>
  ): Promise<VersionNote | undefined> {
    const active = await readActive();
    const isActive = ({ digest }: VersionNote) => active === linkTo(digest);
    const ran = list().filter((note) => isActive(note) || note.activatedAt !== undefined);
    ran.sort((a, b) => Number(isActive(b)) - Number(isActive(a)));
    for (const note of ran) {
      const why = doubt(note) ?? ((await isWhole(note.digest)) ? undefined : CHANGED);
      if (why === undefined) return note;
      onPassedOver(note.digest, why);
    }
    return undefined;
  }

  async function isWhole(digest: string): Promise<boolean> {
    const files = await listFolder(folderOf(digest), true)
      .then(readFiles)
      .catch(() => undefined);
    return files !== undefined && digestOf(files) === digest;
  }

  async function keep(files: SourceFiles, note: VersionNote): Promise<void> {
    const before = notes.get(note.digest);
    if (before === undefined || !(await isWhole(note.digest))) await writeFiles(files, folderOf(note.digest));
    const { activatedAt, isTurnedAway } = before ?? {};
    await write({
      ...note,
      ...(activatedAt !== undefined && { activatedAt }),
      ...(isTurnedAway && { isTurnedAway }),
    });
  }

  async function writeFiles(files: SourceFiles, target: string): Promise<void> {
    const fresh = join(root, `.new-${basename(target)}`);
    await rm(fresh, { recursive: true, force: true });
    await mkdir(fresh);
    for (const [path, bytes] of files) {
      await mkdir(dirname(join(fresh, path)), { recursive: true });
      await writeSynced(join(fresh, path), bytes);
    }
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  }

  async function activate(digest: string, at: number, turnedAway?: string): Promise<void> {
    await markTurnedAway(turnedAway);
    const next = join(dir, `.${ACTIVE_LINK}`);
    await rm(next, { force: true });
    await symlink(linkTo(digest), next);
    const before = notes.get(digest) as VersionNote;
    await write({ ...before, activatedAt: at });
    try {
      await rename(next, join(dir, ACTIVE_LINK));
    } catch (error) {
      notes.set(digest, before);
      throw error;
    }
    const old = list().filter(
      (note) => note.activatedAt !== undefined && note.digest !== digest && !note.isTurnedAway,
    );
    // What cannot be removed is in nobody's way.
    for (const note of old.slice(kept - 1)) await drop(note.digest).catch(() => {});
  }

  async function markTurnedAway(digest: string | undefined): Promise<void> {
    for (const { isTurnedAway = false, ...note } of list()) {
      if (isTurnedAway === (note.digest === digest)) continue;
      await write(isTurnedAway ? note : { ...note, isTurnedAway: true });
    }
  }

  /** Where it leads; "": there is none. */
  async function readActive(): Promise<string> {
    return readlink(join(dir, ACTIVE_LINK)).catch(() => "");
  }

  async function drop(digest: string): Promise<void> {
    notes.delete(digest);
    await rm(`${folderOf(digest)}.json`, { force: true });
    await rm(folderOf(digest), { recursive: true, force: true });
  }

  async function write(note: VersionNote): Promise<void> {
    await replaceFile(`${folderOf(note.digest)}.json`, `${JSON.stringify(note, undefined, 2)}\n`);
    notes.set(note.digest, note);
  }

  function list(): VersionNote[] {
    const timeOf = ({ activatedAt, fetchedAt }: VersionNote) => activatedAt ?? fetchedAt;
    return [...notes.values()].sort((a, b) => timeOf(b) - timeOf(a));
  }

  function folderOf(digest: string): string {
    return join(root, nameOf(digest));
  }

  return {
    open: () => onDisk(dir, open),
    findGood,
    keep: (files, note) => onDisk(dir, () => keep(files, note)),
    find: (digest) => notes.get(digest),
    list,
    isWhole,
    isActive: async (digest) => (await readActive()) === linkTo(digest),
    activate: (...version) => onDisk(dir, () => activate(...version)),
    drop: (digest) => onDisk(dir, () => drop(digest)),
    folderOf,
  };
}

/** Without the name of the algorithm: it is the name of a folder. */
function nameOf(digest: string): string {
  return digest.replace(/^sha256:/, "");
}

function linkTo(digest: string): string {
  return join(VERSIONS, nameOf(digest));
}

/** What is left of an interrupted process is in nobody's way. */
async function removeIfPossible(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true }).catch(() => {});
}

/** Undefined: it is none. */
async function readNote(file: string): Promise<VersionNote | undefined> {
  try {
    const note = JSON.parse(await readFile(file, "utf8")) as VersionNote;
    return /^sha256:[0-9a-f]{64}$/.test(note.digest) && Number.isFinite(note.fetchedAt) ? note : undefined;
  } catch {
    return undefined;
  }
}

async function onDisk<T>(dir: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (cause) {
    const message = `versions cannot be kept in ${dir}: ${(cause as Error).message}. \`source.dir\` says where they are`;
    throw new SourceError("ERR_SOURCE_STORE", message, { cause });
  }
}
