import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { FilesTarget } from "../../config/index.ts";
import { SinkError } from "../errors.ts";
import type { Sink } from "../sink.ts";
import { createJsonLines } from "./document.ts";
import { createHarDocument } from "./har-document.ts";
import { createPutAway } from "./put-away.ts";
import { openWholeFile, type WholeFile } from "./whole-file.ts";

export interface FileSinkOptions extends Omit<FilesTarget, "type"> {
  /** The beginning of the files' names. */
  readonly name: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Files that rotate: the newest is `name.jsonl` or `name.har`, whole after each write. */
export function createFileSink(options: FileSinkOptions): Sink {
  const { dir, name, maxFileBytes, rotateMs, now = Date.now } = options;
  const format = options.format === "har" ? createHarDocument() : createJsonLines();
  const path = join(dir, `${name}.${format.extension}`);
  const { putAway, tidyUp, done } = createPutAway({ ...options, extension: format.extension, now });
  let file: WholeFile | undefined;
  /** Lines that are made, and not written yet. */
  let lines: readonly string[] = [];

  return {
    open: () =>
      named(async () => {
        await release();
        await mkdir(dir, { recursive: true, mode: 0o700 });
        file = await openWholeFile(path, format);
        tidyUp();
      }),
    write: (records) =>
      named(async () => {
        // One that holds records back has taken them for good; the lines of another are made anew.
        lines = format.extension === "har" ? [...lines, ...format.take(records)] : format.take(records);
        await writeLines();
      }),
    async close() {
      lines = [...lines, ...format.rest()];
      await writeLines().catch(() => {}); // What waits is lost with the process, as after a kill.
      await release();
      await done();
    },
  };

  async function writeLines(): Promise<void> {
    if (lines.length === 0) return;
    const size = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
    // One that somebody has moved or removed would take them, and nobody would find them.
    if (file !== undefined && !(await file.isThere())) await release();
    let opened = file ?? (await openWholeFile(path, format));
    file = opened;
    const isOld = rotateMs > 0 && now() - opened.since >= rotateMs;
    if (!opened.isEmpty && (isOld || opened.bytes + size > maxFileBytes)) {
      await release();
      await putAway(path);
      opened = await openWholeFile(path, format);
      file = opened;
    }
    await opened.append(lines);
    lines = [];
  }

  async function release(): Promise<void> {
    const released = file;
    file = undefined;
    await released?.close();
  }

  async function named(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      throw new SinkError("ERR_SINK", `${path}: ${describe(error)}`, { cause: error });
    }
  }
}

function describe(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full: make room, and it goes on";
    case "EACCES":
    case "EPERM":
    case "EROFS":
      return "the folder or the file cannot be written: check who may, and it goes on";
    case "ENOTDIR":
    case "EEXIST":
      return "what is named in `dir` is no folder: name another";
    default:
      return message;
  }
}
