import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { isDeeper } from "../../sandbox/wire/shapes.ts";
import { messageOf, PoliciesError } from "../error.ts";
import { isObject } from "../is-object.ts";
import { showPath } from "../shown-path.ts";
import type { PackCapabilities } from "./capabilities.ts";
import { MAX_LEVELS } from "./manifest.ts";
import { isPackName, isPolicyName } from "./pack-name.ts";
import { isVersion } from "./version.ts";

/** The file `policies.lock.json`: which packs were agreed to, each to the byte, and what they may do. */
export interface PackLock {
  readonly lockVersion: 1;
  readonly packs: Readonly<Record<string, LockedPack>>;
}

export interface LockedPack {
  readonly version: string;
  /** SHA-512 of the archive, as package managers write it. */
  readonly integrity: string;
  /** What was asked for: a name with its range, a git URL; of a file or folder `file:` and its way from the lock. */
  readonly source: string;
  /** Of the manifest: stands for every file that was installed. */
  readonly digest: string;
  /** `ed25519:` and base64; absent: not signed. */
  readonly signer?: string;
  readonly policies: readonly string[];
  readonly granted: PackCapabilities;
}

export const EMPTY_LOCK: PackLock = { lockVersion: 1, packs: {} };

/** Beside the policies folder. */
export function lockFileOf(policiesDir: string): string {
  return join(dirname(policiesDir), "policies.lock.json");
}

/** An empty one where there is no file. Throws a PoliciesError (`ERR_PACK_LOCK`). */
export async function readLock(file: string): Promise<PackLock> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return EMPTY_LOCK;
    throw brokenLock(file, messageOf(cause), cause);
  }
  return parseLock(text, file);
}

/** @param file where it was found, for messages. Throws a PoliciesError (`ERR_PACK_LOCK`). */
export function parseLock(text: string, file: string): PackLock {
  try {
    return checkLock(JSON.parse(text));
  } catch (cause) {
    throw brokenLock(file, messageOf(cause), cause);
  }
}

export interface PreparedLock {
  /** In one step: a reader sees the one lock or the other. */
  commit(): Promise<void>;
  discard(): Promise<void>;
}

/** All of it that needs room on the disk. */
export async function prepareLock(file: string, lock: PackLock): Promise<PreparedLock> {
  const packs = Object.fromEntries(Object.entries(lock.packs).sort(([a], [b]) => (a < b ? -1 : 1)));
  const temporary = `${file}.${process.pid}.tmp`;
  const discard = () => rm(temporary, { force: true });
  try {
    await writeFile(temporary, `${JSON.stringify({ ...lock, packs }, undefined, 2)}\n`);
  } catch (error) {
    await discard();
    throw error;
  }
  return { commit: () => rename(temporary, file), discard };
}

function checkLock(value: unknown): PackLock {
  if (!isObject(value) || value.lockVersion !== 1 || !isObject(value.packs)) {
    throw new Error("expected { lockVersion: 1, packs: { … } }");
  }
  if (isDeeper(value, MAX_LEVELS)) throw new Error(`it nests more than ${MAX_LEVELS} levels deep`);
  for (const [name, pack] of Object.entries(value.packs)) {
    const problem = findProblem(name, pack);
    if (problem !== undefined) throw new Error(`packs["${name}"]: ${problem}`);
  }
  return value as unknown as PackLock;
}

function findProblem(name: string, pack: unknown): string | undefined {
  if (!isPackName(name)) return 'expected a name such as "@acme/guard"';
  if (!isObject(pack)) return "expected an object";
  const { version, integrity, source, digest, signer, policies, granted } = pack;
  if (typeof version !== "string" || !isVersion(version)) return "expected `version` to be one";
  if (typeof integrity !== "string" || !integrity.startsWith("sha512-"))
    return "expected `integrity` to be sha512-…";
  if (typeof source !== "string") return "expected `source` to be a string";
  if (typeof digest !== "string" || !/^[0-9a-f]{64}$/.test(digest))
    return "expected `digest` to be a SHA-256";
  if (signer !== undefined && typeof signer !== "string") return "expected `signer` to be a public key";
  if (!Array.isArray(policies) || !policies.every((each) => typeof each === "string" && isPolicyName(each))) {
    return "expected `policies` to be a list of names";
  }
  if (!isObject(granted) || !Object.values(granted).every(isObject)) {
    return "expected `granted` to be an object of what each policy may do";
  }
  return undefined;
}

function brokenLock(file: string, what: string, cause: unknown): PoliciesError {
  const message = `${showPath(file)} cannot be used: ${what}. No pack is loaded before it is put right`;
  return new PoliciesError("ERR_PACK_LOCK", message, { cause, inputs: [file] });
}
