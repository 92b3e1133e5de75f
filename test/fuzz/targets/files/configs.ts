import assert from "node:assert/strict";
import fc from "fast-check";
import { stringify } from "yaml";
import { parseJsonFile, parseYamlFile } from "../../../../core/config/document/data-formats.ts";
import { ConfigError, resolveConfig, resolveRoute } from "../../../../core/config/index.ts";
import { nearly, nearlyJson, wordsOf } from "../../harness/arbitraries.ts";
import { attempt, defineTarget } from "../../harness/target.ts";

const ROUTE = {
  path: "/chat/:room",
  match: { host: ["a.example", "*.b.example"], headers: { "x-tenant": "a" } },
  upstream: { url: "http://127.0.0.1:3000", balance: { hash: "param:room" } },
  policies: [{ use: "auth", options: { a: [1] }, isolation: "own" }],
  origins: ["same", "https://*.example.com"],
  cors: { methods: ["GET"], credentials: true, maxAge: "10m" },
  connections: { route: 5, perAddress: 2 },
  rate: { messages: 5, per: "1s", server: { bytes: "1KiB", per: "1s" } },
  compression: { client: true, maxRatio: 100 },
  maxMessageSize: "1MiB",
};
const CONFIG = {
  listen: [{ port: 8080 }, { host: "::1", port: 8443 }],
  console: { port: 9090, token: { env: "TOKEN" } },
  policies: "./policies",
  upstreams: { orders: { targets: [{ url: "http://127.0.0.1:3001", weight: 2 }], maxConnections: 5 } },
  routes: [ROUTE, { path: "/*", upstream: "orders", enabled: false }],
  grants: { auth: { fetch: { hosts: ["a.example"] }, kv: true, secrets: ["KEY"] } },
  secrets: { KEY: { env: "KEY" } },
  connect: { allow: ["https://*.internal"] },
  redact: { json: ["$.user.name"], patterns: [{ pattern: "\\d{4}" }] },
  traffic: { maxRecords: 5000 },
  workers: 2,
};
const DIR = "/srv/gateway";
const isConfigError = (error: unknown) => error instanceof ConfigError;

/** A config that passes is plain data, for it is sent to workers; one that does not is told as problems. */
function resolveText(value: unknown): string {
  const read = attempt(() => resolveConfig(value, { dir: DIR }), isConfigError);
  if (read === undefined) return "problems";
  assert.deepEqual(JSON.parse(JSON.stringify(read.value)), read.value);
  return "config";
}

export const jsonConfigs = defineTarget<string>({
  name: "config-json",
  inputs: fc.oneof(
    { weight: 8, arbitrary: nearlyJson(CONFIG) },
    { weight: 1, arbitrary: nearly(fc.constant(Buffer.from(JSON.stringify(CONFIG)))).map(String) },
  ),
  seeds: [JSON.stringify(CONFIG), "", "null", "[]"],
  runs: 150,
  check(text) {
    const json = attempt(() => parseJsonFile(`${DIR}/framegate.config.json`, text), isConfigError);
    return json === undefined ? "no JSON" : resolveText(json.value);
  },
});

const yamlWords = wordsOf(
  ...[
    "routes:",
    "\n",
    "\n  ",
    "- ",
    "path: ",
    "/a",
    "upstream: ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ": ",
    "&a ",
    "*a",
    "<<: ",
  ],
  ...[
    "!!binary ",
    "!!js/function ",
    "|",
    ">",
    "'",
    '"',
    "---\n",
    "? ",
    "# ",
    "0x1f",
    ".inf",
    "2001-01-01",
    "~",
    "\t",
  ],
);

export const yamlConfigs = defineTarget<string>({
  name: "config-yaml",
  inputs: fc.oneof(yamlWords, nearly(fc.constant(Buffer.from(stringify(CONFIG)))).map(String)),
  seeds: [stringify(CONFIG), "a: &a [*a]\n", "a: &a {<<: *a}\n", "routes: &a\n  - *a\n"],
  runs: 150,
  async check(text) {
    let value: unknown;
    try {
      value = await parseYamlFile(`${DIR}/framegate.config.yaml`, text);
    } catch (error) {
      assert.ok(isConfigError(error), String(error));
      return "no YAML";
    }
    return resolveText(value);
  },
});

/** What a policy, of a pack too, exports as its route. */
export const dropInRoutes = defineTarget<string>({
  name: "drop-in-routes",
  inputs: nearlyJson(ROUTE),
  seeds: [JSON.stringify(ROUTE)],
  runs: 200,
  check(json) {
    const route = attempt(() => resolveRoute(JSON.parse(json), "policies/a.ts"), isConfigError);
    if (route === undefined) return "problems";
    assert.deepEqual(JSON.parse(JSON.stringify(route.value)), route.value);
    return "route";
  },
});
