import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import type { DocumentFormat } from "./document.ts";

/** A file that is whole after each write: one that fails leaves it as it was. */
export interface WholeFile {
  readonly bytes: number;
  /** Milliseconds since 1970. */
  readonly since: number;
  readonly isEmpty: boolean;
  append(lines: readonly string[]): Promise<void>;
  /** Whether it is still what its path leads to. */
  isThere(): Promise<boolean>;
  close(): Promise<void>;
}

type Layout = Pick<DocumentFormat, "head" | "tail" | "separator">;

const CHUNK_BYTES = 64 * 1024;

/** Goes on with what is there. Half a line, of a process that was killed, goes. */
export async function openWholeFile(path: string, layout: Layout): Promise<WholeFile> {
  const handle = await open(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  try {
    return await continueFile(path, handle, layout);
  } catch (error) {
    await handle.close();
    throw error;
  }
}

async function continueFile(
  path: string,
  handle: FileHandle,
  { head, tail, separator }: Layout,
): Promise<WholeFile> {
  const { size, birthtimeMs, mtimeMs, ino } = await handle.stat();
  const [headBytes, tailBytes] = [Buffer.byteLength(head), Buffer.byteLength(tail)];
  /** Where the next line goes: over the tail. */
  let end = await findEnd(handle, size, separator);
  if (end < headBytes) end = 0;
  await put(end === 0 ? head : "");

  return {
    get bytes() {
      return end + tailBytes;
    },
    since: birthtimeMs || mtimeMs,
    get isEmpty() {
      return end === headBytes;
    },
    async append(lines) {
      if (lines.length === 0) return;
      const begin = end === headBytes ? "" : separator;
      await put(begin + lines.map((line) => `${line}\n`).join(separator));
    },
    isThere: () =>
      stat(path).then(
        (found) => found.ino === ino,
        () => false,
      ),
    close: () => handle.close(),
  };

  async function put(text: string): Promise<void> {
    const bytes = Buffer.from(text + tail);
    try {
      for (let at = 0; at < bytes.length; )
        at += (await handle.write(bytes, at, bytes.length - at, end + at)).bytesWritten;
      await handle.truncate(end + bytes.length);
    } catch (error) {
      await restore().catch(() => {}); // Read anew, it is cut where it is whole.
      throw error;
    }
    end += bytes.length - tailBytes;
  }

  async function restore(): Promise<void> {
    await handle.truncate(end);
    await handle.write(Buffer.from(tail), 0, tailBytes, end);
  }
}

/** The end of the last whole line that is not the tail. */
async function findEnd(handle: FileHandle, size: number, separator: string): Promise<number> {
  const end = await findLineEnd(handle, size);
  const start = end === 0 ? 0 : await findLineEnd(handle, end - 1);
  const line = Buffer.alloc(end - start);
  await handle.read(line, 0, line.length, start);
  // The tail, or a line that a kill has left over it.
  return start > 0 && !isEntry(line.toString(), separator) ? findEnd(handle, start, separator) : end;
}

/** What comes after the last line end before `end`; 0 for none. */
async function findLineEnd(handle: FileHandle, end: number): Promise<number> {
  const chunk = Buffer.alloc(CHUNK_BYTES);
  for (let before = end; before > 0; ) {
    const start = Math.max(0, before - CHUNK_BYTES);
    const { bytesRead } = await handle.read(chunk, 0, before - start, start);
    const at = chunk.subarray(0, bytesRead).lastIndexOf("\n");
    if (at !== -1) return start + at + 1;
    before = start;
  }
  return 0;
}

function isEntry(line: string, separator: string): boolean {
  try {
    JSON.parse(line.startsWith(separator) ? line.slice(separator.length) : line);
    return true;
  } catch {
    return false;
  }
}
