import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ExecutionContext } from "ava";
import { startServer } from "../peers/peers.ts";

/**
 * URL of a port that nobody listens on, and that nobody else is given while this process lives: it is the near end of
 * a connection.
 */
export async function deadUrl(): Promise<string> {
  const keeper = createServer((socket) => socket.unref()).listen(0, "127.0.0.1");
  await once(keeper, "listening");
  const holder = connect((keeper.address() as AddressInfo).port, "127.0.0.1");
  await once(holder, "connect");
  holder.unref();
  keeper.unref();
  return `http://127.0.0.1:${holder.localPort}`;
}

/** URL of a server that takes connections and says nothing. */
export function silentUrl(t: ExecutionContext): Promise<string> {
  return startOdd(t, () => {});
}

/** URL of a server that does this with each of its sockets. Those that come while the test is taken down are ended too. */
export async function startOdd(t: ExecutionContext, then: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
    then(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.on("connection", (socket) => socket.destroy());
    server.close();
    for (const socket of sockets) socket.destroy();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Three servers that say their number to each client. */
export function startNumbered(t: ExecutionContext) {
  const start = (index: number) => startServer(t, (socket) => socket.send(String(index)));
  return Promise.all([start(0), start(1), start(2)]);
}
