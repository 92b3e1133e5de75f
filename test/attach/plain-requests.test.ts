import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect as connectHttp2, createServer as createHttp2Server, createSecureServer } from "node:http2";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import test from "ava";
import express from "express";
import fastify from "fastify";
import { expressGateway } from "../../core/attach/adapters/express.ts";
import { fastifyGateway } from "../../core/attach/adapters/fastify.ts";
import type { ConfigInput } from "../../core/index.ts";
import { attach, listen } from "../support/gateways/attached.ts";

test("a framework's mount and rewriting hide nothing of the path that was sent", async (t) => {
  const upstream = createServer((request, response) => response.end(`upstream ${request.url}`));
  const port = await listen(t, upstream);
  const routes: ConfigInput["routes"] = ["/x/adm", "/chat"].map((path) => {
    return { path, upstream: `http://127.0.0.1:${port}`, http: "proxy" };
  });
  const { gateway } = await attach(t, createServer(), routes);
  const mounted = express()
    .use("/x", expressGateway(gateway))
    .use((request, response) => void response.end(`app ${request.url}`));
  const page = await listen(t, createServer(mounted));
  const get = async (url: string) => (await fetch(url)).text();
  t.is(await get(`http://127.0.0.1:${page}/x/adm?q`), "upstream /x/adm?q");
  t.is(await get(`http://127.0.0.1:${page}/x/chat`), "app /x/chat");
  // Whose body has been read already the server would wait for.
  const parsed = await listen(t, createServer(express().use(express.json(), expressGateway(gateway))));
  const headers = { "content-type": "application/json" };
  const late = await fetch(`http://127.0.0.1:${parsed}/chat`, { method: "POST", headers, body: "[1]" });
  t.is(late.status, 500);
  t.is(await get(`http://127.0.0.1:${parsed}/chat`), "upstream /chat");

  const app = fastify({ rewriteUrl: ({ url = "" }) => url.replace("/pub", "") });
  app.register(fastifyGateway, { gateway });
  app.get("/*", (request, reply) => reply.send(`app ${request.url}`));
  const origin = await app.listen({ port: 0, host: "127.0.0.1" });
  t.teardown(() => app.close());
  t.is(await get(`${origin}/pub/chat`), "app /chat");
  t.is(await get(`${origin}/chat`), "upstream /chat");
});

test("HTTP/2: a server of it alone is refused, and a plain request on a route gets 505, by its host too", async (t) => {
  const routes: ConfigInput["routes"] = [
    { path: "/chat", upstream: "http://127.0.0.1:1", match: { host: ["a.test"] } },
    { path: "/up", upstream: "http://127.0.0.1:1", http: "proxy" },
  ];
  const { gateway } = await attach(t, createServer(), routes);
  const server = createHttp2Server((request, response) => {
    const theirs = [request, response] as unknown as [IncomingMessage, ServerResponse];
    if (!gateway.handle(...theirs)) response.end("page");
  });
  const refused = { message: /expected a server of node:http.*allowHTTP1/ };
  t.throws(() => gateway.attach(server as unknown as Server), refused);
  t.notThrows(() => gateway.attach(createSecureServer({ allowHTTP1: true }) as unknown as Server));
  const app = fastify({ http2: true });
  app.register(fastifyGateway as never, { gateway } as never);
  await t.throwsAsync(async () => app.ready(), refused);

  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connectHttp2(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  t.teardown(() => {
    client.destroy();
    server.close();
  });
  const status = async (path: string, host: string) => {
    const stream = client.request({ ":path": path, ":authority": host });
    const [head] = await once(stream, "response");
    await text(stream);
    return head[":status"];
  };
  t.is(await status("/chat", "a.test"), 505);
  t.is(await status("/up", "b.test"), 505);
  t.is(await status("/chat", "b.test"), 200);
});
