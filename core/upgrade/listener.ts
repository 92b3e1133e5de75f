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
}

/** Accepts HTTP: upgrades go to `onUpgrade`, plain requests to `onPlain`. */
export function createListener(
  config: ListenerConfig,
  onPlain: PlainHandler,
  onUpgrade: (request: IncomingMessage, socket: Socket, head: Buffer) => void,
): Listener {
  const server: Server = createServer(headTimeout(config), onPlain);
  server.on("upgrade", onUpgrade);

  return {
    listen() {
      return new Promise((resolve, reject) => {
        server.once("error", reject);
        server.listen({ host: config.host, port: config.port }, () => {
          server.off("error", reject);
          resolve({ host: config.host, port: (server.address() as AddressInfo).port });
        });
      });
    },
    close() {
      server.close();
      server.closeIdleConnections();
    },
  };
}
