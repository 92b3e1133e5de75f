import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import type { ExecutionContext } from "ava";

/** An authorization server that can be asked about tokens (RFC 7662); one called `fail` makes it fail. */
export async function startAuthorizationServer(t: ExecutionContext, answer: (token: string) => object) {
  const asked: object[] = [];
  const server = createServer(async (request, response) => {
    const token = new URLSearchParams(await text(request)).get("token") ?? "";
    asked.push({ token, authorization: request.headers.authorization });
    response.statusCode = token === "fail" ? 500 : 200;
    response.setHeader("content-type", "application/json").end(JSON.stringify(answer(token)));
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => void server.close().closeAllConnections());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/introspect`, asked };
}
