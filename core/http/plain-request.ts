import type { ClientRequest, IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream";
import { changeHeaders, type HeaderFields, readRawHeaders } from "../net/headers.ts";
import type { UpgradeDecision } from "../request/decision.ts";
import type { Routed } from "../request/exchange.ts";
import { requestFieldsOf, responseFieldsOf } from "../request/passed-fields.ts";
import { serverRequest } from "../request/server-request.ts";
import { UpstreamError } from "../upstream/dial/errors.ts";
import type { KeptConnections } from "../upstream/dial/kept-connections.ts";
import type { ReachPhases } from "../upstream/reach-phases.ts";
import { type Reached, reachServer, type Way } from "../upstream/reach-server.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { corsFields } from "./cors.ts";

/** A plain request with a connection to its server; nothing of it has been sent. */
export interface OpenedRequest {
  readonly upstream: ClientRequest;
  readonly way: Way;
  readonly notes: ServerNotes | undefined;
}

export interface PlainParts {
  readonly upstreams: Upstreams;
  readonly kept: KeptConnections;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
  /** Undefined: nobody takes the request down. */
  readonly notes: ServerNotes | undefined;
}

/** What is noted of a request's way to its server and back. */
export interface ServerNotes {
  serverRequest: HeaderFields | null;
  serverResponse: { readonly status: number; readonly headers: HeaderFields } | null;
  readonly phases: ReachPhases;
}

/** Only what has no connection yet is tried at another server. @throws UpstreamError */
export function openRequest(
  routed: Routed,
  decision: UpgradeDecision,
  { upstreams, kept, signal, notes }: PlainParts,
): Promise<Reached<OpenedRequest>> {
  const { request } = routed.exchange;
  const phases = notes?.phases;
  return reachServer(upstreams, { ...serverRequest(routed, decision, signal), phases }, async (way) => {
    const passed = requestFieldsOf(routed, way.target, { scheme: "http", without: ["expect"] });
    const fields = changeHeaders([...passed, ...bodyFields(request)], decision.headers);
    if (notes !== undefined) notes.serverRequest = fields;
    phases?.enter("dial", { server: way.target.authority });
    try {
      const upstream = await kept.open(way.target, {
        method: request.method ?? "GET",
        headers: fields.flat(),
        connectTimeoutMs: way.within(routed.config.connectTimeoutMs),
        signal,
        transport: way.transport,
      });
      if (upstream.reusedSocket) phases?.keep();
      phases?.enter("request");
      return { upstream, way, notes };
    } catch (error) {
      phases?.fail((error as Error).message);
      way.fail(error);
      throw error;
    }
  });
}

/** Sends the request's body and waits for the head of the answer. @throws UpstreamError */
export function readAnswer(
  { upstream, way, notes }: OpenedRequest,
  request: IncomingMessage,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { url } = way.target;
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    let sentAt: number | undefined;
    let isAnswered = false;
    // Counted from the end of the body: an upload takes as long as it takes.
    upstream.once("finish", () => {
      sentAt = performance.now();
      if (!isAnswered) notes?.phases.enter("server");
      if (timeoutMs > 0) timer = setTimeout(onTimeout, timeoutMs);
    });
    upstream.once("response", (answer) => {
      clearTimeout(timer);
      isAnswered = true;
      if (notes !== undefined) noteAnswer(notes, answer);
      way.succeed(sentAt);
      resolve(answer);
    });
    upstream.on("error", (cause) => {
      clearTimeout(timer);
      notes?.phases.fail(cause.message);
      if (cause instanceof UpstreamError) return reject(cause);
      const code = signal.aborted ? "ERR_UPSTREAM_ABORTED" : "ERR_UPSTREAM_UNREACHABLE";
      fail(new UpstreamError(code, `${url}: ${cause.message}`, { cause }));
    });
    upstream.once("close", () => {
      clearTimeout(timer);
      reject(new UpstreamError("ERR_UPSTREAM_ABORTED", `${url}: the request was given up`));
    });
    if (upstream.destroyed) {
      const code = signal.aborted ? "ERR_UPSTREAM_ABORTED" : "ERR_UPSTREAM_UNREACHABLE";
      return reject(new UpstreamError(code, `${url}: the connection has ended`));
    }
    // The server may answer before the first byte of a body has come.
    if (bodyFields(request).length > 0) upstream.flushHeaders();
    pipeline(request, upstream, ignore);

    function onTimeout(): void {
      const detail = `${url}: no answer within ${timeoutMs} ms`;
      const error = new UpstreamError("ERR_UPSTREAM_HANDSHAKE_TIMEOUT", detail);
      way.fail(error);
      upstream.destroy(error);
    }

    function fail(error: UpstreamError): void {
      // A kept connection that the server has just ended says nothing of the server's health.
      if (!upstream.reusedSocket) way.fail(error);
      reject(error);
    }
  });
}

function noteAnswer(notes: ServerNotes, { statusCode = 502, rawHeaders }: IncomingMessage): void {
  notes.serverResponse = { status: statusCode, headers: readRawHeaders(rawHeaders) };
  notes.phases.enter("answer");
}

/** The server's answer, head and body. @returns what of it is passed on */
export function passOn(
  answer: IncomingMessage,
  routed: Routed,
  decision: UpgradeDecision,
  response: ServerResponse,
): { readonly status: number; readonly fields: HeaderFields } {
  const cors = corsFields(routed);
  const answered = readRawHeaders(answer.rawHeaders).filter(
    ([name]) => cors === undefined || !/^access-control-/i.test(name),
  );
  const fields = [...responseFieldsOf(routed, answered), ...(cors ?? [])];
  const length = answer.headers["content-length"];
  const framed: HeaderFields = length === undefined ? fields : [...fields, ["Content-Length", length]];
  const status = answer.statusCode ?? 502;
  const passed = changeHeaders(framed, decision.responseHeaders);
  response.writeHead(status, answer.statusMessage ?? "", passed.flat());
  // What a server sends a line at a time must not wait for the first line to be known.
  response.flushHeaders();
  pipeline(answer, response, ignore);
  return { status, fields: passed };
}

/** How the body goes on: with the length that the client gave, or in chunks. */
function bodyFields({ headers }: IncomingMessage): HeaderFields {
  if (headers["transfer-encoding"] !== undefined) return [["Transfer-Encoding", "chunked"]];
  const length = headers["content-length"];
  return length === undefined ? [] : [["Content-Length", length]];
}

function ignore(): void {}
