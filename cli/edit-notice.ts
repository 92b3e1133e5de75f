import { stat } from "node:fs/promises";
import type { Logger } from "../core/log.ts";

/** For whoever edits the config of a gateway that does not take edits by itself. */
export interface EditNotice {
  /** The file is about to be read. */
  taken(): Promise<void>;
  /** The file may be another one now: said once, until it is read again. */
  tell(): Promise<void>;
}

/** @param file undefined where there is none */
export function createEditNotice(file: string | undefined, logger: Logger): EditNotice {
  let last = stampOf(file);
  return {
    async taken() {
      last = stampOf(file);
      await last;
    },
    async tell() {
      const [before, now] = [await last, await stampOf(file)];
      // Who writes and sends SIGHUP at once is not told afterwards; nor is one who makes it anew at every moment.
      if (now === undefined || before === now || before === TOLD) return;
      last = Promise.resolve(TOLD);
      logger.warn({ file }, "the config file has changed: SIGHUP takes it");
    },
  };
}

const TOLD = "told";

/** When it was written last; undefined while it is not there. */
async function stampOf(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const found = await stat(file, { bigint: true }).catch(() => undefined);
  return found && `${found.ino} ${found.mtimeNs}`;
}
