import { createReadStream, createWriteStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { FilesTarget } from "../../config/index.ts";

/** What is left of a file that was being compressed. */
const UNFINISHED = ".part";

export interface PutAwayOptions
  extends Pick<FilesTarget, "dir" | "keepFiles" | "keepBytes" | "keepMs" | "gzip"> {
  /** The beginning of the files' names. */
  readonly name: string;
  readonly extension: string;
  readonly now: () => number;
}

/** The files that are done with: named by the time, compressed, and kept within bounds. */
export function createPutAway({ dir, name, extension, gzip, ...keep }: PutAwayOptions): {
  /** The file has another name when it settles. What else is to be done goes on meanwhile. */
  putAway(path: string): Promise<void>;
  /** Sees to what a process that was killed has left undone, and to what there is too much of. */
  tidyUp(): void;
  /** Settles when nothing goes on any more. */
  done(): Promise<void>;
} {
  const isOurs = (file: string) =>
    file.startsWith(`${name}-`) &&
    /^\d{4}-[\dTZ-]+$/.test(file.slice(name.length + 1).replace(new RegExp(`\\.${extension}(\\.gz)?$`), ""));
  let tidying = Promise.resolve();

  return {
    async putAway(path) {
      const stamp = new Date(keep.now()).toISOString().replaceAll(/[:.]/g, "-");
      await rename(path, join(dir, `${name}-${stamp}.${extension}`));
      tidyUp();
    },
    tidyUp,
    done: () => tidying,
  };

  function tidyUp(): void {
    tidying = tidying.then(tidy).catch(() => {}); // What could not be done is tried again with the next file.
  }

  async function tidy(): Promise<void> {
    const names = await readdir(dir);
    const unfinished = names.filter((file) => file.startsWith(`${name}-`) && file.endsWith(UNFINISHED));
    for (const file of unfinished) await rm(join(dir, file), { force: true });
    if (gzip) for (const file of names) if (isOurs(file) && !file.endsWith(".gz")) await compress(file);
    await giveUpOldest();
  }

  async function compress(file: string): Promise<void> {
    const [from, to] = [join(dir, file), join(dir, `${file}.gz`)];
    try {
      await pipeline(
        createReadStream(from),
        createGzip(),
        createWriteStream(to + UNFINISHED, { mode: 0o600 }),
      );
      await rename(to + UNFINISHED, to);
      await rm(from);
    } catch {
      // On a full disk it stays as it is, and is tried again with the next one.
      await rm(to + UNFINISHED, { force: true });
    }
  }

  async function giveUpOldest(): Promise<void> {
    // By their names they are in the order of time.
    const files = (await readdir(dir)).filter(isOurs).sort().reverse();
    let bytes = 0;
    for (const [index, file] of files.entries()) {
      const { size, mtimeMs } = await stat(join(dir, file));
      bytes += size;
      const isOld = keep.keepMs > 0 && mtimeMs < keep.now() - keep.keepMs;
      if (index >= keep.keepFiles || bytes > keep.keepBytes || isOld) await rm(join(dir, file));
    }
  }
}
