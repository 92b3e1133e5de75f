import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { mirror, startHttp } from "../../support/servers/http-server.ts";
import { deadUrl, silentUrl } from "../../support/servers/upstreams.ts";

/** Says its name. */
const named =
  (name: string): RequestListener =>
  (_, response) =>
    void response.end(name);

const ask = async (url: string, init: RequestInit = {}): Promise<string> => (await fetch(url, init)).text();

test("a server that is not there is passed over before anything is sent: a POST arrives once, whole", async (t) => {
  const { url } = await startHttp(t, mirror);
  const dead = await deadUrl();
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", http: "proxy", upstream: { targets: [{ url: dead }, { url }] } }],
  });
  for (const body of ["one", "two"]) {
    const response = await fetch(`http://127.0.0.1:${gateway.port}/a`, { method: "POST", body });
    t.is(response.status, 201);
    t.like(await response.json(), { method: "POST", url: "/a", body });
  }
  const { server } = await gateway.logged(({ msg }) => msg === "request proxied");
  t.is(server, `${url.replace("http", "ws")}/a`);
});

test("what has been sent is not sent again: a server that hangs up is a 502", async (t) => {
  let asked = 0;
  const hangUp: RequestListener = (request) => {
    asked++;
    request.socket.destroy();
  };
  const servers = [await startHttp(t, hangUp), await startHttp(t, hangUp)];
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", http: "proxy", upstream: { targets: servers.map(({ url }) => ({ url })) } }],
  });
  t.is((await fetch(`http://127.0.0.1:${gateway.port}/`, { method: "POST", body: "x" })).status, 502);
  t.is(asked, 1);
});

test("requests are balanced, hashed, and led to an upstream by a policy", async (t) => {
  const servers = await Promise.all(["a", "b"].map((name) => startHttp(t, named(name))));
  const targets = servers.map(({ url }) => ({ url }));
  const gateway = await startGateway(t, {
    policies: { "lead.ts": 'export const upgrade = () => ({ connect: "second" });' },
    config: { upstreams: { second: { url: servers[1]!.url } } },
    routes: [
      { path: "/turns", http: "proxy", upstream: { targets } },
      { path: "/hash", http: "proxy", upstream: { targets, balance: { hash: "header:x-user" } } },
      { path: "/led", http: "proxy", upstream: servers[0]!.url, policies: ["lead"] },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  const turns = [await ask(`${base}/turns`), await ask(`${base}/turns`), await ask(`${base}/turns`)];
  t.deepEqual(turns, ["a", "b", "a"]);
  const users = Array.from({ length: 12 }, (_, index) => `user-${index}`);
  const rounds = [];
  for (let round = 0; round < 2; round++) {
    rounds.push(await Promise.all(users.map((user) => ask(`${base}/hash`, { headers: { "x-user": user } }))));
  }
  t.deepEqual(rounds[0], rounds[1]);
  t.deepEqual([...new Set(rounds[0])].sort(), ["a", "b"]);
  t.is(await ask(`${base}/led`), "b");
});

test("a request holds its place until its answer has ended; one too many is a 503", async (t) => {
  const waiting: (() => void)[] = [];
  let onAsked = (): void => {};
  const { url } = await startHttp(t, (_, response) => {
    response.write("begun ");
    waiting.push(() => response.end("ended"));
    onAsked();
  });
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", http: "proxy", upstream: { url, maxConnections: 1 } }],
  });
  const base = `http://127.0.0.1:${gateway.port}/`;
  const arrives = (): Promise<void> =>
    new Promise((resolve) => {
      onAsked = resolve;
    });
  const first = arrives();
  const answer = ask(base);
  await first;
  const refused = await fetch(base);
  t.is(refused.status, 503);
  t.is(refused.headers.get("retry-after"), "1");
  t.like(await gateway.logged(({ msg }) => msg === "request refused"), { code: "ERR_UPSTREAM_BUSY" });
  waiting.shift()!();
  t.is(await answer, "begun ended");
  await gateway.logged(({ msg }) => msg === "request proxied");
  const second = arrives();
  const next = ask(base);
  await second;
  waiting.shift()!();
  t.is(await next, "begun ended");
});

test("a server that does not answer in time is ejected", async (t) => {
  const silent = await silentUrl(t);
  const { url } = await startHttp(t, named("a"));
  const targets = [{ url: silent }, { url, priority: 1 }];
  const gateway = await startGateway(t, {
    routes: [
      { path: "/*", http: "proxy", httpTimeout: "2s", upstream: { targets, health: { failures: 1 } } },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}/`;
  t.is((await fetch(base)).status, 504);
  t.like(await gateway.logged(({ msg }) => msg === "server gets no new connections"), { target: silent });
  t.is(await ask(base), "a");
});

test("a connection is kept for the next request, and one that the server has ended is not used again", async (t) => {
  const { url, server } = await startHttp(t, named("a"));
  const sockets: Socket[] = [];
  server.on("connection", (socket: Socket) => sockets.push(socket));
  const gateway = await startGateway(t, { routes: [{ path: "/*", http: "proxy", upstream: { url } }] });
  const base = `http://127.0.0.1:${gateway.port}/`;
  for (let i = 0; i < 3; i++) t.is(await ask(base), "a");
  t.is(sockets.length, 1);
  const closed = once(sockets[0]!, "close");
  sockets[0]!.end();
  await closed;
  t.is(await ask(base), "a");
  t.is(sockets.length, 2);
});

test("over a Unix socket, over TLS with a CA and a client certificate, and through an HTTP proxy", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const unix = await startHttp(t, named("unix"), join(dir, "app.sock"));
  const authority = { ...createCertificate({ commonName: "clients" }), commonName: "clients" };
  const certificate = createCertificate();
  const device = createCertificate({ commonName: "gate", issuer: authority });
  await writeFile(join(dir, "ca.crt"), certificate.cert);
  await writeFile(join(dir, "gate.crt"), device.cert);
  await writeFile(join(dir, "gate.key"), device.key);
  const secureServer = createTlsServer({ ...certificate, ca: authority.cert, requestCert: true });
  const secure = await startHttp(t, named("tls"), 0, secureServer as unknown as Server);
  const tunnels: string[] = [];
  const proxy = createServer();
  proxy.on("connect", (request: IncomingMessage, socket: Socket) => {
    tunnels.push(request.url ?? "");
    const through = connect(Number(request.url?.split(":")[1]), "127.0.0.1", () => {
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      socket.pipe(through).pipe(socket);
    });
    for (const [one, other] of [
      [socket, through],
      [through, socket],
    ] as const) {
      one.on("error", () => other.destroy());
    }
  });
  proxy.listen(0, "127.0.0.1");
  await once(proxy, "listening");
  t.teardown(() => proxy.close());
  const tls = {
    ca: join(dir, "ca.crt"),
    cert: join(dir, "gate.crt"),
    key: join(dir, "gate.key"),
  };
  const secureUrl = secure.url.replace("http", "https");
  const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const gateway = await startGateway(t, {
    routes: [
      { path: "/unix", http: "proxy", upstream: unix.url },
      { path: "/tls", http: "proxy", upstream: { url: secureUrl, tls } },
      { path: "/tunnel", http: "proxy", upstream: { url: secureUrl, tls, proxy: proxyUrl } },
      { path: "/strict", http: "proxy", upstream: { url: secureUrl } },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  t.is(await ask(`${base}/unix`), "unix");
  t.is(await ask(`${base}/tls`), "tls");
  for (let i = 0; i < 2; i++) t.is(await ask(`${base}/tunnel`), "tls");
  t.deepEqual(tunnels, [new URL(secureUrl).host]);
  t.is((await fetch(`${base}/strict`)).status, 502);
});
