import type { IncomingMessage } from "node:http";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import { CapabilityError } from "./errors.ts";

/** Counted as it comes and as it is unpacked: a small body may be a large one packed. */
export async function readBody(response: IncomingMessage, maxBytes: number, url: URL): Promise<Uint8Array> {
  const encoding = (response.headers["content-encoding"] ?? "identity").trim().toLowerCase();
  const unpack = decoderOf(encoding);
  if (unpack === null) {
    response.destroy();
    throw new CapabilityError("TypeError", `fetch: ${url.origin} answered in an encoding that is not known`);
  }
  const source = unpack ? response.pipe(unpack) : response;
  if (unpack) response.on("error", (error) => unpack.destroy(error)).on("aborted", () => unpack.destroy());
  const chunks: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of source) {
      size += (chunk as Buffer).length;
      if (size > maxBytes) {
        throw new CapabilityError(
          "RangeError",
          `fetch: the answer of ${url.origin} has more than the ${maxBytes} bytes that \`maxResponseSize\` of the grant allows`,
        );
      }
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    response.destroy();
    unpack?.destroy();
    throw error;
  }
  return new Uint8Array(Buffer.concat(chunks));
}

function decoderOf(encoding: string) {
  if (encoding === "identity" || encoding === "") return undefined;
  if (encoding === "gzip" || encoding === "x-gzip") return createGunzip();
  if (encoding === "deflate") return createInflate();
  return encoding === "br" ? createBrotliDecompress() : null;
}
