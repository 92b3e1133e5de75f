import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { Sandbox } from "../../sandbox/contract.ts";
import type { EmitEvent } from "../events.ts";
import type { RouteRuntime } from "../route-runtime.ts";
import { UpstreamError } from "../upstream/errors.ts";
import { checkHandshake } from "./handshake.ts";
import type { EntranceRules } from "./listener.ts";
import { badHandshake, type Refusal, refuse } from "./refusal.ts";
import { describeRequest, pathOf } from "./request-context.ts";
import { decodePath, type Router } from "./router.ts";
import { type AcceptedUpgrade, type Opened, openAttempt } from "./upgrade-attempt.ts";

export interface UpgradeHandlerOptions {
  router(): Router<RouteRuntime>;
  readonly sandbox: Sandbox;
  readonly emit: EmitEvent;
  newId(): string;
  isStopping(): boolean;
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
    const id = options.newId();
    const path = pathOf(request.url ?? "/");
    const client = `${socket.remoteAddress ?? ""}:${socket.remotePort ?? 0}`;
    let route = "";
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
        reject({ code, detail: cause instanceof Error ? cause.message : String(cause) });
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
      const found = options.router().find(path);
      if (found === undefined) return { refusal: { code: "ERR_NO_ROUTE", detail: `no route for ${path}` } };
      if (options.isStopping())
        return { refusal: { code: "ERR_STOPPING", detail: "the gateway is stopping" } };
      route = found.route.path;
      const context = describeRequest(request, socket, route, found.params);
      return openAttempt(
        { id, request, socket, head, key: handshake.key, runtime: found.route, context, signal: gone.signal },
        options.sandbox,
      );
    }

    function reject(refusal: Refusal): void {
      const headers = [...(refusal.headers ?? []), ...rules.fields];
      const status = refuse(socket, { ...refusal, headers }, id);
      const durationMs = elapsed();
      const { code, detail } = refusal;
      options.emit({ type: "upgrade-refused", id, route, path, status, code, detail, client, durationMs });
    }

    function accept(accepted: AcceptedUpgrade): void {
      const { server, extensions } = accepted;
      const { subprotocol: chosen } = JSON.parse(accepted.context) as { subprotocol: string };
      options.emit({
        type: "session-start",
        id,
        route,
        path,
        client,
        server: server.url,
        subprotocol: chosen,
        extensions: extensions.header ?? "",
        durationMs: elapsed(),
      });
      options.onAccepted(accepted);
    }

    function elapsed(): number {
      return Math.round(performance.now() - startedAt);
    }
  };
}

function ignore(): void {}
