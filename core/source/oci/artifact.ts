import { MAX_ARCHIVE_BYTES } from "../../../policies/pack/archive.ts";
import { type OciReference, showReference } from "../../net/oci-reference.ts";
import { SourceError } from "../errors.ts";
import {
  type ArtifactKind,
  addToIndex,
  type Descriptor,
  describeBytes,
  emptyConfig,
  INDEX_TYPE,
  layerOf,
  MANIFEST_TYPE,
  type ManifestParts,
  makeManifest,
  referrersIn,
} from "./manifest.ts";
import type { FoundManifest, Registry } from "./registry.ts";

/** Of a file that signs. */
const MAX_SIGNATURE_BYTES = 64 * 1024;
/** Of one version: more are not looked at. */
const MOST_SIGNATURES = 10;

/** The archive of an artifact. Rejects with a SourceError. */
export function readLayer(
  registry: Registry,
  kind: ArtifactKind,
  { text, digest }: FoundManifest,
  signal: AbortSignal,
): Promise<Buffer> {
  return registry.readBlob(layerOf(kind, text, digest), MAX_ARCHIVE_BYTES, signal);
}

/** As there is one. Rejects with a SourceError where there is none. */
export async function requireManifest(
  registry: Registry,
  reference: OciReference,
  signal: AbortSignal,
): Promise<FoundManifest> {
  const found = await registry.readManifest(reference.version, signal);
  if (found !== undefined) return found;
  throw new SourceError(
    "ERR_SOURCE_FETCH",
    `${showReference(reference)} is not there: the registry answered 404`,
  );
}

/** @returns what the artifact is called from now on, whatever becomes of the tag */
export async function writeArtifact(
  registry: Registry,
  version: string | undefined,
  parts: ManifestParts & { readonly layer: Buffer },
  signal: AbortSignal,
): Promise<Descriptor> {
  const text = JSON.stringify(makeManifest(parts));
  const descriptor = describeBytes(Buffer.from(text), MANIFEST_TYPE);
  await registry.writeBlob(emptyConfig, signal);
  await registry.writeBlob(parts.layer, signal);
  await registry.writeManifest(version ?? descriptor.digest, text, MANIFEST_TYPE, signal);
  return descriptor;
}

/**
 * A signature beside what it signs. Where the registry does not list referrers by itself, a tag named after the digest does
 * (distribution specification, "referrers tag schema").
 */
export async function writeSignature(
  registry: Registry,
  subject: Descriptor,
  signature: string,
  signal: AbortSignal,
): Promise<void> {
  const parts = { kind: "signature", layer: Buffer.from(signature), subject } as const;
  const written = await writeArtifact(registry, undefined, parts, signal);
  if ((await registry.readReferrers(subject.digest, signal)) !== undefined) return;
  const tag = tagOf(subject.digest);
  const before = await registry.readManifest(tag, signal);
  const { artifactType } = makeManifest(parts);
  const index = addToIndex(before?.text, { ...written, artifactType });
  await registry.writeManifest(tag, JSON.stringify(index), INDEX_TYPE, signal);
}

/** The manifests of what signs a manifest. */
export async function findSignatures(
  registry: Registry,
  digest: string,
  signal: AbortSignal,
): Promise<readonly Descriptor[]> {
  const index =
    (await registry.readReferrers(digest, signal)) ??
    (await registry.readManifest(tagOf(digest), signal))?.text;
  return index === undefined ? [] : referrersIn(index, "signature").slice(-MOST_SIGNATURES);
}

export async function readSignatures(
  registry: Registry,
  found: readonly Descriptor[],
  signal: AbortSignal,
): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const { digest } of found) {
    const manifest = await registry.readManifest(digest, signal);
    if (manifest === undefined) continue;
    const layer = layerOf("signature", manifest.text, digest);
    texts.push((await registry.readBlob(layer, MAX_SIGNATURE_BYTES, signal)).toString("utf8"));
  }
  return texts;
}

function tagOf(digest: string): string {
  return digest.replace(":", "-");
}
