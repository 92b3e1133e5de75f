import type { IncomingMessage } from "node:http";
import type { BlockList, Socket } from "node:net";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { RouteConfig } from "../config/index.ts";
import { takePolicies } from "../connection-policies.ts";
import type { EmitEvent } from "../events.ts";
import type { EntranceRules } from "../listen/entrance.ts";
import { type HeaderFields, readRawHeaders } from "../net/headers.ts";
import { admit } from "../request/admit.ts";
import { requestIdField } from "../request/exchange.ts";
import { badHandshake, type Refusal, refuse } from "../request/refusal.ts";
import { describeRequest, pathOf } from "../request/request-context.ts";
import { readSender } from "../request/sender.ts";
import { beginSpan } from "../request/trace-context.ts";
import type { RouteRuntime } from "../routes/route-runtime.ts";
import { decodePath, type Router } from "../routes/router.ts";
import { UpstreamError } from "../upstream/dial/errors.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { checkHandshake } from "./handshake.ts";
import { type AcceptedUpgrade, type Opened, openAttempt } from "./upgrade-attempt.ts";
import { UpgradeNotes, type UpgradeObserver, type UpgradeReport } from "./upgrade-observer.ts";

export interface UpgradeHandlerOptions {
  router(): Router<RouteRuntime>;
  readonly sandbox: Sandbox;
  readonly upstreams: Upstreams;
  readonly emit: EmitEvent;
  readonly observer: UpgradeObserver;
  newId(): string;
  /** Proxies whose word about the client is taken; undefined: nobody's. */
  readonly trusted: BlockList | undefined;
  isStopping(): boolean;
  /** Share of the traces begun here that are sampled; undefined: no traces, and headers of theirs are passed on. */
  readonly traceSample: number | undefined;
  onAccepted(accepted: AcceptedUpgrade): void;
}

/**
 * From the request to the 101, as ARCHITECTURE.md draws it: handshake ─▶ route ─▶ `upgrade` hooks ─▶ dial ─▶ 101.
 * The client gets nothing before the server has agreed.
 */
export function createUpgradeHandler(
  options: UpgradeHandlerOptions,
): (request: IncomingMessage, socket: Socket, head: Buffer, rules: EntranceRules) => void {
  return (request, socket, head, rules) => {
    const startedAt = performance.now();
    const time = Date.now();
    const id = options.newId();
    const path = pathOf(request.url ?? "/");
    const sender = readSender(request, socket, options.trusted);
    const { traceSample } = options;
    const trace = traceSample === undefined ? undefined : beginSpan(request.headersDistinct, traceSample);
    const traced = trace && { trace };
    const client = `${sender.address}:${sender.port}`;
    let route = "";
    let config: RouteConfig | undefined;
    let notes: UpgradeNotes | undefined;
    let requestId: readonly [string, string] | undefined;
    let leave = ignore;
    // Node stops listening for errors when it hands the socket over.
    socket.on("error", ignore);
    const gone = new AbortController();
    const onGone = (): void => gone.abort();
    socket.once("close", onGone);
    // A FIN before the 101: Node reads on after the upgrade, and a client that half-closes here has given up.
    socket.once("end", onGone);

    open().then(
      (result) => {
        socket.off("close", onGone);
        socket.off("end", onGone);
        if ("refusal" in result) reject(result.refusal);
        else accept(result.accepted);
      },
      (cause: unknown) => {
        const code = cause instanceof UpstreamError ? cause.code : "ERR_INTERNAL";
        const headers: HeaderFields = code === "ERR_UPSTREAM_BUSY" ? [["Retry-After", "1"]] : [];
        reject({ code, detail: cause instanceof Error ? cause.message : String(cause), headers });
      },
    );

    async function open(): Promise<Opened> {
      const headers = request.rawHeaders.length / 2;
      if (headers > rules.maxHeaders)
        return { refusal: { code: "ERR_TOO_MANY_HEADERS", detail: `${headers} header fields` } };
      const handshake = checkHandshake(request);
      if (!handshake.ok) return { refusal: badHandshake(handshake.status, handshake.detail) };
      if (decodePath(path) === undefined)
        return { refusal: { code: "ERR_BAD_PATH", detail: `path ${path}` } };
      const found = options.router().find(path, request.headers);
      if (found === undefined) return { refusal: { code: "ERR_NO_ROUTE", detail: `no route for ${path}` } };
      route = found.route.name;
      config = found.route.config;
      if (options.observer.wants(id, config)) notes = new UpgradeNotes();
      requestId = requestIdField(found.route.config, id, request.headers);
      if (!found.route.config.enabled)
        return { refusal: { code: "ERR_NO_ROUTE", detail: `the route ${route} is disabled` } };
      if (options.isStopping())
        return { refusal: { code: "ERR_STOPPING", detail: "the gateway is stopping" } };
      const runtime = found.route;
      const context = describeRequest(request, sender, runtime.path, found.params);
      const admitted = admit(runtime, request.headers, sender, context);
      if ("refusal" in admitted) return admitted;
      const policies = takePolicies(runtime, options.sandbox);
      leave = () => {
        admitted.leave();
        policies.release();
      };
      const { subprotocols, admitAttributes } = admitted;
      const key = handshake.key;
      return openAttempt(
        {
          id,
          request,
          socket,
          head,
          key,
          runtime,
          policies,
          context,
          sender,
          signal: gone.signal,
          subprotocols,
          admitAttributes,
          leave,
          notes,
          ...traced,
        },
        options.upstreams,
      );
    }

    function reject(refusal: Refusal): void {
      leave();
      const headers = withField([...(refusal.headers ?? []), ...rules.fields], requestId);
      const answer = refuse(socket, { ...refusal, headers }, id);
      const { status } = answer;
      notes ??= new UpgradeNotes();
      notes.response = answer.headers;
      const durationMs = elapsed();
      const { code, detail } = refusal;
      const fields = { ...ids(), route, path, status, code, detail, client, durationMs };
      options.emit({ type: "upgrade-refused", ...fields, ...traced });
      observe({ status, code, detail, server: "", subprotocol: "", extensions: "" });
    }

    function accept(accepted: AcceptedUpgrade): void {
      const { server, extensions } = accepted;
      const { subprotocol } = accepted.context;
      const agreed = { server: server.url, subprotocol, extensions: extensions.header ?? "" };
      options.emit({
        type: "session-start",
        ...ids(),
        route,
        path,
        client,
        ...agreed,
        durationMs: elapsed(),
        ...traced,
      });
      observe({ status: 101, code: "", detail: "", ...agreed });
      options.onAccepted(accepted);
    }

    function observe(
      outcome: Pick<UpgradeReport, "status" | "code" | "detail" | "server" | "subprotocol" | "extensions">,
    ): void {
      if (!options.observer.wants(id, config)) return;
      const { method = "GET", url = "/", httpVersion } = request;
      const head = { method, path: url, httpVersion, request: readRawHeaders(request.rawHeaders) };
      const taken = { id, route, time, client, durationMs: performance.now() - startedAt };
      options.observer.take({ ...taken, ...head, ...outcome, notes: notes ?? new UpgradeNotes() });
    }

    function ids(): { readonly id: string; readonly requestId?: string } {
      return requestId === undefined ? { id } : { id, requestId: requestId[1] };
    }

    function elapsed(): number {
      return Math.round(performance.now() - startedAt);
    }
  };
}

function withField(fields: HeaderFields, field: readonly [string, string] | undefined): HeaderFields {
  if (field === undefined) return fields;
  return [...fields.filter(([name]) => name.toLowerCase() !== field[0]), field];
}

function ignore(): void {}
