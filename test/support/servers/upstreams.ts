import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import type { ExecutionContext } from "ava";
import { startServer } from "../peers/peers.ts";

/** URL of a port that nobody listens on. */
export async function deadUrl(): Promise<string> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  return `http://127.0.0.1:${port}`;
}

/** URL of a server that takes connections and says nothing. */
export async function silentUrl(t: ExecutionContext): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    t.teardown(() => socket.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Three servers that say their number to each client. */
export function startNumbered(t: ExecutionContext) {
  const start = (index: number) => startServer(t, (socket) => socket.send(String(index)));
  return Promise.all([start(0), start(1), start(2)]);
}
