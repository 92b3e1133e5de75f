import { mkdir, readdir, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { showReference } from "../../core/net/oci-reference.ts";
import { unpack } from "../../core/source/drivers/http.ts";
import { judgeVersion, type SignedVersion, signersOf } from "../../core/source/judge.ts";
import {
  findSignatures,
  readLayer,
  readSignatures,
  requireManifest,
} from "../../core/source/oci/artifact.ts";
import { madeOf } from "../../core/source/oci/manifest.ts";
import { digestOf, SOURCE_SIGNATURE, type VersionSignature } from "../../core/source/version.ts";
import { plainText } from "../../policies/pack/capabilities.ts";
import type { FetchedPack } from "../../policies/pack/fetch/fetch.ts";
import { readPublicKey } from "../../policies/pack/signature.ts";
import { CliError } from "../errors.ts";
import { openArtifact, type RegistryFlags } from "./registry-access.ts";

export interface PullFlags extends RegistryFlags {
  readonly signer?: string;
}

/** Writes a version of policies into a folder. */
export async function pull(artifact: string, dir: string, flags: PullFlags): Promise<void> {
  const { registry, reference, signal } = await openArtifact(artifact, flags);
  const signer = flags.signer === undefined ? undefined : readSigner(flags.signer);
  await requireEmpty(dir);
  const manifest = await requireManifest(registry, reference, signal);
  const found = await findSignatures(registry, manifest.digest, signal);
  const beside = await readSignatures(registry, found, signal);
  const files = await unpack(await readLayer(registry, "source", manifest, signal), showReference(reference));
  const digest = digestOf(files);
  const made = madeOf(manifest.text, manifest.digest);
  const keys: Readonly<Record<string, string>> = signer === undefined ? {} : { "--signer": signer };
  const rules = { require: "none", keys } as const;
  const inside = files.get(SOURCE_SIGNATURE);
  const signatures = inside ? [Buffer.from(inside).toString("utf8"), ...beside] : beside;
  const trusted = judgeVersion({ digest, signatures }, rules, undefined);
  if (signer !== undefined && trusted === undefined) throw signedByOthers({ digest, signatures }, signer);
  const signature = signatures.find((text) => isBy(trusted, { digest, signatures: [text] }, keys));
  const all = signature === undefined ? files : new Map(files).set(SOURCE_SIGNATURE, Buffer.from(signature));
  for (const [path, bytes] of all) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), bytes);
  }
  const lines = [
    `Wrote ${files.size} files to ${resolve(dir)}`,
    `  by its digest: ${showReference({ ...reference, version: manifest.digest })}`,
    `  for \`source.lock\`: ${digest}`,
    ...(made === undefined ? [] : [`  made of ${plainText(made)}, as who pushed it says`]),
    `  ${trusted === undefined ? wordUntrusted(signatures.length) : `signed by ${trusted.publicKey} (${trusted.keyId})`}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
}

function signedByOthers(version: SignedVersion, signer: string): CliError {
  const found = signersOf(version).map(({ publicKey, keyId }) => `by ${publicKey} (${keyId})`);
  const by = found.length === 0 ? "not signed" : `signed ${found.join(" and ")}`;
  const message = `It is ${by}; expected --signer ${signer} (${readPublicKey(signer).keyId}). Nothing was written.`;
  return new CliError("ERR_CLI_GATEWAY", message);
}

/** Where nobody is trusted, anybody. */
function isBy(
  trusted: VersionSignature | undefined,
  version: SignedVersion,
  keys: Readonly<Record<string, string>>,
): boolean {
  const signer = judgeVersion(version, { require: "none", keys }, undefined);
  return signer?.publicKey === trusted?.publicKey && signer?.signedAt === trusted?.signedAt;
}

function wordUntrusted(signatures: number): string {
  return signatures === 0 ? "not signed" : "signed; say by whom with --signer, to have that checked";
}

/** The .tgz of a pack in a registry. */
export async function pullPack(artifact: string, flags: RegistryFlags): Promise<FetchedPack> {
  const { registry, reference, signal } = await openArtifact(artifact, flags);
  const manifest = await requireManifest(registry, reference, signal);
  return { bytes: await readLayer(registry, "pack", manifest, signal), source: showReference(reference) };
}

function readSigner(text: string): string {
  try {
    return readPublicKey(text).publicKey;
  } catch (error) {
    throw new CliError("ERR_CLI_USAGE", `--signer: ${(error as Error).message}.`);
  }
}

async function requireEmpty(dir: string): Promise<void> {
  const entries = await readdir(dir).catch(() => []);
  if (entries.length === 0) return;
  throw new CliError(
    "ERR_CLI_PATH",
    `${resolve(dir)} is not empty. Nothing was written: name another folder.`,
  );
}
