import type { IncomingMessage, ServerResponse } from "node:http";
import { type HeaderFields, readRawHeaders } from "../net/headers.ts";
import type { HookNotes } from "../request/ask-policies.ts";
import type { Exchange, ObservedExchange } from "../request/exchange.ts";
import type { Refusal } from "../request/refusal.ts";
import type { UpgradeStep } from "../request/request-hook.ts";

/** Takes down plain requests, if somebody wants them. */
export interface RequestObserver {
  wants(exchange: ObservedExchange): boolean;
  takeRequest(report: RequestReport, exchange: ObservedExchange): void;
}

/** One request without an upgrade, answered. */
export interface RequestReport {
  readonly id: string;
  /** "" when it came to none. */
  readonly route: string;
  /** Ms since 1970. */
  readonly time: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly httpVersion: string;
  readonly status: number;
  /** Of the refusal; "" where there was none. */
  readonly code: string;
  readonly detail: string;
  readonly client: string;
  /** "" when none was asked. */
  readonly server: string;
  readonly durationMs: number;
  /** Whether the client got all of the answer. */
  readonly isComplete: boolean;
  /** Of the bodies, as far as they came. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly request: HeaderFields;
  readonly response: HeaderFields;
  readonly steps: readonly UpgradeStep[];
}

/** What is noted of a request on its way. */
export class RequestNotes implements HookNotes {
  readonly steps: UpgradeStep[] = [];
  attributes: HookNotes["attributes"] = {};
  refusal: Pick<Refusal, "code" | "detail"> | undefined;
  server = "";
  response: HeaderFields = [];
  requestBytes = 0;
  responseBytes = 0;

  /** Call it in the same turn as whoever reads the body begins to. */
  countRequest(body: IncomingMessage): void {
    body.on("data", ({ length }: Buffer) => {
      this.requestBytes += length;
    });
  }

  /** As above. */
  countResponse(body: IncomingMessage): void {
    body.on("data", ({ length }: Buffer) => {
      this.responseBytes += length;
    });
  }
}

/** Reports the request once it is over. @returns what to note on the way; undefined: nobody wants it */
export function watchRequest(
  exchange: Exchange,
  response: ServerResponse,
  observer: RequestObserver,
): RequestNotes | undefined {
  if (!observer.wants(exchange)) return undefined;
  const notes = new RequestNotes();
  response.once("close", () => observer.takeRequest(reportOf(exchange, response, notes), exchange));
  return notes;
}

function reportOf(exchange: Exchange, response: ServerResponse, notes: RequestNotes): RequestReport {
  const { id, routed, time, client, elapsedMs, request } = exchange;
  const { method = "GET", url = "/", httpVersion } = request;
  const { code = "", detail = "" } = notes.refusal ?? {};
  const { server, requestBytes, responseBytes, response: fields, steps } = notes;
  return {
    ...{ id, route: routed?.runtime.name ?? "", time, method, path: url, httpVersion },
    ...{ status: response.statusCode, code, detail, client, server, durationMs: elapsedMs },
    ...{ isComplete: response.writableFinished, requestBytes, responseBytes },
    ...{ request: readRawHeaders(request.rawHeaders), response: fields, steps },
  };
}
