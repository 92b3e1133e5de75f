import type { IncomingMessage, ServerResponse } from "node:http";
import type { EmitEvent } from "../events.ts";
import { whenOver } from "../leases/caps/soon.ts";
import type { HeaderFields } from "../net/headers.ts";
import { admitPlain } from "../request/admit.ts";
import { askPolicies } from "../request/ask-policies.ts";
import type { Routed } from "../request/exchange.ts";
import {
  answerOf,
  type Refusal,
  type RefusalAnswer,
  type Refused,
  refusalOfError,
} from "../request/refusal.ts";
import { type ProcessPolicies, takePolicies } from "../routes/connection-policies.ts";
import { createKeptConnections } from "../upstream/dial/kept-connections.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { corsFields } from "./cors.ts";
import { openRequest, passOn, readAnswer } from "./plain-request.ts";
import { type RequestObserver, watchRequest } from "./request-observer.ts";

export interface HttpProxyOptions extends ProcessPolicies {
  readonly upstreams: Upstreams;
  readonly emit: EmitEvent;
  readonly observer: RequestObserver;
  isStopping(): boolean;
}

export interface HttpProxy {
  carry(routed: Routed, response: ServerResponse): void;
  /** Ends connections to servers that no request uses. */
  close(): void;
}

/** What became of a request, for the log. */
interface Passed {
  readonly status: number;
  readonly server: string;
}

/**
 * The pipeline whose ending is an answer, from where the route is found: admit ─▶ ask policies ─▶ reach server ─▶ answer,
 * bodies streamed both ways. The hooks run as for an upgrade: what a policy keeps out must not come in by leaving out a
 * header.
 */
export function createHttpProxy(options: HttpProxyOptions): HttpProxy {
  const { upstreams, emit, observer, isStopping } = options;
  const kept = createKeptConnections();

  return {
    carry(routed, response) {
      const { exchange, config, runtime, context } = routed;
      const gone = new AbortController();
      response.once("close", () => gone.abort());
      response.on("error", ignore);
      const notes = watchRequest(exchange, response, observer);

      open()
        .then(
          (result) => {
            if ("refusal" in result) return reject(result.refusal);
            whenClosed(response, () => report(result));
          },
          (cause: unknown) => reject(refusalOfError(cause)),
        )
        .finally(() => notes?.done());

      async function open(): Promise<Passed | Refused> {
        const refused = admitPlain(routed, isStopping());
        if (refused !== undefined) return refused;
        requireBody(exchange.request);
        const { headers } = context.request;
        const policies = takePolicies({ runtime, id: exchange.id, headers }, options);
        const decision = await whenOver(askPolicies(routed, policies.asked, notes), () => {
          policies.asked.release();
          policies.release();
        });
        if ("refusal" in decision) return decision;
        const { opened, release } = await openRequest(routed, decision, {
          upstreams,
          kept,
          signal: gone.signal,
          notes,
        });
        const { upstream, way } = opened;
        whenClosed(response, () => {
          upstream.destroy();
          release();
        });
        notes?.countRequest(exchange.request);
        const answer = await readAnswer(opened, exchange.request, config.httpTimeoutMs, gone.signal);
        notes?.countResponse(answer);
        const { status, fields } = passOn(answer, routed, decision, response);
        const server = way.target.url;
        if (notes !== undefined) Object.assign(notes, { status, server, response: fields });
        return { status, server };
      }

      function report({ status, server }: Passed): void {
        const complete = response.writableFinished;
        emit({ type: "request-proxied", ...described(), status, complete, server, durationMs: elapsed() });
      }

      function reject(refusal: Refusal): void {
        const { code, detail } = refusal;
        const answer = answerOf(refusal, exchange.id);
        const { status } = answer;
        emit({ type: "request-refused", ...described(), status, code, detail, durationMs: elapsed() });
        const sent = send(answer, routed, response);
        if (notes === undefined) return;
        notes.refusal = refusal;
        notes.answer(response, status, sent.fields, sent.body);
      }

      function described() {
        const { method } = routed.context.request;
        return { ...exchange.ids, route: runtime.name, method, path: exchange.path, client: exchange.client };
      }

      function elapsed(): number {
        return Math.round(exchange.elapsedMs);
      }
    },
    close: () => kept.close(),
  };
}

/** A server waits for the bytes that a head names, and somebody else has them. @throws */
function requireBody({ headers, readableDidRead }: IncomingMessage): void {
  const isWithBody = headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;
  if (isWithBody && readableDidRead)
    throw new Error(
      "the request's body was read before the gateway came to it: put the gateway's middleware before what parses bodies",
    );
}

/** @returns what was sent: nothing where a part of another answer has gone already, or the client has */
function send(
  answer: RefusalAnswer,
  routed: Routed,
  response: ServerResponse,
): { readonly fields: HeaderFields; readonly body: RefusalAnswer["body"] } {
  if (response.headersSent || response.closed) {
    response.destroy();
    return { fields: [], body: "" };
  }
  const { requestId } = routed.exchange;
  const fields: HeaderFields = [
    ...answer.fields,
    ...(requestId === undefined ? [] : [requestId]),
    ...(corsFields(routed) ?? []),
    // What is left of the request's body is not read.
    ["Connection", "close"],
  ];
  response.writeHead(answer.status, fields.flat()).end(answer.body);
  return { fields, body: answer.body };
}

/** At the end of the answer, or when the client has gone; at once when that was before. */
function whenClosed(response: ServerResponse, callback: () => void): void {
  if (response.closed) callback();
  else response.once("close", callback);
}

function ignore(): void {}
