import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { type OciReference, showReference } from "../../net/oci-reference.ts";
import { findSignatures, readLayer, readSignatures, requireManifest } from "../oci/artifact.ts";
import { madeOf } from "../oci/manifest.ts";
import { openRegistry } from "../oci/registry.ts";
import type { SourceDriver } from "./driver.ts";
import { unpack } from "./http.ts";
import type { HttpIdentity } from "./http-client.ts";

/** An artifact in a registry, with the signatures beside it. A tag may move; a digest never does. */
export function createOciDriver(reference: OciReference, identify: () => HttpIdentity): SourceDriver {
  const registry = openRegistry(reference, identify);
  const origin = showReference(reference);
  return {
    origin,
    async fetch(known, signal) {
      const digest = await registry.digestOf(reference.version, signal);
      if (digest !== undefined && digest === known?.id) {
        const now = etagOf(await findSignatures(registry, digest, signal));
        if ((known.etag ?? now) === now) return "unchanged";
      }
      const manifest = await requireManifest(registry, reference, signal);
      const found = await findSignatures(registry, manifest.digest, signal);
      const etag = etagOf(found);
      if (manifest.digest === known?.id && (known.etag ?? etag) === etag) return "unchanged";
      const signatures = await readSignatures(registry, found, signal);
      const archive = await readLayer(registry, "source", manifest, signal);
      const made = madeOf(manifest.text, manifest.digest);
      return {
        revision: { id: manifest.digest, etag, ...(made !== undefined && { madeOf: made }) },
        signatures,
        unpack: () => unpack(archive, origin),
      };
    },
  };
}

/** A version that was refused for want of a signature may be signed later. */
function etagOf(signatures: readonly { readonly digest: string }[]): string {
  return sha256(signatures.map(({ digest }) => digest).join());
}
