import { availableParallelism } from "node:os";
import test, { type ExecutionContext } from "ava";
import { ConfigError, resolveConfig, resolveRoute } from "../../core/config/index.ts";

const listener = {
  host: "127.0.0.1",
  port: 8080,
  handshakeTimeoutMs: 10_000,
  hstsSeconds: 0,
  backlog: 511,
  reusePort: false,
  maxHeaderBytes: 16_384,
  maxHeaders: 1000,
};
const pair = { cert: "a.crt", key: "a.key" };
const route = { path: "/a", upstream: "ws://localhost:1" };

test("an empty config gets every default", (t) => {
  t.deepEqual(resolveConfig({}, { dir: "/etc/gate" }), {
    listen: [listener],
    console: { host: "127.0.0.1", port: 9090 },
    policiesDir: "/etc/gate/policies",
    packs: { require: "locked", keys: {}, frozen: false },
    workers: availableParallelism(),
    log: { level: "info" },
    drain: { code: 1001, spreadMs: 0, timeoutMs: 10_000 },
    traffic: { maxBytes: 67_108_864, maxRecords: 200_000, maxAgeMs: 3_600_000 },
    redact: { defaults: true, headers: [], query: [], json: [], patterns: [] },
    sandbox: {
      limits: {
        messageTimeoutMs: 50,
        upgradeTimeoutMs: 250,
        loadTimeoutMs: 1_000,
        asyncTimeoutMs: 2_000,
        memoryLimitMb: 128,
        maxResultBytes: 1_048_576,
      },
      host: { heartbeatMs: 100, silenceMs: 1_000, maxRssBytes: 1_073_741_824 },
      warmSpare: true,
    },
    capabilities: { grants: {}, secrets: {} },
    kv: {},
    corsProfiles: {},
    routes: [],
    upstreams: [],
    recordByDefault: false,
    connectAllow: [],
  });
});

test("a route gets every default", (t) => {
  const config = resolveConfig({ routes: [route] }, { dir: "/" });
  t.deepEqual(config.routes, [
    {
      name: "/a",
      path: "/a",
      match: { hosts: [], headers: {} },
      enabled: true,
      origins: { allow: ["*"], isRequired: false },
      subprotocols: { isRequired: false, prefer: [] },
      connections: {
        route: 0,
        perAddress: 0,
        perKey: 0,
        key: { from: "header", name: "authorization" },
        retryAfterSeconds: 1,
      },
      headers: {
        request: { set: [], add: [], remove: [] },
        response: { set: [], add: [], remove: [] },
      },
      hostHeader: "upstream",
      forwarded: ["x-forwarded"],
      http: "refuse",
      httpTimeoutMs: 60_000,
      upstream: "ws://localhost:1",
      policies: [],
      contentType: {
        client: { text: "application/json", binary: "application/json" },
        server: { text: "application/json", binary: "application/json" },
      },
      onError: "close",
      maxMessageBytes: 1_048_576,
      connectTimeoutMs: 10_000,
      handshakeTimeoutMs: 10_000,
      closeTimeoutMs: 10_000,
      session: {
        expireMs: 0,
        idle: { timeoutMs: 0, countPings: false },
        keepalive: false,
        limits: {
          client: { maxMessageBytes: 1_048_576, maxFrameBytes: 0 },
          server: { maxMessageBytes: 1_048_576, maxFrameBytes: 0 },
        },
        pinsPolicies: false,
        rate: {},
        slowConsumer: { bufferedBytes: 0, timeoutMs: 0 },
      },
      recording: false,
      routeLog: { access: true, level: "debug", payloadBytes: 1024, payloads: [] },
      compression: {
        legs: { client: true, server: true },
        clientContextTakeover: true,
        serverContextTakeover: true,
        clientMaxWindowBits: 15,
        serverMaxWindowBits: 15,
        minBytes: 1024,
        maxRatio: 0,
      },
      connectAllow: [],
    },
  ]);
});

test("what is set stays, in milliseconds and bytes", (t) => {
  const config = resolveConfig(
    {
      $schema: "x",
      listen: [{ host: "::", port: 0, handshakeTimeout: 0 }, {}],
      console: false,
      policies: "/srv/policies",
      workers: 0,
      drain: { code: 1012, spread: "1m", timeout: 0 },
      log: { level: "silent" },
      sandbox: {
        messageTimeout: "5ms",
        silence: "2m",
        memoryLimit: "64MiB",
        maxMemory: 2 ** 30,
        warmSpare: false,
      },
      routes: [
        {
          ...route,
          policies: ["auth", { use: "billing/audit", options: { a: [1, null] } }],
          maxMessageSize: "3MiB",
        },
      ],
    },
    { dir: "/etc", file: "/etc/framegate.config.ts" },
  );
  t.is(config.file, "/etc/framegate.config.ts");
  t.deepEqual(config.listen, [{ ...listener, host: "::", port: 0, handshakeTimeoutMs: 0 }, listener]);
  t.is(config.console, false);
  t.is(config.policiesDir, "/srv/policies");
  t.is(config.workers, 0);
  t.deepEqual(config.drain, { code: 1012, spreadMs: 60_000, timeoutMs: 0 });
  t.like(config.sandbox, {
    limits: { messageTimeoutMs: 5, memoryLimitMb: 64 },
    host: { silenceMs: 120_000 },
    warmSpare: false,
  });
  t.deepEqual(config.routes[0]!.policies, [
    { use: "auth", options: {}, enabled: true },
    { use: "billing/audit", options: { a: [1, null] }, enabled: true },
  ]);
  t.is(config.routes[0]!.maxMessageBytes, 3 * 2 ** 20);
  t.is(config.sandbox.limits.maxResultBytes, 3 * 2 ** 20, "a verdict may be as large as the largest message");
  t.deepEqual(structuredClone(config), JSON.parse(JSON.stringify(config)), "plain JSON");
});

test("contentType, in its shapes: the closest one counts", (t) => {
  const resolve = (contentType: unknown) =>
    resolveConfig({ routes: [{ ...route, contentType }] }, { dir: "/" }).routes[0]!.contentType;
  const json = { text: "application/json", binary: "application/json" };
  const plain = { text: "text/plain", binary: "text/plain" };
  t.deepEqual(resolve("text/plain"), { client: plain, server: plain });
  t.deepEqual(resolve({}), { client: json, server: json });
  t.deepEqual(resolve({ server: "text/plain" }), { client: json, server: plain });
  t.deepEqual(resolve({ text: "a/b", binary: "c/d", client: "text/plain", server: { text: "e/f" } }), {
    client: plain,
    server: { text: "e/f", binary: "c/d" },
  });
});

test("compression, in its shapes", (t) => {
  const resolve = (compression: boolean | object) =>
    resolveConfig({ routes: [{ ...route, compression }] }, { dir: "/" }).routes[0]!.compression;
  t.deepEqual(resolve({}), resolve(true));
  t.deepEqual(resolve(false).legs, { client: false, server: false });
  t.like(resolve({ server: false, minSize: "1B", maxRatio: 100, clientMaxWindowBits: 9 }), {
    legs: { client: true, server: false },
    clientMaxWindowBits: 9,
    minBytes: 1,
    maxRatio: 100,
  });
});

test("the options of open sessions, each in its shapes", (t) => {
  const resolve = (options: object) =>
    resolveConfig({ routes: [{ ...route, ...options }] }, { dir: "/" }).routes[0]!.session;
  t.like(resolve({ expire: "1h", idle: "5m" }), {
    expireMs: 3_600_000,
    idle: { timeoutMs: 300_000, countPings: false },
  });
  t.deepEqual(resolve({ idle: { timeout: "1s", countPings: true } }).idle, {
    timeoutMs: 1_000,
    countPings: true,
  });
  t.deepEqual(resolve({ keepalive: {} }).keepalive, {
    intervalMs: 30_000,
    timeoutMs: 10_000,
    legs: ["client", "server"],
  });
  t.deepEqual(
    resolve({ maxMessageSize: 9, limits: { maxFrameSize: 5, server: { maxFrameSize: 0 } } }).limits,
    {
      client: { maxMessageBytes: 9, maxFrameBytes: 5 },
      server: { maxMessageBytes: 9, maxFrameBytes: 0 },
    },
  );
  t.is(resolve({ reload: "recycle", recycleSpread: "3s" }).recycleSpreadMs, 3_000);
  t.is(resolve({ recycleSpread: "3s" }).recycleSpreadMs, undefined);
  t.is(resolve({ reload: "pin" }).pinsPolicies, true);
  t.is(resolve({}).pinsPolicies, false);
  t.deepEqual(resolve({ rate: { messages: 3, key: "header:X-Key", server: {} } }).rate, {
    client: {
      messages: 3,
      bytes: 0,
      perMs: 1_000,
      action: "close",
      key: { source: "header", name: "x-key" },
    },
  });
});

test("the largest message of any route and direction is what a policy may make", (t) => {
  const routes = [{ ...route, limits: { server: { maxMessageSize: "3MiB" } } }];
  t.is(resolveConfig({ routes }, { dir: "/" }).sandbox.limits.maxResultBytes, 3 * 1024 ** 2);
});

test("wrong options of open sessions are told with what is expected", (t) => {
  const options = { idle: { timeout: 0 }, keepalive: true, rate: { key: "cookie", per: 0, burst: 1 } };
  const error = t.throws(() => resolveConfig({ routes: [{ ...route, ...options }] }, { dir: "/" }));
  for (const line of [
    "routes[0].idle.timeout: expected a duration",
    "routes[0].keepalive: expected",
    'routes[0].rate.key: expected "connection", "address", "header:NAME" or "attribute:NAME", got "cookie"',
    "routes[0].rate.per: expected a duration",
    "routes[0].rate.burst: unknown option",
  ])
    t.true(error.message.includes(line), `${line}\n${error.message}`);
});

test("a listener's files are relative to the config file; what is not set is not there", (t) => {
  const listen = [
    {
      tls: { certificates: [{ ...pair, names: ["A.test"] }], clientCertificate: "request", ca: "/ca.crt" },
      hsts: "365d",
      proxyProtocol: true,
      trustedProxies: ["10.0.0.0/8", "::1"],
      maxHeaderBytes: "8KiB",
    },
    { socket: "gate.sock" },
  ];
  t.deepEqual(resolveConfig({ listen }, { dir: "/etc" }).listen, [
    {
      ...listener,
      tls: {
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
        clientCertificate: "request",
        certificates: [{ cert: "/etc/a.crt", key: "/etc/a.key", names: ["a.test"] }],
        ca: "/ca.crt",
      },
      hstsSeconds: 31_536_000,
      trustedProxies: ["10.0.0.0/8", "::1"],
      maxHeaderBytes: 8192,
    },
    { ...listener, socket: "/etc/gate.sock" },
  ]);
});

test("every problem is told at once, the file in front", (t) => {
  const error = t.throws(
    () =>
      resolveConfig({ listn: [], workers: -1, routes: [{ path: "x" }] }, { dir: "/", file: "/gate.yaml" }),
    {
      instanceOf: ConfigError,
      code: "ERR_CONFIG_INVALID",
    },
  );
  t.is(
    error.message,
    [
      "/gate.yaml has 4 problems:",
      "  workers: expected a whole number from 0 to 1024, got -1",
      '  routes[0].path: expected a path that begins with `/`, got "x"',
      '  routes[0].upstream: expected a URL such as "http://127.0.0.1:9000", but it is missing',
      "  listn: unknown option; did you mean `listen`?",
    ].join("\n"),
  );
});

const anyDuration = 'a duration such as "250ms", "15s", "5m", "1h" or "2d"';
const anySize = 'a number of bytes or a size such as "64KiB" or "1MiB"';
const anyName =
  'a policy\'s name, such as "auth" or "billing/audit": its file below the policies folder, without the ending';

const problems: readonly (readonly [input: object, path: string, message: string])[] = [
  [
    { colour: 1 },
    "colour",
    "unknown option; known here: listen, console, policies, packs, workers, log, drain, traffic, redact, watchConfig, sandbox, grants, secrets, kv, telemetry, trustedProxies, corsProfiles, routes, upstreams, connect",
  ],
  [{ listen: {} }, "listen", "expected a list of listeners such as [{ port: 8080 }], got {}"],
  [{ listen: [] }, "listen", "expected at least one listener, got []"],
  [{ listen: [{ port: "80" }] }, "listen[0].port", 'expected a port from 0 to 65535, got "80"'],
  [{ listen: [{ port: 65_536 }] }, "listen[0].port", "expected a port from 0 to 65535, got 65536"],
  [
    { listen: [{}, { port: 8080 }] },
    "listen[1].port",
    "expected an address of its own, got 127.0.0.1:8080, which is that of listen[0].port too",
  ],
  [
    { console: { port: 8080 } },
    "console.port",
    "expected an address of its own, got 127.0.0.1:8080, which is that of listen[0].port too",
  ],
  [{ console: { prt: 1 } }, "console.prt", "unknown option; did you mean `port`?"],
  [
    { console: true },
    "console",
    "expected a listener such as { port: 9090 }, or false for no console, got true",
  ],
  [{ policies: ["a"] }, "policies", 'expected the path of a folder, got ["a"]'],
  [{ workers: 1.5 }, "workers", "expected a whole number from 0 to 1024, got 1.5"],
  [
    { log: { level: "loud" } },
    "log.level",
    'expected one of "debug", "info", "warn", "error", "silent", got "loud"',
  ],
  [{ drain: { timeout: 15 } }, "drain.timeout", `expected ${anyDuration}, or 0 for unlimited, got 15`],
  [
    { drain: { timeout: "15 sec" } },
    "drain.timeout",
    `expected ${anyDuration}, or 0 for unlimited, got "15 sec"`,
  ],
  [{ drain: { timeout: "25d" } }, "drain.timeout", 'expected a duration of at most 24d, got "25d"'],
  [{ sandbox: { messageTimeout: 0 } }, "sandbox.messageTimeout", `expected ${anyDuration}, got 0`],
  [{ sandbox: { silence: "0s" } }, "sandbox.silence", `expected ${anyDuration}, of at least 1ms, got "0s"`],
  [
    { sandbox: { memoryLimit: "4MiB" } },
    "sandbox.memoryLimit",
    `expected ${anySize}, at least 8MiB, got "4MiB"`,
  ],
  [{ sandbox: { maxMemory: 1 } }, "sandbox.maxMemory", `expected ${anySize}, at least 64MiB, got 1`],
  [{ routes: {} }, "routes", "expected a list of routes, got {}"],
  [
    { routes: [route, { ...route, path: "/a" }] },
    "routes[1].path",
    'expected a path of its own, got "/a", which matches the same requests as routes[0]',
  ],
  [
    { routes: [route, { ...route, path: "/b", name: "/a" }] },
    "routes[1].name",
    'expected a name of its own, got "/a", which is that of routes[0] too',
  ],
  [
    { routes: [{ ...route, match: { host: "a.example:80" } }] },
    "routes[0].match.host",
    'expected a host name such as "app.example.com" or "*.example.com", without a port, got "a.example:80"',
  ],
  [
    {
      routes: [
        { ...route, path: "/:x", match: { host: ["a.example", "B.example"] } },
        { ...route, path: "/:y", match: { host: ["b.example", "c.example"] } },
      ],
    },
    "routes[1].path",
    'expected a path of its own, got "/:y", which matches the same requests as routes[0]',
  ],
  [
    { routes: [{ ...route, policies: [{ use: "a", hooks: ["open"] }] }] },
    "routes[0].policies[0].hooks[0]",
    'expected one of "upgrade", "client", "server", "close", got "open"',
  ],
  [
    { routes: [{ ...route, origins: ["app.example.com"] }] },
    "routes[0].origins[0]",
    'expected an origin such as "https://app.example.com", "https://*.example.com" or "http://localhost:*", "same", "null" or "*", got "app.example.com"',
  ],
  [
    { routes: [{ ...route, subprotocols: { allow: ["a b"] } }] },
    "routes[0].subprotocols.allow[0]",
    'expected a subprotocol such as "chat.v2", got "a b"',
  ],
  [
    { routes: [{ ...route, connections: { perAddress: -1 } }] },
    "routes[0].connections.perAddress",
    "expected a whole number of connections, or 0 for unlimited, got -1",
  ],
  [
    { routes: [{ ...route, connections: { key: "cookie" } }] },
    "routes[0].connections.key",
    'expected a key such as "header:x-tenant", "query:user", "param:room" or "attribute:user", got "cookie"',
  ],
  [
    { trustedProxies: ["10.0.0.0/33"] },
    "trustedProxies[0]",
    'expected an address or network such as "10.0.0.0/8" or "::1", got "10.0.0.0/33"',
  ],
  [
    { routes: [{ ...route, headers: { request: { set: { Upgrade: "x" } } } }] },
    "routes[0].headers.request.set.Upgrade",
    'expected a header that is not of the handshake or of one hop, got "x"',
  ],
  [
    { routes: [{ ...route, headers: { response: { add: { x: "a\r\nb: c" } } } }] },
    "routes[0].headers.response.add.x",
    'expected a value of one line, in Latin-1, got "a\\r\\nb: c"',
  ],
  [
    { routes: [{ ...route, headers: { request: { set: { x: "$" + "{env.HOME}" } } } }] },
    "routes[0].headers.request.set.x",
    [
      "expected a value with no other placeholders than $",
      "{id}, $",
      "{client.address} and $",
      '{params.NAME}, got "$',
      '{env.HOME}"',
    ].join(""),
  ],
  [
    { routes: [{ ...route, requestId: { header: "a b" } }] },
    "routes[0].requestId.header",
    'expected the name of a header, got "a b"',
  ],
  [
    { routes: [{ ...route, forwarded: "forwarded" }] },
    "routes[0].forwarded",
    'expected a list of "x-forwarded" and "forwarded", got "forwarded"',
  ],
  [
    { corsProfiles: { web: {} }, routes: [{ ...route, cors: "wev" }] },
    "routes[0].cors",
    'expected a profile of corsProfiles (web), got "wev"',
  ],
  [
    { routes: [{ ...route, path: "/x?y" }] },
    "routes[0].path",
    'expected a path without a query or fragment, got "/x?y"',
  ],
  [
    { routes: [{ ...route, path: "/*/x" }] },
    "routes[0].path",
    'expected a path with `*` only as the whole last segment, got "/*/x"',
  ],
  [
    { routes: [{ ...route, path: "/x:id" }] },
    "routes[0].path",
    'expected a path whose parameters are whole segments such as `:id`, got "/x:id"',
  ],
  [
    { routes: [{ ...route, path: "/:id/:id" }] },
    "routes[0].path",
    'expected a path that names `:id` only once, got "/:id/:id"',
  ],
  [
    { routes: [{ ...route, path: "/a//b" }] },
    "routes[0].path",
    'expected a path without empty segments, got "/a//b"',
  ],
  [
    { routes: [{ ...route, path: "/a/../b" }] },
    "routes[0].path",
    'expected a path without `.` and `..` segments, got "/a/../b"',
  ],
  [
    { routes: [{ ...route, path: "/a%20b" }] },
    "routes[0].path",
    'expected a path without spaces, `%` or `\\` (paths are matched percent-decoded), got "/a%20b"',
  ],
  [
    { routes: [{ ...route, upstream: "localhost:80" }] },
    "routes[0].upstream",
    'expected an http, https, ws or wss URL, got "localhost:80"',
  ],
  [
    { routes: [{ ...route, upstream: "ws://a/#b" }] },
    "routes[0].upstream",
    'expected a URL without a fragment, got "ws://a/#b"',
  ],
  [
    { routes: [{ ...route, upstream: "ws://u:pw@a" }] },
    "routes[0].upstream",
    'expected a URL without user and password: set the header in a policy\'s upgrade hook, got "ws://…@a"',
  ],
  [
    { routes: [{ ...route, policies: "all" }] },
    "routes[0].policies",
    'expected a list of policies or "*", got "all"',
  ],
  [
    { routes: [{ ...route, policies: ["*"] }] },
    "routes[0].policies[0]",
    'expected a policy\'s name; for all of them write policies: "*", got "*"',
  ],
  [
    { routes: [{ ...route, policies: ["./auth.ts"] }] },
    "routes[0].policies[0]",
    'expected a policy\'s name without its ending: "auth", got "./auth.ts"',
  ],
  [
    { routes: [{ ...route, policies: ["../auth"] }] },
    "routes[0].policies[0]",
    `expected ${anyName}, got "../auth"`,
  ],
  [
    { routes: [{ ...route, policies: ["a", { use: 3 }] }] },
    "routes[0].policies[1].use",
    "expected the name of a policy, got 3",
  ],
  [{ listen: [{ prot: 1 }] }, "listen[0].prot", "unknown option; did you mean `port`?"],
  [
    { listen: [{ socket: "a.sock", port: 1 }] },
    "listen[0].port",
    "expected nothing here, because socket is where this listener is",
  ],
  [
    { listen: [{ socket: "a.sock" }, { socket: "a.sock" }] },
    "listen[1].port",
    "expected an address of its own, got a.sock, which is that of listen[0].port too",
  ],
  [
    { listen: [{ tls: { certificates: [] } }] },
    "listen[0].tls.certificates",
    "expected at least one certificate, got []",
  ],
  [
    { listen: [{ tls: { certificates: [pair], clientCertificate: "require" } }] },
    "listen[0].tls.ca",
    'expected the path of a PEM file, because clientCertificate is "require", but it is missing',
  ],
  [
    { listen: [{ tls: { certificates: [pair], minVersion: "TLSv1.3", maxVersion: "TLSv1.2" } }] },
    "listen[0].tls.maxVersion",
    'expected a version that is not below minVersion, got "TLSv1.2"',
  ],
  [
    { listen: [{ proxyProtocol: true }] },
    "listen[0].trustedProxies",
    'expected addresses and CIDR blocks such as ["10.0.0.0/8"], or "any", because proxyProtocol is on, but it is missing',
  ],
  [
    { listen: [{ proxyProtocol: true, trustedProxies: ["10.0.0.0/33"] }] },
    "listen[0].trustedProxies[0]",
    'expected addresses and CIDR blocks such as ["10.0.0.0/8"], or "any", got "10.0.0.0/33"',
  ],
  [
    { listen: [{ hsts: "1d" }] },
    "listen[0].tls",
    "expected certificates, because hsts is set, but it is missing",
  ],
  [
    { listen: [{ port: 0, reusePort: true }] },
    "listen[0].reusePort",
    "expected false, or a port that is not 0 and no socket, got true",
  ],
  [{ drain: { code: 1000 } }, "drain.code", "expected 1001 or 1012, got 1000"],
  [
    { routes: [{ ...route, policies: [{ use: "a", option: {} }] }] },
    "routes[0].policies[0].option",
    "unknown option; did you mean `options`?",
  ],
  [
    { routes: [{ ...route, policies: [{ use: "a", options: { f() {} } }] }] },
    "routes[0].policies[0].options.f",
    "expected plain JSON, got a function",
  ],
  [
    { routes: [{ ...route, contentType: "json" }] },
    "routes[0].contentType",
    'expected a MIME type such as "application/json", got "json"',
  ],
  [
    { routes: [{ ...route, contentType: 1 }] },
    "routes[0].contentType",
    'expected a MIME type such as "application/json", or { text, binary, client, server }, got 1',
  ],
  [
    { routes: [{ ...route, contentType: { client: { text: 1 } } }] },
    "routes[0].contentType.client.text",
    'expected a MIME type such as "application/json", got 1',
  ],
  [
    { routes: [{ ...route, contentType: { Server: "a/b" } }] },
    "routes[0].contentType.Server",
    "unknown option; did you mean `server`?",
  ],
  [
    { routes: [{ ...route, onError: "ignore" }] },
    "routes[0].onError",
    'expected one of "close", "drop", "pass", got "ignore"',
  ],
  [
    { routes: [{ ...route, maxMessageSize: "1MB" }] },
    "routes[0].maxMessageSize",
    `expected ${anySize}, at least 1, got "1MB"`,
  ],
  [
    { routes: [{ ...route, maxMessageSize: 0 }] },
    "routes[0].maxMessageSize",
    `expected ${anySize}, at least 1, got 0`,
  ],
  [
    { routes: [{ ...route, compression: "no" }] },
    "routes[0].compression",
    'expected true, false, or { client, server, minSize, … }, got "no"',
  ],
  [
    { routes: [{ ...route, compression: { clientMaxWindowBits: 8 } }] },
    "routes[0].compression.clientMaxWindowBits",
    "expected a whole number from 9 to 15, got 8",
  ],
  [
    { routes: [{ ...route, compression: { minsize: 0 } }] },
    "routes[0].compression.minsize",
    "unknown option; did you mean `minSize`?",
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

test("routes whose parameters have other names match the same requests", (t) => {
  const routes = [
    { ...route, path: "/:a/x" },
    { ...route, path: "/:b/x" },
    { ...route, path: "/:b/y" },
  ];
  t.deepEqual(
    problemsOf(t, () => resolveConfig({ routes }, { dir: "/" })).map(({ path }) => path),
    ["routes[1].path"],
  );
});

test("routes of one path are told apart by their match, and named after it", (t) => {
  const routes = [
    { ...route },
    { ...route, match: { host: "A.example" } },
    { ...route, match: { host: ["*.example", "b.example"], headers: { "X-Version": "2" } } },
    { ...route, match: { headers: { "X-Version": "2" } }, enabled: false },
  ];
  const config = resolveConfig({ routes }, { dir: "/" });
  t.deepEqual(
    config.routes.map(({ name }) => name),
    ["/a", "a.example/a", "*.example,b.example/a [x-version: 2]", "/a [x-version: 2]"],
  );
  t.deepEqual(config.routes[2]!.match, { hosts: ["*.example", "b.example"], headers: { "x-version": "2" } });
  t.deepEqual(
    config.routes.map(({ enabled }) => enabled),
    [true, true, true, false],
  );
});

test("a config that is no object", (t) => {
  const [problem] = problemsOf(t, () => resolveConfig(undefined, { dir: "/" }));
  t.deepEqual(problem, {
    path: "",
    message: "expected an object with listen, policies, routes, …, but it is missing",
  });
});

test("an upstream override stands in for the upstream of every route", (t) => {
  const override = { dir: "/", upstreamOverride: "ws://127.0.0.1:7" };
  const config = resolveConfig({ routes: [{ path: "/a" }, { ...route, path: "/b" }] }, override);
  t.deepEqual(
    config.routes.map(({ upstream }) => upstream),
    ["ws://127.0.0.1:7", "ws://127.0.0.1:7"],
  );
  t.is(config.upstreamOverride, "ws://127.0.0.1:7");
  t.is(resolveRoute({ path: "/c" }, "c.ts", config).upstream, "ws://127.0.0.1:7");
});

test("an upstream override keeps the routes' own servers in mind, for policies that connect to them", (t) => {
  const override = { dir: "/", upstreamOverride: "ws://127.0.0.1:7" };
  const targets = [{ url: "http://a.example" }, { url: "http://b.example", socket: "/run/b.sock" }];
  const routes = [{ path: "/a" }, { path: "/b", upstream: { targets } }, { path: "/c", upstream: "ws://c" }];
  const config = resolveConfig({ routes }, override);
  t.deepEqual(
    config.routes.map(({ replaced }) => replaced),
    [undefined, ["http://a.example"], ["ws://c"]],
  );
  t.deepEqual(resolveRoute({ path: "/d", upstream: "ws://d" }, "d.ts", config).replaced, ["ws://d"]);
  t.is(resolveConfig({ routes: [route] }, { dir: "/" }).routes[0]?.replaced, undefined);
});

test("a policy's own route: the same shape, problems name the policy's file", (t) => {
  t.like(resolveRoute({ ...route, policies: ["auth"] }, "/p/orders.ts"), {
    path: "/a",
    policies: [{ use: "auth", options: {}, enabled: true }],
  });
  const error = t.throws(() => resolveRoute({ path: "/a", upstrem: "x" }, "/p/orders.ts"), {
    instanceOf: ConfigError,
  });
  t.is(
    error.message,
    [
      "/p/orders.ts has 2 problems:",
      '  route.upstream: expected a URL such as "http://127.0.0.1:9000", but it is missing',
      "  route.upstrem: unknown option; did you mean `upstream`?",
    ].join("\n"),
  );
  const [problem] = problemsOf(t, () => resolveRoute("/a", "/p/orders.ts"));
  t.deepEqual(problem, {
    path: "route",
    message: 'expected a route such as { path, upstream, policies }, got "/a"',
  });
});

function problemsOf(t: ExecutionContext, resolve: () => unknown) {
  const error = t.throws(resolve, { instanceOf: ConfigError, code: "ERR_CONFIG_INVALID" });
  return error.problems;
}
