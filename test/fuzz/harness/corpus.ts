import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Inputs that once failed, a file each, in a folder for each target. They are tried first, for ever. */
export const CORPUS = fileURLToPath(new URL("../corpus", import.meta.url));

export function readCorpus(name: string, dir = CORPUS): unknown[] {
  const folder = join(dir, name);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((file) => file.endsWith(".json"));
  return files.sort().map((file) => decodeInput(readFileSync(join(folder, file), "utf8")));
}

/** @returns the file */
export function keepInput(name: string, input: string, dir = CORPUS): string {
  const folder = join(dir, name);
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${createHash("sha256").update(input).digest("hex").slice(0, 12)}.json`);
  writeFileSync(file, `${input}\n`);
  return file;
}

/** Plain data as JSON, bytes as an object with their hexadecimal digits. */
export function encodeInput(input: unknown): string {
  return JSON.stringify(input, function (this: Record<string, unknown>, key, value: unknown) {
    // A Buffer has become something else before it gets here.
    const own = this[key];
    return own instanceof Uint8Array ? { $hex: Buffer.from(own).toString("hex") } : value;
  });
}

export function decodeInput(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) => {
    const hex = (value as { $hex?: unknown } | null)?.$hex;
    return typeof hex === "string" ? Buffer.from(hex, "hex") : value;
  });
}
