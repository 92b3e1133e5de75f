import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ExecutionContext } from "ava";
import { type ServerOptions, WebSocketServer } from "ws";
import { acceptKey } from "../../../core/upgrade/handshake.ts";
import { type TestPeer, wrapWebSocket } from "../peers/peers.ts";
import { type RawPeer, wrapRaw } from "../peers/raw-client.ts";

/** A server whose tests answer each upgrade themselves, so that many can share it: each waits for a path of its own. */
export interface UpgradeServer {
  readonly port: number;
  readonly url: string;
  /** The first upgrade to this path, past or to come. */
  upgrade(path: string): Promise<PendingUpgrade>;
  /** Whether an upgrade to this path has come. */
  hasHeard(path: string): boolean;
  /** Cut off every connection that was upgraded. */
  cut(): void;
}

export interface PendingUpgrade {
  readonly request: IncomingMessage;
  /** Nothing has been written to it. */
  readonly socket: Socket;
  /** Answer with a 101 by hand, frames of the same packet included. */
  acceptRaw(answer?: { headers?: readonly string[]; frames?: Uint8Array }): RawPeer;
  /** Answer as `ws` does. */
  accept(options?: ServerOptions): Promise<TestPeer>;
}

export async function startUpgradeServer(
  scope: Pick<ExecutionContext, "teardown">,
  server = createServer(),
): Promise<UpgradeServer> {
  const arrived = new Map<string, PendingUpgrade>();
  const takers = new Map<string, ((upgrade: PendingUpgrade) => void)[]>();
  const sockets = new Set<Socket>();
  server.on("upgrade", (request: IncomingMessage, socket: Socket, head: Buffer) => {
    sockets.add(socket);
    socket.on("error", () => {});
    const path = request.url ?? "";
    const upgrade = createPendingUpgrade(request, socket, head);
    arrived.set(path, upgrade);
    for (const take of takers.get(path) ?? []) take(upgrade);
    takers.delete(path);
  });
  server.listen({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  scope.teardown(() => {
    cut();
    server.close();
  });
  const { port } = server.address() as AddressInfo;

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    upgrade(path) {
      const upgrade = arrived.get(path);
      return upgrade === undefined
        ? new Promise((resolve) => takers.set(path, [...(takers.get(path) ?? []), resolve]))
        : Promise.resolve(upgrade);
    },
    hasHeard: (path) => arrived.has(path),
    cut,
  };

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }
}

function createPendingUpgrade(request: IncomingMessage, socket: Socket, head: Buffer): PendingUpgrade {
  return {
    request,
    socket,
    acceptRaw({ headers = [], frames = new Uint8Array() } = {}) {
      const lines = [
        "HTTP/1.1 101 Switching Protocols",
        "Upgrade: websocket",
        "Connection: Upgrade",
        `Sec-WebSocket-Accept: ${acceptKey(request.headers["sec-websocket-key"] ?? "")}`,
        ...headers,
      ];
      socket.setNoDelay(true);
      socket.write(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`), frames]));
      return wrapRaw(socket, head, true);
    },
    accept(options = {}) {
      const wss = new WebSocketServer({ noServer: true, ...options });
      return new Promise((resolve) => {
        wss.handleUpgrade(request, socket, head, (ws) => resolve(wrapWebSocket(ws)));
      });
    },
  };
}
