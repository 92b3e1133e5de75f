import { lookup as systemLookup } from "node:dns";
import * as http from "node:http";
import * as https from "node:https";
import { isIP, type LookupFunction } from "node:net";
import type { CapabilityAnswer } from "../contract/capabilities.ts";
import type { WireFetch, WireResponse } from "../wire/ask-texts.ts";
import { createPrivateCheck } from "./addresses.ts";
import { CapabilityError } from "./errors.ts";
import { checkedLookup, createAgents } from "./fetch-agents.ts";
import { readBody } from "./fetch-body.ts";
import { noAnswer, privateAddress, tooLate } from "./fetch-errors.ts";
import { firstHop, type Hop, MAX_HEADER_BYTES, nextHop } from "./fetch-hop.ts";
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

interface Reply {
  readonly status: number;
  readonly statusText: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly location: string | undefined;
  readonly body: Uint8Array;
}

const MAX_REDIRECTS = 5;
const REDIRECTS: readonly number[] = [301, 302, 303, 307, 308];
const HIDDEN_HEADERS = new Set([
  "set-cookie",
  "set-cookie2",
  "content-encoding",
  "transfer-encoding",
  "connection",
]);

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
        throw noAnswer(hop.url, error);
      });
      const { status, location } = reply;
      if (!REDIRECTS.includes(status) || location === undefined || wire.redirect === "manual")
        return answerOf(reply, hop.url, redirects > 0);
      if (wire.redirect === "error")
        throw new CapabilityError("TypeError", `fetch: ${hop.url.origin} redirects`);
      if (redirects === MAX_REDIRECTS) {
        throw new CapabilityError(
          "TypeError",
          `fetch: more than ${MAX_REDIRECTS} redirects from ${hop.url.origin}`,
        );
      }
      hop = nextHop(hop, status, location);
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

function visibleHeaders(raw: readonly string[]): [string, string][] {
  const fields: [string, string][] = [];
  for (let i = 0; i + 1 < raw.length; i += 2) {
    const name = (raw[i] as string).toLowerCase();
    if (!HIDDEN_HEADERS.has(name)) fields.push([name, raw[i + 1] as string]);
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
