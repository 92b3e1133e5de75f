import { resolve } from "node:path";
import type { z } from "zod";
import { choice, flag, section, text, whole } from "../schema-parts.ts";
import { longDuration, size } from "../units.ts";

/** Files that rotate. */
export interface FilesTarget {
  readonly type: "files";
  /** Absolute. */
  readonly dir: string;
  readonly format: "jsonl" | "har";
  readonly maxFileBytes: number;
  /** 0: by size only. */
  readonly rotateMs: number;
  readonly keepFiles: number;
  readonly keepBytes: number;
  /** 0: whatever their age. */
  readonly keepMs: number;
  readonly gzip: boolean;
}

export const filesSchema = section(
  "FilesSinkInput",
  {
    dir: text("the path of a folder").describe(
      "Folder of the files, relative to the config file; made where it is not there. No other gateway may write into it.",
    ),
    format: choice(["jsonl", "har"])
      .prefault("jsonl")
      .describe(
        "`jsonl`: a record a line, as it comes. `har`: a session an entry when it has ended, as browsers' developer tools read it.",
      ),
    maxFileSize: size(1024, "1KiB")
      .prefault("64MiB")
      .describe(
        "A file that would get larger than this is put away, and the next one begun. What is written at once is not divided: 1 MiB at most, or one record.",
      ),
    rotate: longDuration()
      .prefault("1h")
      .describe("The same of one that is this old when the next record comes; 0: by size only."),
    keepFiles: whole(1, 100_000, "a whole number from 1 to 100000")
      .prefault(100)
      .describe("How many of the files that were put away are kept; the oldest go first."),
    keepSize: size(1024, "1KiB").prefault("4GiB").describe("What they may take together."),
    keepAge: longDuration().prefault("7d").describe("How old they get; 0: whatever their age."),
    gzip: flag().prefault(true).describe("Whether they are compressed."),
  },
  'an object such as { dir: "traffic" }',
);

export function resolveFiles(parsed: z.output<typeof filesSchema>, dir: string): FilesTarget {
  const { maxFileSize, rotate, keepSize, keepAge, ...rest } = parsed;
  return {
    type: "files",
    ...rest,
    dir: resolve(dir, parsed.dir),
    maxFileBytes: maxFileSize,
    rotateMs: rotate,
    keepBytes: keepSize,
    keepMs: keepAge,
  };
}
