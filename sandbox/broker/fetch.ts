import { lookup as systemLookup } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { createBrotliDecompress, createGunzip, createInflate } from "node:zlib";
import type { CapabilityAnswer } from "../contract.ts";
import type { WireFetch, WireResponse } from "../wire/ask-texts.ts";
import { type AddressCheck, createPrivateCheck } from "./addresses.ts";
import { CapabilityError } from "./errors.ts";
import { type FetchGrant, fitsHost, notGranted } from "./grants.ts";

export interface FetchRequest {
  readonly policy: string;
  readonly grant: FetchGrant;
  readonly wire: WireFetch;
  readonly body: Uint8Array | undefined;
  readonly signal: AbortSignal;
}

/** Carries out a request that a policy has asked for; every hop of it is held against the grant. */
export interface Fetcher {
  fetch(request: FetchRequest): Promise<CapabilityAnswer>;
  close(): void;
}

export interface FetcherOptions {
  /** As `dns.lookup`. */
  readonly lookup?: LookupFunction;
}

type Headers = Record<string, string>;

interface Hop {
  readonly url: URL;
  readonly method: string;
  readonly headers: Headers;
  readonly body: Uint8Array | undefined;
}

interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

const MAX_REDIRECTS = 5;
/** Of a request, and of an answer. */
const MAX_HEADER_BYTES = 16_384;
/** Of a header: `: ` and the line's end. */
const HEADER_OVERHEAD = 4;
const MAX_SOCKETS = 64;
const IDLE_SOCKET_MS = 10_000;
/** Of the connection, not of the message; and what a policy has no business with. */
const ownHeaders = new Set([
  ...["host", "connection", "content-length", "transfer-encoding", "upgrade", "te", "trailer", "keep-alive"],
  ...["expect", "proxy-authorization", "proxy-connection", "accept-encoding"],
]);
const hiddenHeaders = new Set([
  "set-cookie",
  "set-cookie2",
  "content-encoding",
  "transfer-encoding",
  "connection",
]);
/** Not for another origin than the one they were written for. */
const privateHeaders = ["authorization", "cookie"];
const methodPattern = /^[A-Z][A-Z-]{0,31}$/;

export function createFetcher({ lookup = systemLookup as LookupFunction }: FetcherOptions = {}): Fetcher {
  const isPrivate = createPrivateCheck();
  const publicAgents = createAgents(checkedLookup(lookup, isPrivate));
  const anyAgents = createAgents(lookup);

  async function fetchAll({ policy, grant, wire, body, signal }: FetchRequest): Promise<CapabilityAnswer> {
    const timeout = AbortSignal.timeout(grant.timeoutMs);
    const either = AbortSignal.any([signal, timeout]);
    let hop = firstHop(wire, body, grant);
    for (let redirects = 0; ; redirects++) {
      check(hop, policy, grant);
      const reply = await send(hop, grant, either).catch((error) => {
        if (error instanceof CapabilityError) throw error;
        if (timeout.aborted) throw tooLate(hop.url, grant.timeoutMs);
        throw unreachable(hop.url, error);
      });
      const isRedirect = [301, 302, 303, 307, 308].includes(reply.status) && reply.location !== undefined;
      if (!isRedirect || wire.redirect === "manual") return answerOf(reply, hop.url, redirects > 0);
      if (wire.redirect === "error")
        throw new CapabilityError("TypeError", `fetch: ${hop.url.origin} redirects`);
      if (redirects === MAX_REDIRECTS) {
        throw new CapabilityError(
          "TypeError",
          `fetch: more than ${MAX_REDIRECTS} redirects from ${hop.url.origin}`,
        );
      }
      hop = nextHop(hop, reply);
    }
  }

  /** Address literals are not looked up: they are held against the rules here, names when they are dialled. */
  function check({ url, method }: Hop, policy: string, grant: FetchGrant): void {
    if (!grant.hosts.some((pattern) => fitsHost(pattern, url))) {
      throw notGranted(
        `fetch from ${url.host}`,
        policy,
        `fetch: { hosts: [${[...grant.hosts, url.host].map((host) => JSON.stringify(host)).join(", ")}] }`,
      );
    }
    if (!grant.methods.includes(method)) {
      const methods = [...grant.methods, method].map((one) => JSON.stringify(one)).join(", ");
      throw notGranted(`fetch with ${method}`, policy, `fetch: { methods: [${methods}] }`);
    }
    const literal = url.hostname.replace(/^\[|\]$/g, "");
    if (isIP(literal) && !grant.private && isPrivate(literal)) throw privateAddress(url.hostname);
  }

  function send({ url, method, headers, body }: Hop, grant: FetchGrant, signal: AbortSignal): Promise<Reply> {
    const agents = grant.private ? anyAgents : publicAgents;
    const isTls = url.protocol === "https:";
    const { promise, resolve, reject } = Promise.withResolvers<Reply>();
    const request = (isTls ? https : http).request(url, {
      method,
      signal,
      agent: isTls ? agents.https : agents.http,
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        ...headers,
        "accept-encoding": "identity",
        ...(body && { "content-length": String(body.length) }),
      },
    });
    request.on("error", reject);
    // Without this Node closes the connection and says nothing.
    request.on("upgrade", (_response, socket) => {
      socket.destroy();
      reject(
        new CapabilityError(
          "TypeError",
          `fetch: ${url.origin} answered with an upgrade that was not asked for`,
        ),
      );
    });
    request.on("response", (response) => {
      readBody(response, grant.maxResponseBytes, url).then((bytes) => {
        const { statusCode = 0, statusMessage = "", rawHeaders } = response;
        resolve({
          status: statusCode,
          statusText: statusMessage,
          headers: visibleHeaders(rawHeaders),
          location: response.headers.location,
          body: bytes,
        });
      }, reject);
    });
    request.end(body);
    return promise;
  }

  return {
    fetch: fetchAll,
    close() {
      for (const { http, https } of [publicAgents, anyAgents]) {
        http.destroy();
        https.destroy();
      }
    },
  };
}

function createAgents(lookup: LookupFunction): { http: http.Agent; https: https.Agent } {
  const options = {
    keepAlive: true,
    maxSockets: MAX_SOCKETS,
    maxFreeSockets: 8,
    timeout: IDLE_SOCKET_MS,
    lookup,
  };
  return { http: new http.Agent(options), https: new https.Agent(options) };
}

/** What this gives is what is dialled: a name that points elsewhere a moment later gains nothing. */
function checkedLookup(lookup: LookupFunction, isPrivate: AddressCheck): LookupFunction {
  return (hostname, options, done) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return done(error, []);
      const all = Array.isArray(found) ? found : [];
      const open = all.filter(({ address }) => !isPrivate(address));
      if (open.length === 0) return done(privateAddress(hostname), []);
      if (options.all) done(null, open);
      else done(null, open[0]!.address, open[0]!.family);
    });
}

function firstHop(wire: WireFetch, binary: Uint8Array | undefined, grant: FetchGrant): Hop {
  const url = readUrl(wire.url, undefined);
  if (!methodPattern.test(wire.method) || wire.method === "CONNECT" || wire.method === "TRACE") {
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

function nextHop({ url, method, headers, body }: Hop, { status, location }: Reply): Hop {
  const next = readUrl(location as string, url);
  const kept = next.origin === url.origin ? headers : without(headers, privateHeaders);
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

/** Each is looked at on the worker's event loop, so there may be only so much of them. */
function readHeaders(fields: WireFetch["headers"]): Headers {
  let bytes = 0;
  for (const [name, value] of fields) bytes += String(name).length + String(value).length + HEADER_OVERHEAD;
  if (bytes > MAX_HEADER_BYTES)
    throw new CapabilityError("RangeError", `fetch: the headers have more than ${MAX_HEADER_BYTES} bytes`);
  const headers: Headers = Object.create(null);
  for (const [name, value] of fields) {
    const key = String(name).toLowerCase();
    if (ownHeaders.has(key)) continue;
    try {
      http.validateHeaderName(key);
      http.validateHeaderValue(key, String(value));
    } catch {
      throw new CapabilityError("TypeError", "fetch: a header has a name or value that no header may have");
    }
    headers[key] = String(value);
  }
  return headers;
}

function without(headers: Headers, names: readonly string[]): Headers {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !names.includes(name)));
}

/** Counted as it comes and as it is unpacked: a small body may be a large one packed. */
async function readBody(response: http.IncomingMessage, maxBytes: number, url: URL): Promise<Uint8Array> {
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

function visibleHeaders(raw: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (!hiddenHeaders.has(name)) fields.push([name, raw[i + 1] as string]);
  }
  return fields;
}

function answerOf(
  { status, statusText, headers, body }: Reply,
  url: URL,
  redirected: boolean,
): CapabilityAnswer {
  const head: WireResponse = { url: url.href, status, statusText, redirected, headers };
  return { text: JSON.stringify(head), binary: body };
}

function privateAddress(host: string): CapabilityError {
  return new CapabilityError(
    "NotGrantedError",
    `fetch: ${host} has an address of a private network or of this machine: add private: true to the policy's grant of fetch`,
  );
}

function tooLate(url: URL, timeoutMs: number): CapabilityError {
  return new CapabilityError(
    "TimeoutError",
    `fetch: no answer of ${url.origin} within ${timeoutMs} ms (\`timeout\` of the grant)`,
  );
}

/** Never the path or the query: they may hold tokens. */
function unreachable({ origin }: URL, error: unknown): CapabilityError {
  const { code, cause } = error as NodeJS.ErrnoException & { cause?: unknown };
  if (cause instanceof CapabilityError) return cause;
  return new CapabilityError("TypeError", `fetch: no answer of ${origin}: ${code ?? "the request failed"}`, {
    cause: error,
  });
}
