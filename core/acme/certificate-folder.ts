import { generateKeyPairSync, X509Certificate } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { replaceFile } from "../synced-file.ts";
import type { Life } from "./renewal-time.ts";

/** A private key of P-256, in PEM. */
export function makePrivateKey(): string {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  return String(privateKey.export({ type: "pkcs8", format: "pem" }));
}

/** The account's key, made where there is none yet: each directory knows its own. */
export async function readAccountFile(folder: string, directory: string): Promise<string> {
  const file = join(folder, `account-${new URL(directory).host.replaceAll(/[^\w.-]/g, "-")}.pem`);
  const kept = await readIfThere(file);
  if (kept !== undefined) return kept;
  const made = makePrivateKey();
  await writeWhole(file, made);
  return made;
}

/** Key and chain in one file: there is no moment in which they do not belong together. */
export function writeCertificate(file: string, key: string, chain: string): Promise<void> {
  return writeWhole(file, `${key.trim()}\n${chain.trim()}\n`);
}

/** Undefined where there is none, or none that can be read. */
export async function readLife(file: string): Promise<Life | undefined> {
  const pem = await readIfThere(file);
  try {
    if (pem === undefined) return undefined;
    const { validFrom, validTo } = new X509Certificate(pem);
    return { notBefore: Date.parse(validFrom), notAfter: Date.parse(validTo) };
  } catch {
    return undefined;
  }
}

/** Nobody but the gateway's user may read it, and nobody sees half of it. */
async function writeWhole(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  await replaceFile(file, text, 0o600);
}

async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}
