import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { SourceError } from "../errors.ts";

/** A content that a registry has, by its digest. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** OCI image manifest (image specification 1.1), as artifacts have it. */
export interface Manifest {
  readonly schemaVersion: 2;
  readonly mediaType: string;
  readonly artifactType: string;
  readonly config: Descriptor;
  readonly layers: readonly Descriptor[];
  /** What it is about. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** What an artifact of ours is, and the media type of its only layer. */
export const ARTIFACTS = {
  source: {
    artifactType: "application/vnd.framegate.source.v1",
    layerType: "application/vnd.framegate.source.v1.tar+gzip",
  },
  pack: {
    artifactType: "application/vnd.framegate.pack.v1",
    layerType: "application/vnd.framegate.pack.v1.tar+gzip",
  },
  signature: {
    artifactType: "application/vnd.framegate.signature.v1",
    layerType: "application/vnd.framegate.signature.v1+json",
  },
} as const;

export type ArtifactKind = keyof typeof ARTIFACTS;

export const MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
export const INDEX_TYPE = "application/vnd.oci.image.index.v1+json";
export const emptyConfig = Buffer.from("{}");
/** Of the image specification: what source control calls it. */
export const REVISION_ANNOTATION = "org.opencontainers.image.revision";
const MAX_REVISION_CHARS = 200;
const EMPTY_TYPE = "application/vnd.oci.empty.v1+json";
/** Of those that sign one version. */
const MOST_REFERRERS = 100;

export interface ManifestParts {
  readonly kind: ArtifactKind;
  readonly layer: Uint8Array;
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
}

export function makeManifest({ kind, layer, subject, annotations }: ManifestParts): Manifest {
  const { artifactType, layerType } = ARTIFACTS[kind];
  return {
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    artifactType,
    config: describeBytes(emptyConfig, EMPTY_TYPE),
    layers: [describeBytes(layer, layerType)],
    ...(subject && { subject }),
    ...(annotations && { annotations }),
  };
}

export function describeBytes(bytes: Uint8Array, mediaType: string): Descriptor {
  return { mediaType, digest: `sha256:${sha256(bytes)}`, size: bytes.length };
}

/** The layer of an artifact of this kind. Throws a SourceError (`ERR_SOURCE_FORMAT`). @param where for messages */
export function layerOf(kind: ArtifactKind, text: string, where: string): Descriptor {
  const { artifactType, layerType } = ARTIFACTS[kind];
  const found = parse(text, where);
  const type = found.artifactType ?? Object(found.config).mediaType;
  if (type !== artifactType)
    throw notOurs(
      where,
      `expected an artifact of type ${artifactType}, got ${JSON.stringify(type)?.slice(0, 100)}`,
    );
  const [layer, ...others] = listOf(found.layers);
  if (!isDescriptor(layer) || layer.mediaType !== layerType || others.length > 0)
    throw notOurs(where, `expected one layer of type ${layerType}`);
  return layer;
}

/** What it was made of, as who pushed it has said; no signature is over it. */
export function madeOf(text: string, where: string): string | undefined {
  const revision = Object(parse(text, where).annotations)[REVISION_ANNOTATION];
  return typeof revision === "string" ? revision.slice(0, MAX_REVISION_CHARS) : undefined;
}

/** What an index lists of this kind; of what is none, nothing. */
export function referrersIn(text: string, kind: ArtifactKind): readonly Descriptor[] {
  const { artifactType } = ARTIFACTS[kind];
  return manifestsIn(text).filter((each) => each.artifactType === artifactType);
}

/** The index with one more, at the end. @param text undefined: there is none yet */
export function addToIndex(text: string | undefined, descriptor: Descriptor): object {
  const before = text === undefined ? [] : manifestsIn(text);
  const manifests = [...before.filter(({ digest }) => digest !== descriptor.digest), descriptor];
  return { schemaVersion: 2, mediaType: INDEX_TYPE, manifests };
}

function manifestsIn(text: string): readonly Descriptor[] {
  const found = parse(text, "the index of signatures");
  return listOf(found.manifests).filter(isDescriptor).slice(-MOST_REFERRERS);
}

function parse(text: string, where: string): Readonly<Record<string, unknown>> {
  try {
    return Object(JSON.parse(text));
  } catch (cause) {
    throw notOurs(where, `it is no JSON: ${(cause as Error).message}`);
  }
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isDescriptor(value: unknown): value is Descriptor {
  const { mediaType, digest, size } = Object(value) as Partial<Record<keyof Descriptor, unknown>>;
  return (
    typeof mediaType === "string" &&
    typeof digest === "string" &&
    /^sha256:[0-9a-f]{64}$/.test(digest) &&
    Number.isSafeInteger(size) &&
    Number(size) >= 0
  );
}

function notOurs(where: string, what: string): SourceError {
  return new SourceError("ERR_SOURCE_FORMAT", `${where} is no artifact of Framegate: ${what}`);
}
