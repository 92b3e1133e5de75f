import * as http from "node:http";
import type { WireFetch } from "../wire/ask-texts.ts";
import { CapabilityError } from "./errors.ts";
import type { FetchGrant } from "./grants.ts";

type FieldValues = Readonly<Record<string, string>>;

/** One request: the first, or one that a redirect asks for. */
export interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: FieldValues;
  readonly body: Uint8Array | undefined;
}

/** Of a request, where the ask is read, and of an answer. */
export const MAX_HEADER_BYTES = 16_384;
/** Of the connection, not of the message; and what a policy has no business with. */
const OWN_HEADERS = new Set([
  ...["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "keep-alive"],
  ...["expect", "proxy-authorization", "proxy-connection", "accept-encoding"],
]);
/** Not for another origin than the one they were written for. */
const PRIVATE_HEADERS = ["authorization", "cookie"];
const METHOD = /^[A-Z][A-Z-]{0,31}$/;

/** @throws CapabilityError when it is not one that any grant allows */
export function firstHop(wire: WireFetch, binary: Uint8Array | undefined, grant: FetchGrant): Hop {
  const url = readUrl(wire.url, undefined);
  if (!METHOD.test(wire.method) || wire.method === "CONNECT" || wire.method === "TRACE") {
    throw new CapabilityError("TypeError", "fetch: the method is not one that may be used");
  }
  const body = binary ?? (wire.body === undefined ? undefined : Buffer.from(wire.body));
  if (body && (wire.method === "GET" || wire.method === "HEAD")) {
    throw new CapabilityError("TypeError", `fetch: a ${wire.method} request has no body`);
  }
  if (body && body.length > grant.maxRequestBytes) {
    throw new CapabilityError(
      "RangeError",
      `fetch: the body has ${body.length} bytes, and \`maxRequestSize\` of the grant allows ${grant.maxRequestBytes}`,
    );
  }
  return { url, method: wire.method, headers: readHeaders(wire.headers), body };
}

/** What a redirect asks for: as browsers do it, and without what was meant for the first server only. */
export function nextHop({ url, method, headers, body }: Hop, status: number, location: string): Hop {
  const next = readUrl(location, url);
  const kept = next.origin === url.origin ? headers : without(headers, PRIVATE_HEADERS);
  const becomesGet =
    (status === 303 && method !== "HEAD") || ((status === 301 || status === 302) && method === "POST");
  if (!becomesGet) return { url: next, method, headers: kept, body };
  return { url: next, method: "GET", headers: without(kept, ["content-type"]), body: undefined };
}

function readUrl(text: string, base: URL | undefined): URL {
  const url = URL.parse(text, base?.href);
  if (!url || (url.protocol !== "https:" && url.protocol !== "http:") || url.hostname === "") {
    throw new CapabilityError("TypeError", "fetch: expected an absolute http or https URL");
  }
  if (url.username !== "" || url.password !== "") {
    throw new CapabilityError(
      "TypeError",
      "fetch: a URL must not hold a user name or password: use a header",
    );
  }
  return url;
}

function readHeaders(fields: WireFetch["headers"]): FieldValues {
  const headers: Record<string, string> = Object.create(null);
  for (const [name, value] of fields) {
    const key = name.toLowerCase();
    if (OWN_HEADERS.has(key)) continue;
    try {
      http.validateHeaderName(key);
      http.validateHeaderValue(key, value);
    } catch {
      throw new CapabilityError("TypeError", "fetch: a header has a name or value that no header may have");
    }
    headers[key] = value;
  }
  return headers;
}

function without(headers: FieldValues, names: readonly string[]): FieldValues {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}
