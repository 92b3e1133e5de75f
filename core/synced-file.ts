import { open, rename } from "node:fs/promises";

/** Written to disk when it settles: a power loss leaves all of it. */
export async function writeSynced(file: string, content: string | Uint8Array, mode?: number): Promise<void> {
  const handle = await open(file, "w", mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Nobody sees half of it, not after a power loss either. */
export async function replaceFile(file: string, content: string, mode?: number): Promise<void> {
  const unfinished = `${file}.new`;
  await writeSynced(unfinished, content, mode);
  await rename(unfinished, file);
}
