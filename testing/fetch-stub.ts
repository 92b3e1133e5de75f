import type { CapabilityAnswer } from "../sandbox/contract/capabilities.ts";
import type { Fetcher } from "../sandbox/index.ts";
import { CapabilityError } from "../sandbox/index.ts";

/** Answers what the policy fetches: a Response, or what one is made of. An object as `body` is sent as JSON. */
export type FetchStub = (request: Request) => FetchAnswer | Promise<FetchAnswer>;

type FetchAnswer =
  | Response
  | {
      readonly status?: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array<ArrayBuffer> | object | null;
    };

export function fetcherOf(stub: FetchStub): Pick<Fetcher, "fetch"> {
  return {
    async fetch({ wire, body, signal }): Promise<CapabilityAnswer> {
      const { url, method, headers } = wire;
      const content = wire.body ?? (body as Uint8Array<ArrayBuffer> | undefined);
      const request = new Request(url, {
        method,
        headers: headers as [string, string][],
        signal,
        ...(content !== undefined && { body: content }),
      });
      const response = await answer(stub, request);
      const text = JSON.stringify({
        url: response.url || url,
        status: response.status,
        statusText: response.statusText,
        redirected: response.redirected,
        headers: [...response.headers],
      });
      return { text, binary: new Uint8Array(await response.arrayBuffer()) };
    },
  };
}

/** What a stub throws the policy gets as a network error, as from a server that is not there. */
async function answer(stub: FetchStub, request: Request): Promise<Response> {
  try {
    const made = await stub(request);
    return made instanceof Response ? made : toResponse(made);
  } catch (error) {
    throw new CapabilityError("TypeError", error instanceof Error ? error.message : String(error));
  }
}

function toResponse({ status = 200, headers, body = null }: Exclude<FetchAnswer, Response>): Response {
  const isPlain = typeof body === "object" && body !== null && !ArrayBuffer.isView(body);
  if (isPlain) return Response.json(body, { status, headers });
  return new Response(body as string | null, { status, headers });
}
