import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer } from "node:net";
import type { ExecutionContext } from "ava";
import { createPrivateCheck } from "../../../sandbox/broker/addresses.ts";
import { fitsHost } from "../../../sandbox/broker/grants.ts";
import {
  CapabilityError,
  createBroker,
  createFetcher,
  createMemoryKv,
  type FetchGrant,
  takeFromMemory,
} from "../../../sandbox/index.ts";
import { eventually } from "../../support/eventually.ts";
import { bodyOf, startSandbox } from "../support.ts";
import { test } from "../transports.ts";
import { fetchGrant } from "./capabilities.ts";

async function serve(t: ExecutionContext, listener: RequestListener): Promise<string> {
  const server: Server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

async function startFetching(t: ExecutionContext, grant: Partial<FetchGrant> = {}, asyncTimeoutMs = 10_000) {
  const fetcher = createFetcher();
  t.teardown(() => fetcher.close());
  const grants = { fetching: { fetch: { ...fetchGrant, ...grant } } };
  const broker = createBroker({
    grants,
    secrets: {},
    kv: createMemoryKv(),
    takeRate: takeFromMemory(),
    fetcher,
    alert() {},
  });
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs } });
  await fixture.use(
    "fetching",
    `export const client = async ({ content }) => {
      const { url, options } = content.json();
      const body = await fetch(url, options).then(
        async (response) => ({ status: response.status, ok: response.ok, url: response.url, redirected: response.redirected,
          headers: Object.fromEntries(response.headers), text: await response.text() }),
        (error) => error.name + ": " + error.message);
      return { content: { body: [body] } };
    };`,
  );
  const seat = fixture.seat("fetching");
  // biome-ignore lint/suspicious/noExplicitAny: an answer or the text of an error, as the test knows
  return async (url: string, options: object = {}): Promise<any> =>
    (bodyOf(await seat.client({ url, options })) as unknown[])[0];
}

interface Seen {
  readonly status: number;
  readonly ok: boolean;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

test("fetch sends what it is told to, and gives the answer", async (t) => {
  const origin = await serve(t, async (request, response) => {
    const chunks = await request.toArray();
    const { method, url, headers } = request;
    response.writeHead(201, { "x-seen": "yes", "set-cookie": "a=b" });
    response.end(
      JSON.stringify({
        method,
        url,
        type: headers["content-type"],
        own: headers["x-own"],
        body: Buffer.concat(chunks).toString(),
      }),
    );
  });
  const fetch = await startFetching(t);
  const seen: Seen = await fetch(`${origin}/a?b=é`, {
    method: "post",
    headers: { "X-Own": "1" },
    body: "häy",
  });
  t.is(seen.status, 201);
  t.true(seen.ok);
  t.is(seen.headers["x-seen"], "yes");
  t.false("set-cookie" in seen.headers);
  t.deepEqual(JSON.parse(seen.text), {
    method: "POST",
    url: "/a?b=%C3%A9",
    type: "text/plain;charset=UTF-8",
    own: "1",
    body: "häy",
  });
});

test("hosts, ports, methods and sizes that are not granted are refused, and the error says what to add", async (t) => {
  const origin = await serve(t, (_, response) => response.end("x".repeat(100)));
  const { port } = new URL(origin as string);
  const fetch = await startFetching(t, {
    hosts: [`127.0.0.1:${port}`],
    maxRequestBytes: 10,
    maxResponseBytes: 99,
  });
  t.is(
    await fetch("http://evil.example/?token=1"),
    `NotGrantedError: fetch from evil.example is not granted: add grants: { "fetching": { fetch: { hosts: ["127.0.0.1:${port}", "evil.example"] } } } to the config`,
  );
  t.regex(await fetch("http://127.0.0.1:1/"), /fetch from 127.0.0.1:1 is not granted/);
  t.regex(
    await fetch(origin, { method: "DELETE" }),
    /fetch with DELETE is not granted: .*methods: \["GET", "POST", "DELETE"\]/,
  );
  t.regex(
    await fetch(origin, { method: "POST", body: "x".repeat(11) }),
    /`maxRequestSize` of the grant allows 10/,
  );
  t.regex(await fetch(origin), /more than the 99 bytes that `maxResponseSize`/);
  t.regex(await fetch("ftp://127.0.0.1/"), /expected an absolute http or https URL/);
  t.regex(await fetch(origin.replace("//", "//user:pass@")), /must not hold a user name or password/);
});

test("redirects are followed up to five, and lose what is not for another origin", async (t) => {
  const other = await serve(t, ({ headers, method }, response) =>
    response.end(JSON.stringify({ method, auth: headers.authorization ?? null, own: headers["x-own"] })),
  );
  const origin = await serve(t, ({ url = "" }, response) => {
    const left = Number(url.slice(1));
    response.writeHead(302, { location: url === "/other" ? other : `/${left - 1}` });
    if (left === 0 && url !== "/other") response.writeHead(200);
    response.end();
  });
  const fetch = await startFetching(t);
  const seen: Seen = await fetch(`${origin}/other`, {
    method: "POST",
    body: "1",
    headers: { Authorization: "Bearer x", "x-own": "1" },
  });
  t.deepEqual(JSON.parse(seen.text), { method: "GET", auth: null, own: "1" });
  t.true(seen.redirected);
  t.regex(await fetch(`${origin}/6`), /more than 5 redirects/);
  t.is(((await fetch(`${origin}/3`, { redirect: "manual" })) as Seen).status, 302);
  t.regex(await fetch(`${origin}/3`, { redirect: "error" }), /redirects/);
});

test("a server that does not answer costs the grant's time, an aborted request its own", async (t) => {
  const open = new Set<string>();
  const origin = await serve(t, ({ url = "" }, response) => {
    open.add(url);
    response.on("close", () => open.delete(url));
  });
  const fetch = await startFetching(t, { timeoutMs: 100 });
  t.regex(await fetch(origin), /TimeoutError: fetch: no answer of http:\/\/127.0.0.1:\d+ within 100 ms/);
  const fixture = await startSandbox(t, {
    broker: createBroker({
      grants: { "*": { fetch: fetchGrant } },
      secrets: {},
      kv: createMemoryKv(),
      takeRate: takeFromMemory(),
      fetcher: createFetcher(),
      alert() {},
    }),
    limits: { asyncTimeoutMs: 60_000 },
  });
  await fixture.use(
    "aborts",
    `const controller = new AbortController();
    const until = (url, signal) => fetch(url, { signal }).catch((error) => ({ content: { body: [error.name] } }));
    export const client = ({ content }) => {
      if (content.body === "abort") controller.abort();
      else return until(content.body, content.body.endsWith("/aborted") ? controller.signal : AbortSignal.timeout(50));
    };`,
  );
  t.deepEqual(bodyOf(await fixture.seat("aborts").client(`${origin}/late`)), ["TimeoutError"]);
  const aborted = fixture.seat("aborts").client(`${origin}/aborted`);
  await eventually("the server has the request", () => open.has("/aborted"));
  await fixture.seat("aborts").client("abort");
  t.deepEqual(bodyOf(await aborted), ["AbortError"]);
  // Those that came too late to arrive count as closed.
  await eventually("the server has none of the requests any more", () => open.size === 0);
});

test("hosts fit patterns", (t) => {
  const cases: readonly (readonly [string, string, boolean])[] = [
    ["api.example.com", "https://api.example.com/", true],
    ["api.example.com", "https://API.example.com./", true],
    ["api.example.com", "https://api.example.com:444/", false],
    ["api.example.com:444", "https://api.example.com:444/", true],
    ["api.example.com:443", "http://api.example.com/", false],
    ["api.example.com:*", "https://api.example.com:9/", true],
    ["*.example.com", "https://a.b.example.com/", true],
    ["*.example.com", "https://example.com/", false],
    ["*.example.com", "https://evilexample.com/", false],
    ["*.example.com", "https://x.example.com.evil.org/", false],
    ["*", "http://anything/", true],
    ["*", "http://anything:8080/", false],
    ["[2001:db8::1]:80", "http://[2001:db8::1]/", true],
  ];
  for (const [pattern, url, fits] of cases) t.is(fitsHost(pattern, new URL(url)), fits, `${pattern} ${url}`);
});

test("which addresses are private", (t) => {
  const isPrivate = createPrivateCheck();
  const closed = [
    ...["127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254", "0.0.0.0"],
    ...["100.64.0.1", "224.0.0.1", "255.255.255.255", "198.18.0.1", "::", "::1", "fe80::1", "fe80::1%eth0"],
    ...["fc00::1", "fd12::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:7f00:1", "::7f00:1", "64:ff9b::7f00:1"],
    ...["2002:7f00:1::", "2001:db8::1", "fec0::1", "[::1]", "localhost", ""],
  ];
  for (const address of closed) t.true(isPrivate(address), address);
  const open = [
    "8.8.8.8",
    "172.32.0.1",
    "192.169.0.1",
    "2606:4700::1111",
    "::ffff:8.8.8.8",
    "[2606:4700::1]",
  ];
  for (const address of open) t.false(isPrivate(address), address);
});

test("an error of the system says which, and not more", async (t) => {
  const fetcher = createFetcher();
  t.teardown(() => fetcher.close());
  const error = await t.throwsAsync(
    fetcher.fetch({
      policy: "p",
      grant: { ...fetchGrant, hosts: ["*:*"] },
      wire: { url: "http://127.0.0.1:1/path?token=1", method: "GET", headers: [], redirect: "follow" },
      body: undefined,
      signal: new AbortController().signal,
    }),
    { instanceOf: CapabilityError },
  );
  t.is(error?.message, "fetch: no answer of http://127.0.0.1:1: ECONNREFUSED");
});

test("a request has only so many headers, and an upgrade that nobody asked for is an error at once", async (t) => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", () =>
      socket.write("HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.teardown(() => server.close());
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const ask = await startFetching(t);
  t.regex(await ask(origin), /TypeError: fetch: .* an upgrade that was not asked for/);
  const headers = Object.fromEntries(Array.from({ length: 2000 }, (_, i) => [`x-${i}`, "value"]));
  t.regex(await ask(origin, { headers }), /the headers have more than 16384 bytes/);
});
