import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ExecutionContext } from "ava";

/** @param where a port, or the path of a Unix socket */
export async function startHttp(
  t: Pick<ExecutionContext, "teardown">,
  listener: RequestListener,
  where: number | string = 0,
  server: Server = createServer(),
): Promise<{ url: string; server: Server }> {
  server.on("request", listener);
  if (typeof where === "string") server.listen(where);
  else server.listen(where, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  const url = typeof where === "string" ? `unix:${where}` : `http://127.0.0.1:${portOf(server)}`;
  return { url, server };
}

/** Tells what it was asked. */
export const mirror: RequestListener = async (request, response) => {
  const body = await text(request);
  response.writeHead(201, "Made", [
    ...["Set-Cookie", "a=1", "Set-Cookie", "b=2", "Connection", "X-Hop", "X-Hop", "1"],
    ...["Content-Type", "application/json"],
  ]);
  const { method, url, headers } = request;
  response.end(JSON.stringify({ method, url, headers, body }));
};

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
