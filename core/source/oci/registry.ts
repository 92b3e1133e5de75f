import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { isLoopback } from "../../config/index.ts";
import { isDigest, type OciReference, showReference } from "../../net/oci-reference.ts";
import { askHttp, type HttpAnswer, type HttpAsk, type HttpIdentity } from "../drivers/http-client.ts";
import { SourceError } from "../errors.ts";
import { answerChallenge, parseChallenge } from "./credentials.ts";
import { type Descriptor, INDEX_TYPE, MANIFEST_TYPE } from "./manifest.ts";

/** One repository of a registry (OCI distribution specification 1.1). All of it rejects with a SourceError. */
export interface Registry {
  /** Its digest, without reading it; undefined: there is none, or it is not said. */
  digestOf(version: string, signal: AbortSignal): Promise<string | undefined>;
  /** By a tag or digest, which it has then; undefined: there is none. */
  readManifest(version: string, signal: AbortSignal): Promise<FoundManifest | undefined>;
  /** Its bytes, which have this size and digest. */
  readBlob(descriptor: Descriptor, maxBytes: number, signal: AbortSignal): Promise<Buffer>;
  /** The index of what is about a manifest; undefined: the registry does not keep one. */
  readReferrers(digest: string, signal: AbortSignal): Promise<string | undefined>;
  writeBlob(bytes: Buffer, signal: AbortSignal): Promise<void>;
  writeManifest(version: string, text: string, mediaType: string, signal: AbortSignal): Promise<void>;
}

export interface FoundManifest {
  readonly digest: string;
  readonly text: string;
}

const MAX_MANIFEST_BYTES = 1024 * 1024;
/** Of answers that have nothing in them. */
const MAX_NOTE_BYTES = 64 * 1024;

export function openRegistry(reference: OciReference, identify: () => HttpIdentity): Registry {
  const { host, repository } = reference;
  const isLocal = isLoopback(host.replace(/:\d+$/, "").replace(/^\[|\]$/g, ""));
  let authorization: string | undefined;

  function rootOf({ plainHttp }: HttpIdentity): string {
    return `${plainHttp || isLocal ? "http" : "https"}://${host}/v2/${repository}`;
  }

  /**
   * Who is asked for credentials gives them, once; a token that has run out is asked for anew so. Another server, where an
   * upload may be sent or a layer be, gets none, and does not say where a token comes from.
   */
  async function ask(path: string, options: HttpAsk): Promise<HttpAnswer> {
    const identity = identify();
    const root = rootOf(identity);
    const url = /^https?:/.test(path) ? path : root + path;
    const isElsewhere = (place: string) => new URL(place).origin !== new URL(root).origin;
    const send = () => {
      const own = !isElsewhere(url) && authorization !== undefined && { Authorization: authorization };
      return askHttp(url, { ...options, headers: { ...options.headers, ...own } }, identity.plainHttp);
    };
    const first = await send();
    if (first.status !== 401 || isElsewhere(first.url)) return first;
    const challenge = parseChallenge(first.headers.get("www-authenticate") ?? "");
    authorization = await answerChallenge(challenge, identity, options.signal);
    return authorization === undefined ? first : send();
  }

  function failed(answer: HttpAnswer, what: string): SourceError {
    const { status } = answer;
    const hint =
      status === 401 || status === 403
        ? ": it wants to know who asks, and does not let these credentials"
        : "";
    return new SourceError(
      "ERR_SOURCE_FETCH",
      `${showReference(reference)}: ${what} failed, the registry answered ${status}${hint}`,
    );
  }

  const manifestPath = (version: string) => `/manifests/${version}`;
  const acceptManifest = { Accept: `${MANIFEST_TYPE}, ${INDEX_TYPE}` };

  return {
    async digestOf(version, signal) {
      const options = { method: "HEAD", headers: acceptManifest, signal, maxBytes: MAX_NOTE_BYTES } as const;
      const answer = await ask(manifestPath(version), options);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw failed(answer, "a look at the manifest");
      const digest = answer.headers.get("docker-content-digest") ?? "";
      return isDigest(digest) ? digest : undefined;
    },

    async readManifest(version, signal) {
      const options = { headers: acceptManifest, signal, maxBytes: MAX_MANIFEST_BYTES };
      const answer = await ask(manifestPath(version), options);
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw failed(answer, "reading the manifest");
      const digest = `sha256:${sha256(answer.body)}`;
      if (isDigest(version) && digest !== version) throw notTheSame("the manifest", version, digest);
      return { digest, text: answer.body.toString("utf8") };
    },

    async readBlob({ digest, size }, maxBytes, signal) {
      if (size > maxBytes) {
        const message = `${showReference(reference)}: a layer has ${size} bytes, expected at most ${maxBytes}`;
        throw new SourceError("ERR_SOURCE_FORMAT", message);
      }
      const answer = await ask(`/blobs/${digest}`, { signal, maxBytes: size });
      if (answer.status !== 200) throw failed(answer, "reading a layer");
      const found = `sha256:${sha256(answer.body)}`;
      if (found !== digest) throw notTheSame("a layer", digest, found);
      return answer.body;
    },

    async readReferrers(digest, signal) {
      const answer = await ask(`/referrers/${digest}`, { signal, maxBytes: MAX_MANIFEST_BYTES });
      const isIndex = (answer.headers.get("content-type") ?? "").startsWith(INDEX_TYPE);
      return answer.status === 200 && isIndex ? answer.body.toString("utf8") : undefined;
    },

    async writeBlob(bytes, signal) {
      const digest = `sha256:${sha256(bytes)}`;
      const note = { signal, maxBytes: MAX_NOTE_BYTES } as const;
      const known = await ask(`/blobs/${digest}`, { ...note, method: "HEAD" });
      if (known.status === 200) return;
      const begun = await ask("/blobs/uploads/", { ...note, method: "POST", body: "" });
      const location = begun.headers.get("location");
      if (begun.status !== 202 || location === null) throw failed(begun, "an upload");
      const target = new URL(location, begun.url);
      target.searchParams.set("digest", digest);
      const headers = { "Content-Type": "application/octet-stream" };
      const done = await ask(target.href, { ...note, method: "PUT", headers, body: new Uint8Array(bytes) });
      if (done.status !== 201) throw failed(done, "an upload");
    },

    async writeManifest(version, text, mediaType, signal) {
      const headers = { "Content-Type": mediaType };
      const options = { method: "PUT", headers, body: text, signal, maxBytes: MAX_NOTE_BYTES } as const;
      const answer = await ask(manifestPath(version), options);
      if (answer.status !== 201) throw failed(answer, "writing the manifest");
    },
  };

  function notTheSame(what: string, expected: string, got: string): SourceError {
    const message = `${showReference(reference)}: ${what} is not what its digest says: expected ${expected}, got ${got}`;
    return new SourceError("ERR_SOURCE_FETCH", message);
  }
}
