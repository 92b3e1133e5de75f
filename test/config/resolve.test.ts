import { availableParallelism } from "node:os";
import test from "ava";
import { ConfigError, type RouteInput, resolveConfig, resolveRoute } from "../../core/config/index.ts";
import { problemsOf, testProblems } from "./problems.ts";

const listener = {
  host: "127.0.0.1",
  port: 8080,
  handshakeTimeoutMs: 10_000,
  hstsSeconds: 0,
  backlog: 511,
  reusePort: false,
  maxHeaderBytes: 16_384,
  maxHeaders: 1000,
  origins: ["same"],
  recording: false,
};
const route = { path: "/a", upstream: "ws://localhost:1" };

test("an empty config gets every default", (t) => {
  t.deepEqual(resolveConfig({}, { dir: "/etc/gate" }), {
    listen: [listener],
    console: { host: "127.0.0.1", port: 9090, isOpen: false },
    policiesDir: "/etc/gate/policies",
    packs: { require: "locked", keys: {}, frozen: false, isolation: "pack" },
    workers: availableParallelism(),
    workerSilenceMs: 10_000,
    maxConnections: 0,
    log: { level: "info" },
    drain: {
      code: 1001,
      spreadMs: 0,
      jitter: 0,
      reconnectMs: 0,
      perSecond: 0,
      delayMs: 0,
      timeoutMs: 10_000,
    },
    traffic: {
      maxBytes: 67_108_864,
      maxRecords: 200_000,
      maxAgeMs: 3_600_000,
      subjects: ["user", "userId", "username", "sub", "subject", "email", "name"],
    },
    secretTexts: {},
    sinks: [],
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
      host: {
        heartbeatMs: 100,
        silenceMs: 1_000,
        maxRssBytes: 1_073_741_824,
        quarantineMs: 600_000,
        os: "auto",
      },
      warmSpare: true,
      isolation: "shared",
    },
    capabilities: { grants: {}, secrets: {} },
    alerts: [],
    kv: {},
    corsProfiles: {},
    originProfiles: {},
    routes: [],
    upstreams: [],
    upgradeRate: false,
    connectAllow: [],
    mirror: false,
    rollout: false,
  });
});

test("a route gets every default", (t) => {
  const config = resolveConfig({ routes: [route] }, { dir: "/" });
  t.deepEqual(config.routes, [
    {
      name: "/a",
      path: "/a",
      match: { hosts: [], headers: {}, clients: [] },
      enabled: true,
      origins: { isRequired: false },
      subprotocols: { isRequired: false, prefer: [] },
      connections: {
        route: 0,
        perAddress: 0,
        perKey: 0,
        key: { from: "header", name: "authorization" },
        retryAfterSeconds: 1,
        onStoreLoss: "local",
      },
      upgradeRate: false,
      headers: {
        request: { set: [], add: [], remove: [] },
        response: { set: [], add: [], remove: [] },
      },
      hostHeader: "auto",
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
      maxMessageBytes: 16_777_216,
      connectTimeoutMs: 10_000,
      handshakeTimeoutMs: 10_000,
      closeTimeoutMs: 10_000,
      session: {
        expireMs: 0,
        idle: { timeoutMs: 0, countPings: false },
        keepalive: false,
        limits: {
          client: { maxMessageBytes: 16_777_216, maxFrameBytes: 0, passesAny: true },
          server: { maxMessageBytes: 16_777_216, maxFrameBytes: 0, passesAny: true },
        },
        pinsPolicies: false,
        removal: { afterMs: 0, spreadMs: 10_000 },
        rate: {},
        slowConsumer: { bufferedBytes: 0, timeoutMs: 0 },
      },
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
      workerSilence: 0,
      drain: {
        code: 1012,
        spread: "1m",
        timeout: 0,
        jitter: 0.5,
        reconnect: "20s",
        rate: "600/m",
        delay: "5s",
      },
      log: { level: "silent" },
      sandbox: {
        messageTimeout: "5ms",
        silence: "2m",
        memoryLimit: "64MiB",
        maxMemory: 2 ** 30,
        warmSpare: false,
        isolation: "own",
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
  t.is(config.workerSilenceMs, 0);
  t.deepEqual(config.drain, {
    ...{ code: 1012, spreadMs: 60_000, timeoutMs: 0 },
    ...{ jitter: 0.5, reconnectMs: 20_000, perSecond: 10, delayMs: 5_000 },
  });
  t.like(config.sandbox, {
    limits: { messageTimeoutMs: 5, memoryLimitMb: 64 },
    host: { silenceMs: 120_000 },
    warmSpare: false,
    isolation: "own",
  });
  t.deepEqual(config.routes[0]!.policies, [
    { use: "auth", options: {}, enabled: true },
    { use: "billing/audit", options: { a: [1, null] }, enabled: true },
  ]);
  t.is(config.routes[0]!.maxMessageBytes, 3 * 2 ** 20);
  t.is(config.sandbox.limits.maxResultBytes, 3 * 2 ** 20, "a verdict may be as large as the largest message");
  t.deepEqual(structuredClone(config), JSON.parse(JSON.stringify(config)), "plain JSON");
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

testProblems([
  [
    { colour: 1 },
    "colour",
    "unknown option; known here: listen, console, policies, source, packs, workers, workerSilence, maxConnections, log, drain, recording, traffic, sinks, redact, watchConfig, sandbox, grants, secrets, kv, cluster, alerts, telemetry, trustedProxies, origins, originProfiles, upgradeRate, corsProfiles, mirror, rollout, routes, upstreams, connect",
  ],
  [{ console: { prt: 1 } }, "console.prt", "unknown option; did you mean `port`?"],
  [
    { routes: [{ ...route, rateLimit: 1 }] },
    "routes[0].rateLimit",
    "unknown option; did you mean `upgradeRate` or `rate`?",
  ],
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
  [{ drain: { code: 1000 } }, "drain.code", "expected 1001 or 1012, got 1000"],
]);

test("a config that is no object", (t) => {
  const [problem] = problemsOf(t, () => resolveConfig(undefined, { dir: "/" }));
  t.deepEqual(problem, {
    path: "",
    message: "expected an object with listen, policies, routes, …, but it is missing",
  });
});

test("what becomes of a removed route's sessions", (t) => {
  const removal = (onRemove: RouteInput["onRemove"]) =>
    resolveConfig({ routes: [{ path: "/", upstream: "ws://a", onRemove }] }, { dir: "/" }).routes[0]?.session
      .removal;
  t.deepEqual(removal("close"), { afterMs: 0, spreadMs: 10_000 });
  t.deepEqual(removal({ drain: "1h" }), { afterMs: 3_600_000, spreadMs: 10_000 });
  t.is(removal("keep"), undefined);
  t.throws(() => removal("stay" as "keep"), {
    message: /expected "close", "keep" or \{ drain: "10m" \}, got "stay"/,
  });
});

test("an upstream override stands in for the upstream of every route", (t) => {
  const override = { dir: "/", upstreamOverride: "ws://127.0.0.1:7" };
  const mirror = { upstream: "ws://b" };
  const config = resolveConfig(
    { mirror, routes: [{ path: "/a" }, { ...route, path: "/b", mirror }] },
    override,
  );
  t.deepEqual(
    config.routes.map((each) => each.mirror),
    [undefined, undefined],
  );
  t.deepEqual(
    config.routes.map(({ upstream }) => upstream),
    ["ws://127.0.0.1:7", "ws://127.0.0.1:7"],
  );
  t.is(config.upstreamOverride, "ws://127.0.0.1:7");
  t.is(resolveRoute({ path: "/c" }, "c.ts", config).upstream, "ws://127.0.0.1:7");
});

test("an upstream override for one route, by its name or path, leaves the others and their mirror as they are", (t) => {
  const mirror = { upstream: "ws://b" };
  const routes = [
    { path: "/a", name: "first" },
    { ...route, path: "/b" },
  ];
  for (const overriddenRoute of ["first", "/a"]) {
    const config = resolveConfig(
      { mirror, routes },
      { dir: "/", upstreamOverride: "ws://127.0.0.1:7", overriddenRoute },
    );
    t.is(config.routes[0]?.upstream, "ws://127.0.0.1:7");
    t.is(config.routes[0]?.mirror, undefined);
    t.is(config.routes[1]?.upstream, route.upstream);
    t.is(config.routes[1]?.mirror?.upstream, "ws://b");
    t.is(config.routes[1]?.replaced, undefined);
    t.is(config.upstreamOverride, undefined);
  }
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
    ["/p/orders.ts has a problem:", "  route.upstrem: unknown option; did you mean `upstream`?"].join("\n"),
  );
  const [problem] = problemsOf(t, () => resolveRoute("/a", "/p/orders.ts"));
  t.deepEqual(problem, {
    path: "route",
    message: 'expected a route such as { path, upstream, policies }, got "/a"',
  });
});
