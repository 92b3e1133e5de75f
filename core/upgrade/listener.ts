import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ListenAddress, ListenerConfig } from "../config/index.ts";
import { headTimeout } from "./head-timeout.ts";
import type { PlainHandler } from "./plain-handler.ts";

export interface Listener {
  /** The address it is bound to. Rejects with the system's error (EADDRINUSE, EACCES, …). */
  listen(): Promise<ListenAddress>;
  /** Accept nothing more; connections that wait for a request are closed. */
  close(): void;
  /** Cut off what is still in the middle of a request: a closed server does not enforce the time for it any more. */
  cutOff(): void;
}

/** Accepts HTTP: upgrades go to `onUpgrade`, plain requests to `onPlain`. */
export function createListener(
  config: ListenerConfig,
  onPlain: PlainHandler,
  onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Listener {
  const server: Server = createServer(headTimeout(config), onPlain);
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
