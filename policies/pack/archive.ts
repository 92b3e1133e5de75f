import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { ReadEntry } from "tar";
import { messageOf, PoliciesError } from "../error.ts";
import { isSafePath } from "./manifest.ts";

/** The files of a package by path, the archive's own top folder cut off. */
export type PackFiles = ReadonlyMap<string, Uint8Array>;

export const MAX_ARCHIVE_BYTES = 16 * 1024 * 1024;
const MAX_UNPACKED_BYTES = 64 * 1024 * 1024;
const MAX_ENTRIES = 2000;
/** How gzip and Zstandard begin. */
const compressed = [Buffer.from([0x1f, 0x8b]), Buffer.from([0x28, 0xb5, 0x2f, 0xfd])];

/**
 * Read a .tgz in memory; nothing of it touches the disk. Files and folders only: no link, no device, no path that
 * leaves, none twice. Throws a PoliciesError (`ERR_PACK_ARCHIVE`).
 */
export async function readArchive(bytes: Uint8Array, where: string): Promise<PackFiles> {
  try {
    if (bytes.length > MAX_ARCHIVE_BYTES) throw tooLarge(MAX_ARCHIVE_BYTES, "packed");
    return await readEntries(await inflate(bytes));
  } catch (cause) {
    throw new PoliciesError("ERR_PACK_ARCHIVE", `${where}: ${messageOf(cause)}`, { cause });
  }
}

async function inflate(bytes: Uint8Array): Promise<Buffer> {
  try {
    return await promisify(gunzip)(bytes, { maxOutputLength: MAX_UNPACKED_BYTES });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw tooLarge(MAX_UNPACKED_BYTES, "unpacked");
    throw new Error(`expected a gzipped tar archive, as \`npm pack\` makes it: ${messageOf(cause)}`);
  }
}

async function readEntries(tar: Buffer): Promise<PackFiles> {
  const { Parser } = await import("tar");
  const files = new Map<string, Buffer>();
  const taken = new Set<string>();
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
      files.set(path, Buffer.concat(chunks));
    });
  }

  function checkPath({ path, type, linkpath }: ReadEntry): string | undefined {
    const isFolder = type === "Directory" || type === "GNUDumpDir";
    if (!isFolder && type !== "File" && type !== "OldFile") {
      refuse(
        `"${path}" is no file but a ${type}${linkpath ? ` to "${linkpath}"` : ""}: packs hold files only`,
      );
      return undefined;
    }
    const inside = path.replace(/\/$/, "");
    if (!isSafePath(inside)) {
      refuse(`the path "${path}" is not one below the package's folder`);
      return undefined;
    }
    return isFolder ? undefined : inside.replace(/^[^/]+\//, "");
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
  if (problem) throw problem;
  return files;
}

function tooLarge(limit: number, state: string): Error {
  return new Error(`it is larger than ${limit / 1024 / 1024} MiB ${state}`);
}
