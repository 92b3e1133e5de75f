import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { ReadEntry } from "tar";
import { messageOf, PoliciesError } from "../error.ts";
import { isSafePath } from "./manifest.ts";

/** The files of a package by path, the archive's own top folder cut off; of another archive by the path that they have. */
export type PackFiles = ReadonlyMap<string, Uint8Array>;

export const MAX_ARCHIVE_BYTES = 16 * 1024 * 1024;
export const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
export const MAX_ENTRIES = 2000;
/** Of a tar archive. */
const BLOCK = 512;
/** How gzip and Zstandard begin. */
const compressed = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

export interface ArchiveOptions {
  /** Whether all is in a folder of the archive's own, which does not count. Default: true, as in packages. */
  readonly hasTopFolder?: boolean;
}

/**
 * Read a .tgz in memory; nothing of it touches the disk. Files and folders only: no link, no device, no path that
 * leaves, none twice. Throws a PoliciesError (`ERR_PACK_ARCHIVE`).
 */
export async function readArchive(
  bytes: Uint8Array,
  where: string,
  { hasTopFolder = true }: ArchiveOptions = {},
): Promise<PackFiles> {
  try {
    if (bytes.length > MAX_ARCHIVE_BYTES) throw tooLarge(MAX_ARCHIVE_BYTES, "packed");
    return await readEntries(await inflate(bytes, hasTopFolder), hasTopFolder);
  } catch (cause) {
    throw new PoliciesError("ERR_PACK_ARCHIVE", `${where}: ${messageOf(cause)}`, { cause });
  }
}

/** The same of an archive that is not packed. */
export async function readTar(
  bytes: Buffer,
  where: string,
  { hasTopFolder = true }: ArchiveOptions = {},
): Promise<PackFiles> {
  try {
    return await readEntries(bytes, hasTopFolder);
  } catch (cause) {
    throw new PoliciesError("ERR_PACK_ARCHIVE", `${where}: ${messageOf(cause)}`, { cause });
  }
}

/** The same bytes for the same files: in the order of their paths, of nobody and no time. */
export async function writeArchive(files: PackFiles): Promise<Buffer> {
  const { Header, Pax } = await import("tar");
  const blocks: Uint8Array[] = [];
  for (const [path, bytes] of [...files].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const head = Buffer.alloc(BLOCK);
    const entry = { path, type: "File", mode: 0o644, size: bytes.length, mtime: new Date(0) } as const;
    // A path that the header has no room for comes before it.
    if (new Header(entry).encode(head)) blocks.push(new Pax({ path }).encode());
    blocks.push(head, bytes, Buffer.alloc((BLOCK - (bytes.length % BLOCK)) % BLOCK));
  }
  return promisify(gzip)(Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]), { level: 9 });
}

async function inflate(bytes: Uint8Array, isPackage: boolean): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(MAX_UNPACKED_BYTES, "unpacked");
    const command = isPackage ? "npm pack" : "tar czf policies.tar.gz policies";
    throw new Error(`expected a gzipped tar archive, as \`${command}\` makes it: ${messageOf(cause)}`);
  }
}

async function readEntries(tar: Buffer, hasTopFolder: boolean): Promise<PackFiles> {
  const { Parser } = await import("tar");
  const files = new Map<string, Buffer>();
  const taken = new Set<string>();
  const folders = new Set<string>();
  let problem: Error | undefined;
  let count = 0;
  const refuse = (message: string): void => {
    problem ??= new Error(message);
  };

  function readEntry(entry: ReadEntry): void {
    if (++count > MAX_ENTRIES) refuse(`expected at most ${MAX_ENTRIES} entries`);
    const path = checkPath(entry);
    const chunks: Buffer[] = [];
    entry.on("data", (chunk: Buffer) => chunks.push(chunk));
    entry.on("end", () => {
      if (path === undefined || problem) return;
      // Two names that are one on a disk without cases.
      if (taken.has(path.toLowerCase())) return refuse(`"${path}" is in it twice`);
      taken.add(path.toLowerCase());
      for (const folder of foldersOf(path.toLowerCase())) folders.add(folder);
      files.set(path, Buffer.concat(chunks));
    });
  }

  function checkPath({ path, type, linkpath }: ReadEntry): string | undefined {
    const isFolder = type === "Directory" || type === "GNUDumpDir";
    if (!isFolder && type !== "File" && type !== "OldFile") {
      refuse(`"${path}" is no file but a ${type}${linkpath ? ` to "${linkpath}"` : ""}: expected files only`);
      return undefined;
    }
    // `tar c .` writes all paths so.
    const inside = (hasTopFolder ? path : path.replace(/^\.\/(?=.)/, "")).replace(/\/$/, "");
    if (!hasTopFolder && isFolder && inside === ".") return undefined;
    if (!isSafePath(inside)) {
      refuse(`the path "${path}" is not one below the package's folder`);
      return undefined;
    }
    if (isFolder) return undefined;
    return hasTopFolder ? inside.replace(/^[^/]+\//, "") : inside;
  }

  // The parser would unpack once more, to any size, and not before we have looked.
  if (compressed.some((magic) => tar.subarray(0, magic.length).equals(magic))) {
    throw new Error("expected a tar archive, compressed once");
  }
  const parser = new Parser({ strict: true, brotli: false, zstd: false, onReadEntry: readEntry });
  parser.on("ignoredEntry", (entry: ReadEntry) => {
    checkPath(entry);
    refuse(`the entry "${entry.path}" (${entry.type}) cannot be read`);
  });
  parser.on("error", (error: Error) => refuse(error.message));
  parser.end(tar);
  const both = [...folders].find((folder) => taken.has(folder));
  if (both !== undefined) refuse(`"${both}" is in it as a file and as a folder`);
  if (problem) throw problem;
  return files;
}

/** Those that a path is in. */
function foldersOf(path: string): readonly string[] {
  return [...path.matchAll(/\//g)].map(({ index }) => path.slice(0, index));
}

function tooLarge(limit: number, state: string): Error {
  return new Error(`it is larger than ${limit / 1024 / 1024} MiB ${state}`);
}
