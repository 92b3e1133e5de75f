import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { readStamps, stampsOfRead } from "../../../policies/reload/stamps.ts";
import { SourceError } from "../errors.ts";
import { listFolder, readFiles } from "../source-folder.ts";
import { digestOf } from "../version.ts";
import type { FetchedVersion, SourceDriver } from "./driver.ts";

/** Who writes there may be at it just now. */
const TRIES = 3;

/** A folder of this machine, such as a mounted volume. @param dir absolute */
export function createFolderDriver(dir: string): SourceDriver {
  return {
    origin: dir,
    async fetch(known) {
      try {
        const stamp = stampOf(await readStamps((await listFolder(dir)).values()));
        if (known?.etag === stamp) return "unchanged";
        const found = await readStill(dir);
        return found.revision.id === known?.id ? "unchanged" : found;
      } catch (cause) {
        if (cause instanceof SourceError) throw cause;
        const { code, message: why } = cause as NodeJS.ErrnoException;
        const message =
          code === "ENOENT"
            ? `the folder ${dir} is not there: put it there, or correct \`source.folder\``
            : `the folder ${dir} cannot be taken: ${why}`;
        throw new SourceError("ERR_SOURCE_FETCH", message, { cause });
      }
    },
  };
}

/** As it was at one moment: nothing has changed from before it was read until after. */
async function readStill(dir: string): Promise<FetchedVersion> {
  for (let tries = 0; tries < TRIES; tries++) {
    const listed = await listFolder(dir);
    const before = await readStamps(listed.values());
    const readSince = Date.now();
    const files = await readFiles(listed);
    const again = await listFolder(dir);
    if (stampOf(before) !== stampOf(await readStamps(again.values()))) continue;
    const etag = stampOf(await stampsOfRead(listed.values(), readSince));
    return { revision: { id: digestOf(files), etag }, unpack: async () => files };
  }
  const message = `the folder ${dir} changes while it is read: let what writes there put a new folder in place in one step`;
  throw new SourceError("ERR_SOURCE_FETCH", message);
}

function stampOf(stamps: ReadonlyMap<string, string>): string {
  return sha256([...stamps].map((entry) => `${entry.join("\t")}\n`).join(""));
}
