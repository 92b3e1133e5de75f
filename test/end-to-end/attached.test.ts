import { writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "ava";
import { WebSocketServer } from "ws";
import { type AttachedConfigInput, attachGateway, resolveConfig } from "../../core/index.ts";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { attach, listen, quiet, shout } from "../support/gateways/attached.ts";
import { ask, upgradeHead } from "../support/peers/http.ts";
import { connectClient, echo, refusedUpgrade, startServer } from "../support/peers/peers.ts";
import { createCertificate } from "../support/servers/certificate.ts";

test("its routes are the gateway's, all else stays with the server's own listeners, and is theirs again in the end", async (t) => {
  const upstream = await startServer(t);
  const server = createServer((_request, response) => response.end("page"));
  // Answers 400 to any other path, as does what is added later.
  const before = new WebSocketServer({ server, path: "/own" }).on("connection", echo);
  const { gateway, config, policies } = await attach(t, server, [
    { path: "/chat/:room", upstream: upstream.url, policies: ["shout"] },
  ]);
  const port = await listen(t, server);
  const url = `ws://127.0.0.1:${port}`;
  const client = await connectClient(t, `${url}/chat/1`);
  client.send("a");
  t.is(await client.next(), "A!");
  const own = await connectClient(t, `${url}/own`);
  own.send("b");
  t.is(await own.next(), "b");
  t.is(await (await fetch(`http://127.0.0.1:${port}/chat/1`)).text(), "page");

  await writeFile(join(policies, "shout.ts"), shout("?"));
  await eventually("the policy that was saved is live", async () => {
    client.send("a");
    return (await client.next()) === "A?";
  });
  const routes = [{ path: "/other", upstream: upstream.url }];
  const page = { origin: "https://a.test" };
  t.is((await refusedUpgrade(`${url}/chat/1`, page)).status, 403);
  await gateway.reload({ ...config, routes, origins: ["https://a.test"] });
  await connectClient(t, `${url}/other`, page);
  await gateway.reload({ ...config, routes });
  const other = await connectClient(t, `${url}/other`);
  other.send("c");
  t.is(await other.next(), "c");
  t.is((await refusedUpgrade(`${url}/chat/1`)).status, 400);

  await gateway.stop();
  t.is((await client.closed).code, 1001);
  t.is((await refusedUpgrade(`${url}/other`)).status, 400);
  own.send("d");
  t.is(await own.next(), "d");
  before.close();
});

test("what a loose server could take for a route is for nobody else, and what is nobody's gets 404", async (t) => {
  const upstream = await startServer(t);
  const server = createServer((_request, response) => response.end("page"));
  await attach(t, server, [{ path: "/private", upstream: upstream.url }]);
  const port = await listen(t, server);
  const heard: (string | undefined)[] = [];
  t.is((await refusedUpgrade(`ws://127.0.0.1:${port}/elsewhere`)).status, 404);
  // As Java's client and `curl --http2` ask for pages.
  const http2 = {
    Connection: "Upgrade, HTTP2-Settings, close",
    Upgrade: "h2c",
    "HTTP2-Settings": "AAMAAABk",
  };
  t.is((await ask(t, port, upgradeHead("/page", http2))).body, "page");
  server.on("upgrade", (request, socket) => {
    heard.push(request.url);
    socket.end("HTTP/1.1 418 Teapot\r\n\r\n");
  });
  for (const path of ["//private", "/x/../private", "/private;x=1", "/%2fprivate", "/%zz/../private"]) {
    const client = connect(port, "127.0.0.1", () => client.write(upgradeHead(path)));
    t.teardown(() => client.destroy());
    t.regex(await text(client), /^HTTP\/1\.1 40[04] /, path);
  }
  const others = ["/elsewhere", "/files//a", "/50%"];
  for (const path of others) t.is((await refusedUpgrade(`ws://127.0.0.1:${port}${path}`)).status, 418);
  t.deepEqual(heard, others);
});

test("gateways of one server leave it to each other, to its own listeners and in the end to nobody", async (t) => {
  const upstream = await startServer(t);
  const server = createServer((_request, response) => response.end("page"));
  const port = await listen(t, server);
  const url = `ws://127.0.0.1:${port}`;
  const first = await attach(t, server, [{ path: "/a", upstream: upstream.url }]);
  const second = await attach(t, server, [{ path: "/b", upstream: upstream.url }]);
  first.gateway.attach(server);
  for (const path of ["/a", "/b"]) {
    const client = await connectClient(t, url + path);
    client.send("x");
    t.is(await client.next(), "x");
  }
  t.is((await refusedUpgrade(`${url}/none`)).status, 404);

  // Somebody who puts himself before it, and keeps what he has found.
  const found = server.emit;
  server.emit = function (this: Server, ...args: Parameters<Server["emit"]>) {
    return Reflect.apply(found, this, args);
  } as Server["emit"];
  await first.gateway.stop();
  t.throws(() => first.gateway.attach(server), { message: /has stopped/ });
  t.is((await refusedUpgrade(`${url}/a`)).status, 404);
  server.on("upgrade", (_request, socket) => socket.end("HTTP/1.1 418 Teapot\r\n\r\n"));
  t.is((await refusedUpgrade(`${url}/a`)).status, 418);
  await second.gateway.stop();
  t.is((await refusedUpgrade(`${url}/b`)).status, 418);
  t.is(server.listenerCount("upgrade"), 1);

  const third = await attach(t, server, [{ path: "/c", upstream: upstream.url }]);
  (await connectClient(t, `${url}/c`)).send("x");
  await third.gateway.stop();
  server.emit = found;
  t.is((await refusedUpgrade(`${url}/c`)).status, 418);
  t.false(third.gateway.handle({ url: "/c", headers: {} } as IncomingMessage, {} as ServerResponse));
});

test("an upgrade behind a request that has no answer yet waits for it, and is refused", async (t) => {
  const upstream = await startServer(t);
  const owed: ServerResponse[] = [];
  const server = createServer((_request, response) => void owed.push(response));
  await attach(t, server, [{ path: "/chat", upstream: upstream.url }]);
  const port = await listen(t, server);
  server.on("checkContinue", (request: IncomingMessage, response: ServerResponse) => {
    response.writeContinue();
    request.resume();
    owed.push(response);
  });
  for (const first of ["GET / HTTP/1.1", "POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 0"]) {
    const client = connect(port, "127.0.0.1", () =>
      client.write(`${first}\r\nHost: a\r\n\r\n${upgradeHead("/chat")}`),
    );
    t.teardown(() => client.destroy());
    await eventually("the request is there", async () => owed.length > 0);
    owed.pop()!.end("owed");
    let read = "";
    for await (const chunk of client) {
      read += chunk;
      if (/ (?:101|400) /.test(read)) break;
    }
    t.regex(read, / 200 OK.*owedHTTP\/1\.1 400 /s, first);
  }
});

test("behind TLS the policies see it; no connection leads to the server itself", async (t) => {
  const { cert, key } = createCertificate();
  const upstream = await startServer(t);
  const server = createTlsServer({ cert, key });
  const port = await listen(t, server);
  await attach(t, server, [
    { path: "/there", upstream: upstream.url },
    { path: "/itself", upstream: `https://127.0.0.1:${port}` },
  ]);
  const options = { rejectUnauthorized: false };
  const client = await connectClient(t, `wss://127.0.0.1:${port}/there`, options);
  client.send("x");
  t.is(await client.next(), "x");
  t.is(upstream.requests[0]!.headers["x-forwarded-proto"], "wss");
  t.is((await refusedUpgrade(`wss://127.0.0.1:${port}/itself`, options)).status, 500);
});

test("a config with listeners or workers is refused, a resolved one has its listeners left closed", async (t) => {
  const server = createServer();
  const error = await t.throwsAsync(
    attachGateway(server, { listen: [{ port: 1 }], workers: 2 } as AttachedConfigInput, { logger: quiet }),
    { name: "ConfigError" },
  );
  t.regex(error!.message, /listen: expected nothing: .*\n.*workers: expected nothing/);
  t.is(server.listenerCount("upgrade"), 0);
  const resolved = resolveConfig({ console: false, policies: await makeFolder(t) }, { dir: process.cwd() });
  const gateway = await attachGateway(server, resolved, { logger: quiet });
  t.deepEqual(gateway.addresses, {});
  await gateway.stop();
  t.is(server.listenerCount("upgrade"), 0);
});
