import { isLoopback } from "../../config/index.ts";
import { readStart } from "../../net/answer-start.ts";
import { problemOfHeaders } from "../../net/header-problem.ts";
import { showUrl } from "../../net/shown-url.ts";
import { SourceError } from "../errors.ts";

/** Who asks. */
export interface HttpIdentity {
  /** Of a server that takes a user and a password; absent: the token stands for itself. */
  readonly user?: string;
  readonly token?: string;
  /** Whether other servers than those of this machine may be asked without TLS. */
  readonly plainHttp: boolean;
}

export interface HttpAsk {
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH";
  readonly body?: string | Uint8Array<ArrayBuffer>;
  readonly signal: AbortSignal;
  /** Largest body of the answer. */
  readonly maxBytes: number;
  /** How URLs are shown in what is thrown. Default: without a user, a password and a query. */
  readonly show?: (url: URL) => string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Buffer;
  /** Where it came from in the end. */
  readonly url: string;
}

const MOST_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];

/**
 * Asks, and follows redirects of what only asks: never from https to http, and what says who asks goes to no other server.
 * Throws a SourceError (`ERR_SOURCE_FETCH`) where there is no answer, or one that is too large.
 */
export async function askHttp(url: string, ask: HttpAsk, plainHttp: boolean): Promise<HttpAnswer> {
  let target = new URL(url);
  const failed = (where: URL, what: string) => failure((ask.show ?? showUrl)(where), what);
  let headers: Record<string, string> = { ...ask.headers };
  for (let redirects = 0; ; redirects++) {
    if (!isSafe(target, plainHttp))
      throw failed(target, "http is for this machine only; take https, or say `plainHttp: true`");
    const answer = await send(target, { ...ask, headers });
    const location = answer.headers.get("location");
    if (!isQuestion(ask) || !REDIRECTS.includes(answer.status) || location === null) return answer;
    if (redirects === MOST_REDIRECTS) throw failed(target, `it redirects more than ${MOST_REDIRECTS} times`);
    const next = URL.parse(location, target.href);
    if (next === null || !/^https?:$/.test(next.protocol)) throw failed(target, "it redirects to no URL");
    if (target.protocol === "https:" && next.protocol === "http:")
      throw failed(target, "it redirects to http, where anybody could put in something else");
    if (next.origin !== target.origin) {
      headers = Object.fromEntries(
        Object.entries(headers).filter(([name]) => name.toLowerCase() !== "authorization"),
      );
    }
    target = next;
  }
}

function isQuestion({ method = "GET" }: HttpAsk): boolean {
  return method === "GET" || method === "HEAD";
}

function isSafe({ protocol, hostname }: URL, plainHttp: boolean): boolean {
  return protocol === "https:" || plainHttp || isLoopback(hostname.replace(/^\[|\]$/g, ""));
}

async function send(url: URL, { maxBytes, show = showUrl, ...ask }: HttpAsk): Promise<HttpAnswer> {
  const wrong = problemOfHeaders(ask.headers ?? {});
  if (wrong !== undefined) throw failure(show(url), wrong);
  try {
    const answer = await fetch(url, {
      method: ask.method ?? "GET",
      ...(ask.headers && { headers: ask.headers }),
      ...(ask.body !== undefined && { body: ask.body }),
      signal: ask.signal,
      redirect: "manual",
    });
    const body = await readBody(answer, maxBytes);
    return { status: answer.status, headers: answer.headers, body, url: url.href };
  } catch (error) {
    const { message, cause } = error as Error & { readonly cause?: unknown };
    // What fetch says is "fetch failed"; why is its cause.
    throw failure(show(url), cause instanceof Error ? cause.message || message : message, error);
  }
}

async function readBody({ body, headers }: Response, maxBytes: number): Promise<Buffer> {
  const tooLarge = () => new Error(`its answer has more than ${maxBytes} bytes`);
  if (Number(headers.get("content-length") ?? 0) > maxBytes) {
    await body?.cancel();
    throw tooLarge();
  }
  const { bytes, isWhole } = await readStart(body, maxBytes);
  if (!isWhole) throw tooLarge();
  return bytes;
}

function failure(where: string, what: string, cause?: unknown): SourceError {
  return new SourceError("ERR_SOURCE_FETCH", `${where} cannot be fetched: ${what}`, { cause });
}
