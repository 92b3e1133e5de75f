import { MAX_ARCHIVE_BYTES, readArchive } from "../../../policies/pack/archive.ts";
import { sha256 } from "../../../policies/pack/canonical-json.ts";
import { showUrl } from "../../net/shown-url.ts";
import { SourceError } from "../errors.ts";
import type { SourceFiles } from "../version.ts";
import type { SourceDriver } from "./driver.ts";
import { askHttp, type HttpIdentity } from "./http-client.ts";

/** A .tar.gz at a URL. @param show how it, and where it redirects to, is shown */
export function createHttpDriver(
  url: string,
  identify: () => HttpIdentity,
  show: (url: URL | string) => string = showUrl,
): SourceDriver {
  const origin = show(url);
  return {
    origin,
    async fetch(known, signal) {
      const identity = identify();
      const headers = {
        ...authorizationOf(identity),
        ...(known?.etag !== undefined && { "If-None-Match": known.etag }),
      };
      const ask = { headers, signal, maxBytes: MAX_ARCHIVE_BYTES, show };
      const { status, body, headers: fields } = await askHttp(url, ask, identity.plainHttp);
      if (status === 304 && known !== undefined) return "unchanged";
      if (status !== 200) {
        const hint = status === 401 || status === 403 ? ": `source.token` says who asks" : "";
        throw new SourceError("ERR_SOURCE_FETCH", `${origin} answered ${status}, expected 200${hint}`);
      }
      const id = `sha256:${sha256(body)}`;
      const etag = fields.get("etag") ?? undefined;
      if (id === known?.id) return "unchanged";
      const revision = { id, ...(etag !== undefined && { etag }) };
      return { revision, unpack: () => unpack(body, origin) };
    },
  };
}

/** Throws a SourceError (`ERR_SOURCE_FORMAT`). */
export async function unpack(archive: Uint8Array, where: string): Promise<SourceFiles> {
  try {
    return await readArchive(archive, where, { hasTopFolder: false });
  } catch (cause) {
    throw new SourceError("ERR_SOURCE_FORMAT", (cause as Error).message, { cause });
  }
}

export function authorizationOf({ user, token }: HttpIdentity): Readonly<Record<string, string>> {
  if (token === undefined) return {};
  if (user === undefined) return { Authorization: `Bearer ${token}` };
  return { Authorization: `Basic ${Buffer.from(`${user}:${token}`).toString("base64")}` };
}
