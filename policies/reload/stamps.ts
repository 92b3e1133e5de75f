import { stat } from "node:fs/promises";

/** What tells one content of a file from another without reading it; "missing" for a file that is not there. */
export type Stamp = string;
export type Stamps = ReadonlyMap<string, Stamp>;

/** Equal to no stamp: the file may have changed while it was read. */
export const UNCERTAIN: Stamp = "uncertain";

/** File systems take their time from a clock that ticks every 1 to 10 ms. */
const CLOCK_TICK_MS = 20;

export async function readStamps(files: Iterable<string>): Promise<Stamps> {
  return new Map(
    await Promise.all([...files].map(async (file) => [file, (await readStamp(file)).stamp] as const)),
  );
}

/**
 * The stamps of files that were read at some time after `readSince` (ms since 1970). One that changed since then is
 * `uncertain`: nobody knows which content was read.
 */
export async function stampsOfRead(files: Iterable<string>, readSince: number): Promise<Stamps> {
  const readOne = async (file: string) => {
    const { stamp, changedAt } = await readStamp(file);
    return [file, changedAt > readSince - CLOCK_TICK_MS ? UNCERTAIN : stamp] as const;
  };
  return new Map(await Promise.all([...files].map(readOne)));
}

async function readStamp(file: string): Promise<{ stamp: Stamp; changedAt: number }> {
  try {
    const { dev, ino, size, mtimeNs, ctimeNs, ctimeMs } = await stat(file, { bigint: true });
    return { stamp: [dev, ino, size, mtimeNs, ctimeNs].join(":"), changedAt: Number(ctimeMs) };
  } catch {
    return { stamp: "missing", changedAt: 0 };
  }
}
