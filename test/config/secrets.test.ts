import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { resolveConfig, resolveRoute } from "../../core/config/index.ts";
import { alternativesOf, partOf, type Schema, wholeSchema } from "../../core/config/values/schema-places.ts";
import { redactionOf } from "../../core/gateway/reload.ts";
import { HiddenValues } from "../../core/redaction/secret-values.ts";
import { makeFolder } from "./folder.ts";
import { problemsOf } from "./problems.ts";

/** Texts that by their name may hold a secret, and do not: why. */
const NO_SECRETS: readonly (readonly [pattern: RegExp, why: string])[] = [
  [/\.tls\..*\b(?:key|ca|cert)$/, "the path of a file"],
  [/^source\.(?:token|hook)$|^alerts\.0\.secret$|^grants\.x\.secrets\.0$/, "the name of one of secrets"],
  [/^source\.git$/, "refuses a password: token is for that"],
  [/^packs\.keys\.x$/, "public keys"],
  [
    /upstream(?:s\.x)?(?:\.targets\.0)?(?:\.url)?$/,
    "refuses user and password, and is shown to who asks where a session went",
  ],
  [/\.key$/, "by what is counted"],
  [
    /^redact\.|\.headers\.0$|Headers\.0$|\.requestId\.header$|\.remove\.0$|\.balance\.hash$/,
    "the name of a header",
  ],
  [/^routes\.0\.match\.headers\.x$/, "shown to who asks why a request came to a route"],
  [/^routes\.0\.hostHeader$/, "the name of a host"],
  [/\.maxHeaderBytes$/, "a size"],
];

const MAY_HOLD =
  /pass|token|secret|credential|auth|key|hook|url|endpoint|proxy|header|http$|git$|upstream$|hash/i;

test("every text of a config that may hold a secret can stand elsewhere, as { env } or { file }", (t) => {
  const places = textsOf(wholeSchema);
  t.true(places.length > 250);
  const bare = places.filter(({ path, isSecret }) => !isSecret && MAY_HOLD.test(nameOf(path)));
  t.deepEqual(
    bare.map(({ path }) => path).filter((path) => !NO_SECRETS.some(([pattern]) => pattern.test(path))),
    [],
    "take secretText of core/config/options/secret-source.ts for it, or say here why it holds none",
  );
});

interface TextPlace {
  readonly path: string;
  readonly isSecret: boolean;
}

/** Each place where text may stand: `x` for a name of one's own, `0` for any of a list. */
function textsOf(schema: Schema, path: readonly string[] = []): TextPlace[] {
  const alternatives = alternativesOf(schema);
  if (alternatives.some(isSource)) return [{ path: path.join("."), isSecret: true }];
  const isText = alternatives.some(({ _zod }) => _zod.def.type === "string");
  const inside = alternatives.flatMap((each) =>
    keysOf(each).flatMap((key) =>
      partOf(each, key === "0" ? 0 : key).flatMap((part) => textsOf(part, [...path, key])),
    ),
  );
  return isText ? [{ path: path.join("."), isSecret: false }, ...inside] : inside;
}

function isSource({ _zod: { def } }: Schema): boolean {
  return def.type === "object" && "env" in def.shape && "file" in def.shape;
}

function keysOf({ _zod: { def } }: Schema): readonly string[] {
  if (def.type === "object") return Object.keys(def.shape);
  return def.type === "array" ? ["0"] : def.type === "record" ? ["x"] : [];
}

function nameOf(path: string): string {
  return (
    path
      .replace(/\.[x0]$/, "")
      .split(".")
      .at(-1) ?? ""
  );
}

const password = "correct-horse";
const texts: Readonly<Record<string, string>> = {
  KV: `redis://:${password}@127.0.0.1:6379`,
  CLUSTER: "rediss://cluster.internal",
  TRACES: "https://traces.example.com/t/1",
  KEY: "key-of-the-traces",
  WEBHOOK: "https://hooks.example.com/T0/B0/x",
  PROXY: "http://me:proxy-password@proxy:3128",
  SINK: "https://sink.example.com/",
  PASSPHRASE: "open-sesame",
  BEARER: "Bearer upstream-token",
  SOURCE: "https://releases.example.com/p.tar.gz?sig=1",
};

const input = (source: (name: string) => unknown) => ({
  kv: { url: source("KV") },
  cluster: { url: source("CLUSTER") },
  telemetry: { traces: { endpoint: source("TRACES"), headers: { "api-key": source("KEY"), team: "edge" } } },
  alerts: [{ webhook: source("WEBHOOK"), headers: { "X-Key": source("KEY") } }],
  upstreams: { a: { url: "https://a.example", proxy: source("PROXY") } },
  sinks: [{ clickhouse: { url: source("SINK") } }],
  listen: [{ tls: { certificates: [{ cert: "c.pem", key: "k.pem", passphrase: source("PASSPHRASE") }] } }],
  routes: [{ path: "/", upstream: "a", headers: { request: { set: { authorization: source("BEARER") } } } }],
  source: { http: source("SOURCE") },
});

test("texts come from variables and files, and are read again at each load", async (t) => {
  const files = Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, `${text}\n`]));
  const dir = await makeFolder(t, files);
  for (const [name, text] of Object.entries(texts)) process.env[`SECRETS_${name}`] = text;
  const plain = resolveConfig(
    input((name) => texts[name]),
    { dir },
  );
  const env = resolveConfig(
    input((name) => ({ env: `SECRETS_${name}` })),
    { dir },
  );
  const file = resolveConfig(
    input((name) => ({ file: name })),
    { dir },
  );
  const { secretTexts, ...resolved } = file;
  t.deepEqual(Object.keys(secretTexts).length, 11);
  t.deepEqual({ ...resolved, secretTexts: {} }, plain);
  t.deepEqual(env, file);
  t.like(file, { kv: { url: texts.KV }, traces: { headers: { "api-key": texts.KEY, team: "edge" } } });
  await writeFile(join(dir, "KV"), "redis://other");
  t.is(
    resolveConfig(
      input((name) => ({ file: name })),
      { dir },
    ).kv.url,
    "redis://other",
  );
});

test("what is not there is told of all places at once, by where it was expected", async (t) => {
  const dir = await makeFolder(t, { empty: "\n" });
  const config = {
    kv: { url: { env: "SECRETS_NONE" } },
    telemetry: { traces: { endpoint: { file: "none" } } },
    alerts: [{ webhook: { file: "empty" } }],
    workers: "many",
  };
  t.deepEqual(
    problemsOf(t, () => resolveConfig(config, { dir })),
    [
      { path: "workers", message: 'expected a whole number from 0 to 1024, got "many"' },
      {
        path: "kv.url",
        message: "expected the environment variable SECRETS_NONE to hold the value, and it is not set",
      },
      { path: "telemetry.traces.endpoint", message: `expected the value in ${dir}/none: ENOENT` },
      { path: "alerts[0].webhook", message: `expected the value in ${dir}/empty, and it is empty` },
    ],
  );
  const { workers: _, ...rest } = config;
  const looked = resolveConfig(rest, { dir, secretsStandIn: true });
  t.deepEqual(looked.secretTexts, {}, "who only looks at a config needs none of them");
});

test("a wrong text is told without it", (t) => {
  process.env.SECRETS_WRONG = "hunter2hunter2";
  const source = { env: "SECRETS_WRONG" };
  const headers = { request: { set: { "x-team": { env: "SECRETS_LINES" } } } };
  process.env.SECRETS_LINES = "hunter2\nhunter2";
  const config = {
    kv: { url: source },
    upstreams: { a: { url: "http://a", proxy: source } },
    routes: [{ path: "/", upstream: "a", headers }],
  };
  const problems = problemsOf(t, () => resolveConfig(config, { dir: "/" }));
  t.deepEqual(problems.map(({ path }) => path).sort(), [
    "kv.url",
    'routes[0].headers.request.set["x-team"]',
    "upstreams.a.proxy",
  ]);
  t.false(JSON.stringify(problems).includes("hunter2"));
});

test("neither the route of a policy nor a version of a source may ask for what this machine has", (t) => {
  process.env.SECRETS_KEY = "of-this-machine";
  const set = { "x-key": { env: "SECRETS_KEY" } };
  const route = { path: "/", upstream: "http://127.0.0.1", headers: { request: { set } } };
  const message =
    'expected text: only the config of a machine says where its secrets are, got {"env":"SECRETS_KEY"}';
  const place = 'headers.request.set["x-key"]';
  t.deepEqual(
    problemsOf(t, () => resolveRoute(route, "policies/a.ts")),
    [{ path: `route.${place}`, message }],
  );
  const version = { routes: [route] };
  t.deepEqual(
    problemsOf(t, () => resolveConfig({}, { dir: "/", version })),
    [{ path: `routes[0].${place}`, message }],
  );
});

test("what was read is hidden in the log, and of a URL its password", (t) => {
  process.env.SECRETS_KV = texts.KV;
  const config = resolveConfig({ kv: { url: { env: "SECRETS_KV" } } }, { dir: "/" });
  const { patterns } = redactionOf(config, {}, new HiddenValues());
  t.deepEqual(
    patterns.map(({ pattern }) => new RegExp(pattern).test(`no connection to x with ${password}`)),
    [false, true],
  );
  t.true(new RegExp(patterns[0]!.pattern).test(`no connection to ${texts.KV}`));
});
