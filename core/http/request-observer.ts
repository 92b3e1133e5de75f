import type { IncomingMessage, ServerResponse } from "node:http";
import { type HeaderFields, readRawHeaders } from "../net/headers.ts";
import type { HookNotes } from "../request/ask-policies.ts";
import type { Exchange, ObservedExchange } from "../request/exchange.ts";
import type { AnswerReport } from "../request/notes/answer-report.ts";
import { PhaseLog } from "../request/notes/phase-log.ts";
import type { Refusal } from "../request/refusal.ts";
import type { UpgradeStep } from "../request/request-hook.ts";

/** Takes down plain requests, if somebody wants them. */
export interface RequestObserver {
  wants(exchange: ObservedExchange): boolean;
  takeRequest(report: RequestReport, exchange: ObservedExchange): void;
}

/** One request without an upgrade, answered. */
export interface RequestReport extends AnswerReport {
  /** Whether the client got all of the answer. */
  readonly isComplete: boolean;
  /** Of the bodies, as far as they came. */
  readonly requestBytes: number;
  readonly responseBytes: number;
  readonly serverRequest: HeaderFields | null;
  readonly serverResponse: { readonly status: number; readonly headers: HeaderFields } | null;
  readonly response: HeaderFields;
  readonly steps: readonly UpgradeStep[];
}

/** What is noted of a request on its way. */
export class RequestNotes implements HookNotes {
  readonly steps: UpgradeStep[] = [];
  attributes: HookNotes["attributes"] = {};
  refusal: Pick<Refusal, "code" | "detail"> | undefined;
  server = "";
  /** What has become of it; 0: nothing yet. */
  status = 0;
  serverRequest: RequestReport["serverRequest"] = null;
  serverResponse: RequestReport["serverResponse"] = null;
  response: HeaderFields = [];
  requestBytes = 0;
  responseBytes = 0;
  readonly phases: PhaseLog;
  readonly #onDone: () => void;

  constructor(exchange: Pick<Exchange, "elapsedMs">, onDone: () => void) {
    this.phases = new PhaseLog(exchange);
    this.#onDone = onDone;
  }

  /** All is noted but what the streams count. Call it once. */
  done(): void {
    this.#onDone();
  }

  /** An answer of the gateway's own, as it is written. */
  answer(response: ServerResponse, status: number, fields: HeaderFields, body: string | Uint8Array): void {
    this.status = status;
    this.response = fields;
    this.responseBytes = response.req.method === "HEAD" ? 0 : Buffer.byteLength(body);
  }

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

/**
 * Reports the request once the answer has ended, or the client has gone, and it is known what has become of it: either may be
 * first.
 *
 * @returns what to note on the way; undefined: nobody wants it
 */
export function watchRequest(
  exchange: Exchange,
  response: ServerResponse,
  observer: RequestObserver,
): RequestNotes | undefined {
  if (!observer.wants(exchange)) return undefined;
  let missing = 2;
  const end = (): void => {
    if (--missing === 0) observer.takeRequest(reportOf(exchange, response, notes), exchange);
  };
  const notes = new RequestNotes(exchange, end);
  response.once("close", end);
  return notes;
}

function reportOf(exchange: Exchange, response: ServerResponse, notes: RequestNotes): RequestReport {
  const phases = notes.phases.finish();
  const { id, routed, time, client, elapsedMs, request } = exchange;
  const { method = "GET", url = "/", httpVersion } = request;
  const { code = "", detail = "" } = notes.refusal ?? {};
  const { status, server, requestBytes, responseBytes, response: fields, steps } = notes;
  const { serverRequest, serverResponse } = notes;
  return {
    ...{ id, route: routed?.runtime.name ?? "", time, method, path: url, httpVersion },
    ...{ status, code, detail, client, server, durationMs: elapsedMs },
    ...{ isComplete: response.writableFinished, requestBytes, responseBytes },
    ...{ request: readRawHeaders(request.rawHeaders), serverRequest, serverResponse, response: fields },
    ...{ steps, phases },
  };
}
