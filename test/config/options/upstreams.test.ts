import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ConfigError, resolveConfig, resolveRoute } from "../../../core/config/index.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { testProblems } from "../problems.ts";

function problemsOf(t: ExecutionContext, run: () => unknown) {
  const error = t.throws(run);
  return error instanceof ConfigError ? error.problems : [];
}

test("an upstream gets every default", (t) => {
  const { upstreams } = resolveConfig({ upstreams: { orders: { url: "ws://a" } } }, { dir: "/" });
  t.deepEqual(upstreams, [
    {
      name: "orders",
      targets: [{ url: "ws://a", weight: 1, priority: 0 }],
      balance: { kind: "round-robin" },
      maxConnections: -1,
      onStoreLoss: "local",
      queue: { size: 0, timeoutMs: 1_000 },
      retries: 1,
      health: { failures: 5, ejectMs: 10_000, maxEjectMs: 300_000, slowStartMs: 30_000 },
      dnsMaxAgeMs: 30_000,
      redirects: 0,
    },
  ]);
});

test("what is set stays", (t) => {
  const { upstreams } = resolveConfig(
    {
      upstreams: {
        orders: {
          targets: [{ url: "https://a", socket: "/run/a.sock", weight: 3, priority: 2 }],
          balance: { hash: "header:X-User:Id" },
          maxConnections: 7,
          onStoreLoss: "closed",
          queue: { size: 8, timeout: "2s" },
          retry: { attempts: 0 },
          health: {
            failures: 0,
            eject: "1m",
            maxEject: "1s",
            slowStart: 0,
            check: { probe: "upgrade", path: "/ws", interval: "1s", timeout: "500ms" },
          },
          dns: { maxAge: 0 },
          redirects: 2,
        },
      },
    },
    { dir: "/" },
  );
  t.deepEqual(upstreams, [
    {
      name: "orders",
      targets: [{ url: "https://a", socket: "/run/a.sock", weight: 3, priority: 2 }],
      balance: { kind: "hash", by: "header", name: "x-user:id" },
      maxConnections: 7,
      onStoreLoss: "closed",
      queue: { size: 8, timeoutMs: 2_000 },
      retries: 0,
      health: {
        failures: 0,
        ejectMs: 60_000,
        maxEjectMs: 60_000,
        slowStartMs: 0,
        check: { probe: "upgrade", path: "/ws", intervalMs: 1_000, timeoutMs: 500, expect: 101 },
      },
      dnsMaxAgeMs: 0,
      redirects: 2,
    },
  ]);
});

test("a route's upstream is a URL, a name or an object", (t) => {
  const { routes, upstreams } = resolveConfig(
    {
      upstreams: { orders: { url: "ws://a" } },
      routes: [
        { path: "/url", upstream: "ws://b" },
        { path: "/socket", upstream: "unix:/run/app.sock:/live" },
        { path: "/name", upstream: "orders" },
        { path: "/own", upstream: { targets: [{ url: "ws://c" }] } },
        // One path, and yet not one upstream.
        { path: "/own", match: { host: "a.b" }, upstream: { targets: [{ url: "ws://d" }] } },
        { path: "/own", name: "third", match: { host: "c.d" }, upstream: { targets: [{ url: "ws://e" }] } },
      ],
    },
    { dir: "/" },
  );
  t.deepEqual(
    routes.map(({ upstream }) => (typeof upstream === "string" ? upstream : upstream.name)),
    ["ws://b", "unix:/run/app.sock:/live", "orders", "route /own", "route a.b/own", "route third"],
  );
  const [orders] = upstreams;
  t.truthy(orders);
  t.is(routes[2]?.upstream, orders);
  t.is(resolveRoute({ path: "/x", upstream: "orders" }, "x.ts", { upstreams }).upstream as unknown, orders);
});

test("a route's connect stands in for the config's", (t) => {
  const config = resolveConfig(
    {
      connect: { allow: ["http://a"] },
      routes: [
        { path: "/a", upstream: "ws://b" },
        { path: "/b", upstream: "ws://b", connect: { allow: ["http://c:*"] } },
        { path: "/c", upstream: "ws://b", connect: {} },
      ],
    },
    { dir: "/" },
  );
  t.deepEqual(
    config.routes.map(({ connectAllow }) => connectAllow),
    [["http://a"], ["http://c:*"], []],
  );
  t.deepEqual(resolveRoute({ path: "/x", upstream: "ws://b" }, "x.ts", config).connectAllow, ["http://a"]);
});

const inUpstream = (upstream: object) => ({ upstreams: { orders: upstream } });
const known =
  "url, targets, balance, maxConnections, onStoreLoss, queue, retry, onFailure, health, tls, dns, redirects, proxy";

const problems: readonly (readonly [input: unknown, path: string, message: string])[] = [
  [inUpstream({}), "upstreams.orders", "expected either `url` or `targets`, got {}"],
  [inUpstream({ targets: [] }), "upstreams.orders.targets", "expected at least one server, got []"],
  [inUpstream({ zone: 1, url: "ws://a" }), "upstreams.orders.zone", `unknown option; known here: ${known}`],
  [
    inUpstream({ url: "ftp://a" }),
    "upstreams.orders.url",
    'expected an http, https, ws or wss URL, got "ftp://a"',
  ],
  [
    inUpstream({ url: "unix:app.sock" }),
    "upstreams.orders.url",
    'expected a URL such as unix:/run/app.sock:/path, got "unix:app.sock"',
  ],
  [
    inUpstream({ targets: [{ url: "ws://a" }, { url: "ws://a" }] }),
    "upstreams.orders.targets[1].url",
    'expected a server that is not listed above; give that one more weight, got "ws://a"',
  ],
  [
    inUpstream({ url: "ws://a", maxConnections: 0 }),
    "upstreams.orders.maxConnections",
    "expected a whole number from 1, or -1 for unlimited, got 0",
  ],
  [
    inUpstream({ url: "ws://a", balance: "random" }),
    "upstreams.orders.balance",
    'expected "round-robin", "least-connections", "fastest" or { hash: "header:NAME" }, got "random"',
  ],
  [
    inUpstream({ url: "ws://a", balance: { hash: "cookie" } }),
    "upstreams.orders.balance.hash",
    'expected one of "header:NAME", "param:NAME", "attribute:NAME", "address", got "cookie"',
  ],
  [
    inUpstream({ url: "unix:/a.sock", proxy: "http://p:1" }),
    "upstreams.orders.proxy",
    'expected no proxy where a server is a Unix socket, got "http://p:1"',
  ],
  [
    inUpstream({ url: "ws://a", proxy: "https://u:secret@p" }),
    "upstreams.orders.proxy",
    'expected an http URL of host and port alone, got "https://…@p"',
  ],
  [
    inUpstream({ url: "ws://a", tls: { cert: "a.pem" } }),
    "upstreams.orders.tls",
    'expected both `cert` and `key`, or neither, got {"cert":"a.pem"}',
  ],
  [
    inUpstream({ url: "ws://a", tls: { minVersion: "TLSv1.3", maxVersion: "TLSv1.2" } }),
    "upstreams.orders.tls.maxVersion",
    'expected a version that is not below minVersion, got "TLSv1.2"',
  ],
  [
    { routes: [{ path: "/", upstream: { targets: [{ url: "ws://a", weight: 0 }] } }] },
    "routes[0].upstream.targets[0].weight",
    "expected a whole number from 1 to 1000, got 0",
  ],
  [
    { routes: [{ path: "/", upstream: { targets: [{ url: "ws://a" }], url: "ws://b" } }] },
    "routes[0].upstream",
    'expected either `url` or `targets`, got {"targets":[{"url":"ws://a"}],"url":"ws://b"}',
  ],
  [
    { upstreams: { orders: { url: "ws://a" } }, routes: [{ path: "/", upstream: "order" }] },
    "routes[0].upstream",
    'expected a URL such as "http://127.0.0.1:9000" or a name of `upstreams`, got "order"; did you mean "orders"?',
  ],
  [
    { connect: { allow: ["https://a/path"] } },
    "connect.allow[0]",
    'expected a scheme, a host and a port alone, such as "https://*.orders.internal" or "http://127.0.0.1:*", got "https://a/path"',
  ],
];

for (const [input, path, message] of problems) {
  test(`problem: ${path}: ${message}`, (t) => {
    t.deepEqual(
      problemsOf(t, () => resolveConfig(input, { dir: "/" })),
      [{ path, message }],
    );
  });
}

test("a name that could be a URL is none", (t) => {
  const [problem] = problemsOf(t, () =>
    resolveConfig({ upstreams: { "a:b": { url: "ws://a" } } }, { dir: "/" }),
  );
  t.is(problem?.path, 'upstreams["a:b"]');
});

test("onFailure names an upstream, and leads back to none", (t) => {
  const url = "http://a";
  const problems = problemsOf(t, () =>
    resolveConfig(
      {
        upstreams: {
          orders: { url, onFailure: "spare" },
          spare: { url, onFailure: "orders" },
          alone: { url, onFailure: "alone" },
          into: { url, onFailure: "orders" },
          lost: { url, onFailure: "spaer" },
        },
        routes: [{ path: "/", upstream: { url, onFailure: "nobody" } }],
      },
      { dir: "/" },
    ),
  );
  t.deepEqual(
    problems.map(({ path, message }) => [path, message]),
    [
      [
        "upstreams.orders.onFailure",
        "expected an upstream that does not lead back here, got orders → spare → orders",
      ],
      [
        "upstreams.spare.onFailure",
        "expected an upstream that does not lead back here, got spare → orders → spare",
      ],
      ["upstreams.alone.onFailure", "expected an upstream that does not lead back here, got alone → alone"],
      ["upstreams.lost.onFailure", 'expected a name of `upstreams`, got "spaer"; did you mean "spare"?'],
      [
        "routes[0].upstream.onFailure",
        'expected a name of `upstreams`, got "nobody"; known are orders, spare, alone, into, lost',
      ],
    ],
  );
});

test("TLS files are read relative to the config, and looked at", async (t) => {
  const dir = await mkdtemp(join(tmpdir(), "framegate-"));
  t.teardown(() => rm(dir, { recursive: true }));
  const [own, other] = [createCertificate(), createCertificate()];
  await writeFile(join(dir, "own.pem"), own.cert);
  await writeFile(join(dir, "own.key"), own.key);
  await writeFile(join(dir, "other.key"), other.key);
  await writeFile(join(dir, "text.pem"), "no PEM");
  const build = (tls: object) => () =>
    resolveConfig({ upstreams: { orders: { url: "wss://a", tls } } }, { dir }).upstreams[0]?.tls;

  t.deepEqual(build({ ca: "own.pem", cert: "own.pem", key: join(dir, "own.key") })(), {
    verify: true,
    minVersion: "TLSv1.2",
    maxVersion: "TLSv1.3",
    ca: own.cert,
    cert: own.cert,
    key: own.key,
  });
  const cases: readonly (readonly [tls: object, option: string, message: RegExp])[] = [
    [{ ca: "gone.pem" }, "ca", /^expected a file that can be read, got \/.*\/gone\.pem: ENOENT/],
    [
      { ca: "/dev/null" },
      "ca",
      /^expected a file that can be read, got \/dev\/null: it is no file of at most/,
    ],
    [{ ca: "text.pem" }, "ca", /^expected a PEM file of certificates/],
    [{ cert: "text.pem", key: "own.key" }, "cert", /OpenSSL says/],
    [
      { cert: "own.pem", key: "other.key" },
      "cert",
      /the key that belongs to it, but OpenSSL says: .*mismatch/,
    ],
    [{ ciphers: "ROT13" }, "ciphers", /^expected ciphers that OpenSSL knows/],
  ];
  for (const [tls, option, message] of cases) {
    const [problem, ...others] = problemsOf(t, build(tls));
    t.is(problem?.path, `upstreams.orders.tls.${option}`);
    t.regex(problem?.message ?? "", message);
    t.deepEqual(others, []);
  }
});

test("a route's mirror is a URL or a name of `upstreams`, and stands in for the config's", (t) => {
  const config = resolveConfig(
    {
      upstreams: { next: { url: "ws://next" } },
      mirror: { upstream: "ws://all", sample: 0.5, direction: "both" },
      redact: { headers: ["X-Pass"], query: ["pin"] },
      routes: [
        { path: "/", upstream: "ws://a" },
        { path: "/own", upstream: "ws://a", mirror: { upstream: "next", credentials: true } },
        { path: "/none", upstream: "ws://a", mirror: false },
      ],
    },
    { dir: "/" },
  );
  const secrets = { headers: ["X-Pass"], query: ["pin"] };
  const all = {
    upstream: "ws://all",
    sample: 0.5,
    origins: ["client", "server"],
    sendsCredentials: false,
    secrets,
  };
  const [next] = config.upstreams;
  t.deepEqual(
    config.routes.map(({ mirror }) => mirror as unknown),
    [all, { upstream: next, sample: 1, origins: ["client"], sendsCredentials: true, secrets }, undefined],
  );
  const own = resolveRoute({ path: "/", upstream: "ws://a" }, "x.ts", config);
  t.deepEqual(own.mirror as unknown, all);
});

testProblems([
  [
    { mirror: { upstream: "nxt" }, upstreams: { next: { url: "ws://a" } } },
    "mirror.upstream",
    'expected a URL such as "http://127.0.0.1:9000" or a name of `upstreams`, got "nxt"; did you mean "next"?',
  ],
  [
    { mirror: { upstream: "ftp://a" } },
    "mirror.upstream",
    'expected an http, https, ws or wss URL, got "ftp://a"',
  ],
  [
    { mirror: { upstream: "ws://a", sample: 0 } },
    "mirror.sample",
    "expected a number above 0 and up to 1, got 0",
  ],
  [
    {
      listen: [{ port: 9 }],
      routes: [{ path: "/", upstream: "ws://a", mirror: { upstream: "ws://127.0.0.1:9" } }],
    },
    "routes[0].mirror.upstream",
    'expected a server, got "ws://127.0.0.1:9", which is where the gateway itself listens (listen[0], 127.0.0.1:9)',
  ],
]);
