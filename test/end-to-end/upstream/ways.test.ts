import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { WebSocketServer } from "ws";
import { at } from "../../support/at.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, echo, refusedUpgrade, startServer } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";

async function listen(t: ExecutionContext, server: Server, where: number | string = 0): Promise<number> {
  if (typeof where === "string") server.listen(where);
  else server.listen(where, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return typeof where === "string" ? 0 : (server.address() as AddressInfo).port;
}

/** A WebSocket echo behind a server of any kind. @returns the requests so far */
function echoBehind(t: ExecutionContext, server: Server): IncomingMessage[] {
  const wss = new WebSocketServer({ server });
  const requests: IncomingMessage[] = [];
  wss.on("connection", (socket, request) => {
    socket.on("error", () => {});
    requests.push(request);
    echo(socket);
  });
  t.teardown(() => {
    for (const socket of wss.clients) socket.terminate();
  });
  return requests;
}

async function sendBack(t: ExecutionContext, url: string, headers = {}): Promise<void> {
  const client = await connectClient(t, url, { headers });
  client.send("hello");
  t.is(await client.next(), "hello");
  client.close(1000);
  await client.closed;
}

/** An HTTP proxy that knows CONNECT. */
async function startProxy(t: ExecutionContext, credentials?: string) {
  const asked: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? "");
    socket.on("error", () => {});
    const shown = request.headers["proxy-authorization"]?.replace("Basic ", "") ?? "";
    if (credentials !== undefined && Buffer.from(shown, "base64").toString() !== credentials) {
      socket.end("HTTP/1.1 407 Proxy Authentication Required\r\n\r\n");
      return;
    }
    const port = Number(request.url?.split(":")[1]);
    const through = connect(port, "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(through).pipe(socket);
    });
    through.on("error", () => socket.destroy());
  });
  const port = await listen(t, proxy);
  return { asked, port };
}

test("a Unix socket, as a URL and as an option", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const socket = join(dir, "app.sock");
  const server = createServer();
  const requests = echoBehind(t, server);
  await listen(t, server, socket);
  const gateway = await startGateway(t, {
    routes: [
      { path: "/url", upstream: `unix:${socket}:/live?token=1` },
      { path: "/keeps/*", upstream: `unix:${socket}` },
      { path: "/option", upstream: { targets: [{ url: "http://app.example/x", socket }] } },
    ],
  });
  for (const path of ["/url", "/keeps/this", "/option"]) await sendBack(t, gateway.url + path);
  t.deepEqual(
    requests.map(({ url, headers }) => [headers.host, url]),
    [
      ["localhost", "/live?token=1"],
      ["localhost", "/keeps/this"],
      ["app.example", "/x"],
    ],
  );
  const started = gateway.log.filter(({ msg }) => msg === "session started");
  t.is(at(started, 0).server, `unix:${socket}:/live`);
});

test("an HTTP proxy, with its credentials, to plain and to TLS servers", async (t) => {
  const { asked, port } = await startProxy(t, "ada:s:cret");
  const plain = await startServer(t);
  const certificate = createCertificate();
  const secure = createTlsServer(certificate);
  echoBehind(t, secure as unknown as Server);
  const securePort = await listen(t, secure as unknown as Server);
  const gateway = await startGateway(t, {
    routes: [
      { path: "/plain", upstream: { url: plain.url, proxy: `http://ada:s%3Acret@127.0.0.1:${port}` } },
      {
        path: "/tls",
        upstream: {
          url: `wss://127.0.0.1:${securePort}`,
          proxy: `http://ada:s%3Acret@127.0.0.1:${port}`,
          tls: { verify: false },
        },
      },
      { path: "/stranger", upstream: { url: plain.url, proxy: `http://127.0.0.1:${port}` } },
    ],
  });
  await sendBack(t, `${gateway.url}/plain`);
  await sendBack(t, `${gateway.url}/tls`);
  t.deepEqual(asked, [`127.0.0.1:${plain.port}`, `127.0.0.1:${securePort}`]);
  t.is((await refusedUpgrade(`${gateway.url}/stranger`)).status, 502);
  const { code, detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.is(code, "ERR_UPSTREAM_UNREACHABLE");
  t.regex(String(detail), /the proxy answered 407 to CONNECT$/);
  t.false(JSON.stringify(gateway.log).includes("cret"));
});

/** Sends whoever asks to another URL. */
async function startRedirect(t: ExecutionContext, to: (url: string) => string, server = createServer()) {
  const asked: string[] = [];
  server.on("upgrade", (request: IncomingMessage, socket: Socket) => {
    asked.push(request.url ?? "");
    socket.end(
      `HTTP/1.1 307 Temporary Redirect\r\nLocation: ${to(request.url ?? "")}\r\nContent-Length: 0\r\n\r\n`,
    );
  });
  const port = await listen(t, server);
  return { asked, url: `http://127.0.0.1:${port}` };
}

test("a redirect to an allowed server is followed, without credentials", async (t) => {
  const server = await startServer(t);
  const redirect = await startRedirect(t, () => `${server.url}/there?x=1`);
  const gateway = await startGateway(t, {
    config: { connect: { allow: [server.url] } },
    routes: [{ path: "/*", upstream: { url: redirect.url, redirects: 1 } }],
  });
  await sendBack(t, `${gateway.url}/here?y=2`, { authorization: "Bearer x", cookie: "a=1", "x-own": "1" });
  const { url, headers } = at(server.requests, 0);
  t.is(url, "/there?x=1");
  t.is(headers.host, `127.0.0.1:${server.port}`);
  t.is(headers["x-own"], "1");
  t.is(headers.authorization, undefined);
  t.is(headers.cookie, undefined);
});

test("a redirect of the same server keeps the credentials, and there is a limit", async (t) => {
  const redirect = await startRedirect(t, (url) => `${url}x`);
  const gateway = await startGateway(t, {
    routes: [
      { path: "/three/*", upstream: { url: redirect.url, redirects: 3 } },
      { path: "/none/*", upstream: { url: redirect.url } },
    ],
  });
  t.is((await refusedUpgrade(`${gateway.url}/three/`)).headers.location, "/three/xxxx");
  t.deepEqual(redirect.asked, ["/three/", "/three/x", "/three/xx", "/three/xxx"]);
  const refused = await refusedUpgrade(`${gateway.url}/none/`);
  t.is(refused.status, 307);
  t.is(refused.headers.location, "/none/x");
});

test("a redirect to a server that is not allowed is refused", async (t) => {
  const inside = await startServer(t);
  const redirect = await startRedirect(t, () => inside.url);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: { url: redirect.url, redirects: 5 } }],
  });
  t.is((await refusedUpgrade(gateway.url)).status, 500);
  t.is(inside.requests.length, 0);
  const { code, detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.is(code, "ERR_UPSTREAM_NOT_ALLOWED");
  t.regex(String(detail), /redirects to http:\/\/127\.0\.0\.1:\d+, .*connect\.allow/);
});

test("a redirect to another server does not take the TLS options along", async (t) => {
  const certificate = createCertificate();
  const other = createTlsServer(certificate) as unknown as Server;
  echoBehind(t, other);
  const otherUrl = `https://127.0.0.1:${await listen(t, other)}`;
  const redirect = await startRedirect(t, () => otherUrl, createTlsServer(certificate) as unknown as Server);
  const gateway = await startGateway(t, {
    config: { connect: { allow: [otherUrl] } },
    routes: [
      {
        path: "/*",
        upstream: { url: redirect.url.replace("http", "https"), redirects: 1, tls: { verify: false } },
      },
    ],
  });
  t.is((await refusedUpgrade(gateway.url)).status, 502);
  const { detail } = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.true(String(detail).startsWith(`${otherUrl.replace("https", "wss")}/: self-signed certificate`));
});
