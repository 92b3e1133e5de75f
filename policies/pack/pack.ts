import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseBounded } from "../../sandbox/bounded-json.ts";
import { messageOf, PoliciesError } from "../error.ts";
import { showPath } from "../shown-path.ts";
import { showValue } from "../shown-value.ts";
import type { PackFiles } from "./archive.ts";
import { sha256 } from "./canonical-json.ts";
import {
  filesOf,
  MANIFEST_FILE,
  PACK_JSON,
  type PackManifest,
  parseManifest,
  requireApi,
  SIGNATURE_FILE,
} from "./manifest.ts";
import { type Signer, verifySignature } from "./signature.ts";

/** A pack whose files are those that its manifest names, and whose signature, if it has one, is right. */
export interface Pack {
  readonly manifest: PackManifest;
  readonly files: PackFiles;
  /** Absent: not signed. */
  readonly signer?: Signer;
}

/** @param where the files come from, for messages. Throws a PoliciesError (`ERR_PACK_…`). */
export function openPack(files: PackFiles, where: string): Pack {
  const text = files.get(MANIFEST_FILE);
  if (!text) {
    const message = `${where} is no pack: it has no ${MANIFEST_FILE}. Its author makes one with \`framegate pack build\``;
    throw new PoliciesError("ERR_PACK_FORMAT", message);
  }
  const manifest = parseManifest(decode(text), `${where}/${MANIFEST_FILE}`);
  checkPackage(manifest, files, where);
  for (const { path, sha256: expected } of filesOf(manifest)) {
    const file = files.get(path);
    if (file && sha256(file) === expected) continue;
    const what = file ? "is not the file that was built: its SHA-256 is another" : "is missing";
    throw new PoliciesError("ERR_PACK_TAMPERED", `${where}: ${path} ${what}`);
  }
  const signature = files.get(SIGNATURE_FILE);
  requireApi(manifest);
  return { manifest, files, ...(signature && { signer: verifySignature(manifest, decode(signature)) }) };
}

/** The files of an installed pack: its manifest, and what that names. Those that are not there are left out. */
export async function readInstalled(dir: string): Promise<PackFiles> {
  const files = new Map<string, Uint8Array>();
  await Promise.all([MANIFEST_FILE, SIGNATURE_FILE].map((path) => take(path)));
  const text = files.get(MANIFEST_FILE);
  if (!text) return files;
  const manifest = parseManifest(decode(text), `${showPath(dir)}/${MANIFEST_FILE}`);
  await Promise.all(filesOf(manifest).map(({ path }) => take(path)));
  return files;

  async function take(path: string): Promise<void> {
    const bytes = await readFile(join(dir, path)).catch(() => undefined);
    if (bytes) files.set(path, bytes);
  }
}

export function decode(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("utf8");
}

/** What npm calls it is what it is: nobody is to install `@acme/guard` and get what calls itself `@bank/guard`. */
function checkPackage({ name, version }: PackManifest, files: PackFiles, where: string): void {
  const text = files.get("package.json");
  if (!text) return;
  const found = readPackage(decode(text), where);
  if (found.name === name && found.version === version) return;
  const said = `${showValue(["name"], found.name)} ${showValue(["version"], found.version)}`;
  const message = `${where}: package.json says ${said}, ${MANIFEST_FILE} says ${name} ${version}: build the pack again`;
  throw new PoliciesError("ERR_PACK_FORMAT", message);
}

function readPackage(text: string, where: string): { readonly name?: unknown; readonly version?: unknown } {
  try {
    return Object(parseBounded(text, PACK_JSON));
  } catch (cause) {
    throw new PoliciesError("ERR_PACK_FORMAT", `${where}: package.json is no JSON: ${messageOf(cause)}`, {
      cause,
    });
  }
}
