import { ASK_KIND, type WireFetch, type WireResponse } from "../../wire/ask-texts.ts";
import type { Asks } from "../asks.ts";
import type { AbortTools } from "./abort.ts";
import { decodeText, viewBytes } from "./text.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { Headers } from "./web-headers.ts";

interface FetchOptions {
  readonly method?: unknown;
  readonly headers?: unknown;
  readonly body?: unknown;
  readonly redirect?: unknown;
  readonly signal?: unknown;
}

export function createFetch(asks: Asks, { follow }: AbortTools) {
  return async function fetch(url: unknown, options: FetchOptions = {}): Promise<Response> {
    const { method = "GET", redirect = "follow", signal } = options;
    if (redirect !== "follow" && redirect !== "error" && redirect !== "manual") {
      throw new TypeError('fetch: expected `redirect` to be "follow", "error" or "manual"');
    }
    const headers = new Headers(options.headers);
    const { text, bytes, type } = readBody(options.body);
    if (type !== undefined && !headers.has("content-type")) headers.set("content-type", type);
    const request: WireFetch = {
      url: String(url),
      method: String(method).toUpperCase(),
      headers: [...headers],
      redirect,
      ...(text !== undefined && { body: text }),
    };
    if (signal !== undefined && signal !== null && isAborted(signal))
      throw (signal as { reason: unknown }).reason;
    const { id, answer } = asks.ask("fetch", ASK_KIND.fetch, JSON.stringify(request), bytes);
    const unfollow = follow(signal, (reason) => asks.cancel(id, reason));
    try {
      const { text: head, binary } = await answer;
      return new Response(JSON.parse(head), binary ?? new Uint8Array(0));
    } finally {
      unfollow?.();
    }
  };
}

function isAborted(signal: unknown): boolean {
  return (signal as { readonly aborted?: unknown }).aborted === true;
}

function readBody(body: unknown): { text?: string; bytes?: Uint8Array; type?: string } {
  if (body === undefined || body === null) return {};
  if (typeof body === "string") return { text: body, type: "text/plain;charset=UTF-8" };
  if (body instanceof URLSearchParams) {
    return { text: String(body), type: "application/x-www-form-urlencoded;charset=UTF-8" };
  }
  return { bytes: viewBytes(body, "fetch").slice() };
}

/** The whole of it has come when `fetch` settles: reading it does not wait. */
export class Response {
  readonly #head: WireResponse;
  readonly #body: Uint8Array<ArrayBuffer>;
  readonly #headers: Headers;
  #isUsed = false;

  constructor(head: WireResponse, body: Uint8Array<ArrayBuffer>) {
    this.#head = head;
    this.#body = body;
    this.#headers = new Headers(head.headers);
    Object.freeze(this);
  }

  get url(): string {
    return this.#head.url;
  }

  get status(): number {
    return this.#head.status;
  }

  get statusText(): string {
    return this.#head.statusText;
  }

  get ok(): boolean {
    return this.status >= 200 && this.status < 300;
  }

  get redirected(): boolean {
    return this.#head.redirected;
  }

  get headers(): Headers {
    return this.#headers;
  }

  get bodyUsed(): boolean {
    return this.#isUsed;
  }

  async text(): Promise<string> {
    return decodeText(this.#take());
  }

  async json(): Promise<unknown> {
    return JSON.parse(decodeText(this.#take()));
  }

  async bytes(): Promise<Uint8Array> {
    return this.#take();
  }

  async arrayBuffer(): Promise<ArrayBuffer> {
    return this.#take().buffer;
  }

  get [Symbol.toStringTag](): string {
    return "Response";
  }

  #take(): Uint8Array<ArrayBuffer> {
    if (this.#isUsed) throw new TypeError("The body of this Response has been read already");
    this.#isUsed = true;
    return this.#body;
  }
}
