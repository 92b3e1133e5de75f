import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { ListenerConfig } from "../config/index.ts";
import { CONNECTION, PER_CONNECTION } from "./connection-options.ts";

/** An address that is bound, and nothing else: what becomes of its connections can change while it stays open. */
export interface Door {
  readonly address: { readonly host: string; readonly port: number; readonly socket?: string };
  /** Accept nothing more. Connections that have been accepted stay. */
  close(): void;
}

/**
 * Rejects with the system's error (EADDRINUSE, EACCES, …).
 *
 * @param isPaused nothing is read of the connections
 */
export async function openDoor(
  config: ListenerConfig,
  take: (socket: Socket) => void,
  isPaused: boolean,
): Promise<Door> {
  const { host, port, socket, backlog, reusePort } = config;
  const server = createServer({ ...CONNECTION, ...PER_CONNECTION, pauseOnConnect: isPaused }, take);
  const listening = once(server, "listening");
  server.listen(socket === undefined ? { host, port, backlog, reusePort } : { path: socket, backlog });
  await listening;
  // An accept that fails (EMFILE) concerns one connection; the next may be fine.
  server.on("error", () => {});
  const address =
    socket === undefined
      ? { host, port: (server.address() as AddressInfo).port }
      : { host: "", port: 0, socket };
  return { address, close: () => server.close() };
}
