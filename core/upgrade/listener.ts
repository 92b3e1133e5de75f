import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ListenAddress, ListenerConfig } from "../config/index.ts";
import type { RouteRuntime } from "../route-runtime.ts";
import { headTimeout } from "./head-timeout.ts";
import { pathOf } from "./request-context.ts";
import { decodePath, type Router } from "./router.ts";

export interface Listener {
  /** The address it is bound to. Rejects with the system's error (EADDRINUSE, EACCES, …). */
  listen(): Promise<ListenAddress>;
  /** Accept nothing more; connections that wait for a request are closed. */
  close(): void;
  /** Cut off what is still in the middle of a request: a closed server does not enforce the time for it any more. */
  cutOff(): void;
}

/** Accepts HTTP: upgrades go to `onUpgrade`, plain requests get 426 where a route is and 404 elsewhere. */
export function createListener(
  config: ListenerConfig,
  router: () => Router<RouteRuntime>,
  onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Listener {
  const server: Server = createServer(headTimeout(config), (request, response) =>
    answerPlain(router(), request, response),
  );
  server.on("upgrade", onUpgrade);
  let isClosed = false;

  return {
    listen() {
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: config.host, port: config.port }, () => {
          server.off("error", reject);
          const { port } = server.address() as AddressInfo;
          if (isClosed) closeNow();
          resolve({ host: config.host, port });
        });
      });
    },
    close() {
      isClosed = true;
      // Node's cluster cannot take a close while the answer to the listen is under way.
      if (server.listening) closeNow();
    },
    cutOff() {
      server.closeAllConnections();
    },
  };

  function closeNow(): void {
    server.close();
    server.closeIdleConnections();
  }
}

function answerPlain(router: Router<RouteRuntime>, request: IncomingMessage, response: ServerResponse): void {
  const path = pathOf(request.url ?? "/");
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  if (decodePath(path) === undefined) {
    response.writeHead(400).end("400 Bad Request\n");
  } else if (router.find(path, request.headers)?.route.config.enabled !== true) {
    response.writeHead(404).end("404 Not Found\n");
  } else {
    // RFC 9110 section 15.5.22: a 426 names what to upgrade to.
    response
      .writeHead(426, { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13" })
      .end("426 Upgrade Required: this path speaks WebSocket\n");
  }
}
