import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

export interface EchoServer {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * A WebSocket server on a free loopback port that sends every message back, text as text and binary as binary, and agrees
 * to the first subprotocol that it is offered.
 */
export async function startEchoServer(): Promise<EchoServer> {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  server.on("connection", (socket) => {
    socket.on("message", (body, isBinary) => socket.send(body, { binary: isBinary }));
    // A client that breaks the protocol is closed by ws; without a listener it would end this process.
    socket.on("error", () => {});
  });
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { url: `ws://127.0.0.1:${port}`, close: () => closeServer(server) };
}

async function closeServer(server: WebSocketServer): Promise<void> {
  for (const socket of server.clients) socket.terminate();
  await new Promise((resolve) => server.close(resolve));
}
