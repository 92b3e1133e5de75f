// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what is written in a config
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { openScriptPlaces } from "../../core/config/document/script-places.ts";
import {
  type EffectiveValue,
  explainConfig,
  loadConfigFile,
  writeEffective,
} from "../../core/config/index.ts";
import { makeFolder } from "./folder.ts";

const yaml = `listen:
  - port: \${EFFECTIVE_PORT:-8080}
console: { port: 9091, token: the-token-of-the-console }
kv:
  url: redis://:pass-of-kv@kv.internal:6379/0
routes:
  - path: /a
    upstream: http://\${EFFECTIVE_HOST}:3000
    maxMessageSize: 64KiB
    headers: { request: { set: { authorization: Bearer of-the-server } } }
    policies:
      - auth
      - { use: limit, options: { rate: 20, apiKey: key-of-limit, pin: 1, secret: 48151623, url: "http://me:of-the-url@a" } }
  - path: /b
    upstream: "http://b/?token=of-the-query"
    match: { headers: { x-api-key: of-the-match } }
alerts:
  - webhook: https://hooks.example.com/services/T0/of-the-webhook
  - webhook: { env: EFFECTIVE_NONE }
`;

const JSON_CONFIG = `{
  "listen": [
    { "port": 1 }
  ]
}`;

test("every value with where it came from: file and line, variable, --set, option, default, derived", async (t) => {
  process.env.EFFECTIVE_HOST = "chat";
  const dir = await makeFolder(t, { "c.yaml": yaml });
  const values = await explainConfig(join(dir, "c.yaml"), {
    settings: ["log.level=debug", "routes.0.upstream=http://other", "routes.0.maxMessageSize=1024"],
    flags: [{ flag: "--console-port", path: ["console", "port"], value: 0 }],
  });
  const shown = (...path: (string | number)[]) => find(values, path);
  t.deepEqual(shown("listen", 0, "port"), [
    8080,
    { kind: "fallback", line: 2, variables: ["EFFECTIVE_PORT"] },
  ]);
  t.deepEqual(shown("listen", 0, "host"), ["127.0.0.1", { kind: "default" }]);
  t.deepEqual(shown("console", "port"), [0, { kind: "flag", flag: "--console-port" }]);
  t.deepEqual(shown("log", "level"), ["debug", { kind: "set", setting: "log.level" }]);
  t.deepEqual(shown("routes", 0, "upstream"), [
    "http://other",
    { kind: "set", setting: "routes.0.upstream" },
  ]);
  t.deepEqual(shown("routes", 0, "maxMessageSize"), [
    1024,
    { kind: "set", setting: "routes.0.maxMessageSize" },
  ]);
  t.deepEqual(shown("routes", 0, "policies", 1, "options", "rate"), [20, { kind: "file", line: 13 }]);
  t.deepEqual(shown("routes", 0, "name"), ["/a", { kind: "derived", from: "its path and match" }]);
  t.deepEqual(shown("routes", 0, "path"), ["/a", { kind: "file", line: 7 }]);
  t.is(shown("workers")?.[1].kind, "derived");
  const plain = await explainConfig(join(dir, "c.yaml"), { settings: [], flags: [] });
  t.deepEqual(find(plain, ["routes", 0, "upstream"]), [
    "http://chat:3000",
    { kind: "file", line: 8, variables: ["EFFECTIVE_HOST"] },
  ]);
});

test("secrets are hidden, and where they stand is not", async (t) => {
  process.env.EFFECTIVE_HOST = "chat";
  const dir = await makeFolder(t, { "c.yaml": yaml });
  const values = await explainConfig(join(dir, "c.yaml"), { settings: [], flags: [] });
  const text = `${JSON.stringify(values)}${await writeEffective(values, "c.yaml")}`;
  t.notRegex(text, /of-the-|pass-of-kv|key-of-limit|48151623/);
  const hidden = values.filter(({ isSecret }) => isSecret).map(({ path }) => path.join("."));
  t.deepEqual(hidden, [
    "console.token",
    "kv.url",
    "alerts.0.webhook",
    "routes.0.headers.request.set.authorization",
    "routes.0.policies.1.options.apiKey",
    "routes.0.policies.1.options.secret",
    "routes.1.match.headers.x-api-key",
  ]);
  t.deepEqual(find(values, ["alerts", 0, "webhook"])?.[0], "https://hooks.example.com/[hidden]");
  t.deepEqual(find(values, ["alerts", 1, "webhook"])?.[0], { env: "EFFECTIVE_NONE" });
  t.deepEqual(find(values, ["kv", "url"])?.[0], "redis://kv.internal:6379/[hidden]");
});

test("what is printed is a config that comes to the same", async (t) => {
  process.env.EFFECTIVE_HOST = "chat";
  const dir = await makeFolder(t, { "c.yaml": yaml.slice(0, yaml.indexOf("alerts:")) });
  const values = await explainConfig(join(dir, "c.yaml"), { settings: [], flags: [] });
  const text = await writeEffective(values, "c.yaml");
  t.regex(
    text,
    /^ {2}- host: 127\.0\.0\.1 +# default\n {4}port: 8080 +# c\.yaml:2, for \$\{EFFECTIVE_PORT\} is not set$/m,
  );
  t.regex(text, /^ {4}upstream: http:\/\/chat:3000 +# c\.yaml:8, \$\{EFFECTIVE_HOST\}$/m);
  await writeFile(
    join(dir, "e.yaml"),
    text.replaceAll('"[hidden]"', "0-of-16-characters").replaceAll("[hidden]", "0"),
  );
  const again = await loadConfigFile(join(dir, "e.yaml"));
  const { routes, listen, sandbox } = await loadConfigFile(join(dir, "c.yaml"));
  t.deepEqual(again.listen, listen);
  t.deepEqual(again.sandbox, sandbox);
  const { headers: _, policies: __, ...route } = routes[0]!;
  t.like(again.routes[0], route);
});

test("JSON has lines, and so has a script where something is written", async (t) => {
  const dir = await makeFolder(t, { "c.json": JSON_CONFIG });
  const values = await explainConfig(join(dir, "c.json"), { settings: [], flags: [] });
  t.deepEqual(find(values, ["listen", 0, "port"]), [1, { kind: "file", line: 3 }]);

  const lineOf = openScriptPlaces(SCRIPT);
  const lines: readonly (readonly [path: readonly (string | number)[], line: number])[] = [
    [["listen", 0, "port"], 6],
    [["listen", 1, "port"], 7],
    [["log", "level"], 9],
    [["policies"], 10],
    [["routes", 0, "path"], 12],
    [["routes", 0, "upstream"], 13],
    [["routes", 0, "policies", 1, "use"], 15],
    // How many the other list has, only the script knows.
    [["routes", 1, "path"], 11],
    [["workers"], 21],
    [["nowhere"], 4],
  ];
  for (const [path, line] of lines) t.is(lineOf(path), line, path.join("."));
  t.is(openScriptPlaces("export default () => ({ a: 1 })")(["a"]), undefined);
  for (const text of ["export default {", "export default { a: [`${", "export default a", "", "}}`${/"])
    t.notThrows(() => openScriptPlaces(text)(["a"]));
});

const SCRIPT = `import { defineConfig, type ConfigInput } from "framegate";
const level = \`\${{ a: "}" }.a}\`;
// export default defineConfig({
const config: ConfigInput = defineConfig({
  listen: [
    { port: 1, hosts: /[/}]/.test("x") ? 1 / 2 : 3 },
    { "port": 2 },
  ],
  log: { level: \`a\${level}{\` as const },
  policies,
  routes: [
    { path: "/a", name() { return "}"; },
      upstream: {
        url: "x" },
      policies: ["auth", { use: "limit" }],
    },
    ...others.map((path) => ({
      path,
    })),
  ],
  workers: Number(process.env.WORKERS ?? 2),
});
export default config;
`;

function find(values: readonly EffectiveValue[], path: readonly (string | number)[]) {
  const found = values.find((each) => each.path.join("\n") === path.join("\n"));
  return found && ([found.value, found.origin] as const);
}
