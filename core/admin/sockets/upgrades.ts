import { type IncomingMessage, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { Guard, Visitor } from "../access/guard.ts";
import { AdminError } from "../errors.ts";

export interface UpgradePath {
  /** Whether it is for admins only. */
  readonly isChange: boolean;
  accept(socket: WebSocket, visitor: Visitor): void;
}

const MOST_SOCKETS = 100;
const LARGEST_MESSAGE = 16 * 1024 * 1024;

/** The console's WebSockets: who may not come in gets an answer of the API in place of the 101. */
export function createUpgrades(
  guard: Guard,
  paths: Readonly<Record<string, UpgradePath>>,
): (request: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({ noServer: true, maxPayload: LARGEST_MESSAGE, clientTracking: true });
  server.on("wsClientError", () => {});

  return (request, socket, head) => {
    socket.on("error", () => {});
    try {
      const path = paths[(request.url ?? "/").replace(/\?.*$/s, "")];
      if (path === undefined) throw new AdminError("ERR_NOT_FOUND", "no WebSocket here");
      const visitor = guard.admit(request, path.isChange);
      if (server.clients.size >= MOST_SOCKETS) {
        throw new AdminError("ERR_CONFLICT", `the console has ${MOST_SOCKETS} WebSockets open already`);
      }
      server.handleUpgrade(request, socket, head, (accepted) => {
        accepted.on("error", () => {});
        const onOver = (): void => accepted.close(1008, "logged out");
        visitor.signal?.addEventListener("abort", onOver);
        accepted.on("close", () => visitor.signal?.removeEventListener("abort", onOver));
        path.accept(accepted, visitor);
      });
    } catch (error) {
      refuse(socket, error);
    }
  };
}

function refuse(socket: Duplex, error: unknown): void {
  const known = error instanceof AdminError ? error : new AdminError("ERR_INTERNAL", "this did not work");
  const body = JSON.stringify(known.toBody());
  const fields = {
    ...known.headers,
    "Content-Type": "application/json",
    "Content-Length": Buffer.byteLength(body),
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(
    `HTTP/1.1 ${known.status} ${STATUS_CODES[known.status]}\r\nConnection: close\r\n${lines.join("")}\r\n${body}`,
  );
}
