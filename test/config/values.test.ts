// biome-ignore-all lint/suspicious/noTemplateCurlyInString: it is what is written in a config
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { ConfigError, loadConfigFile, readVersionConfig } from "../../core/config/index.ts";
import { makeFolder } from "./folder.ts";

Object.assign(process.env, {
  VALUES_PORT: "8081",
  VALUES_HOST: "127.0.0.1",
  VALUES_ON: "true",
  VALUES_SIZE: "64KiB",
  VALUES_BYTES: "65536",
  VALUES_DIGITS: "0123456789012345",
  VALUES_LIST: '["auth","limit"]',
  VALUES_BAD: "hunter2-hunter2",
  VALUES_EMPTY: "",
  VALUES_QUOTE: 'a"b',
  VALUES_OBJECT: '{"a":2}',
});

const yaml = `
listen:
  - host: \${VALUES_HOST}
    port: \${VALUES_PORT}
    proxyProtocol: \${VALUES_ON}
    trustedProxies: any
    maxHeaderBytes: \${VALUES_BYTES}
console:
  token: \${VALUES_DIGITS}
routes:
  - path: /a
    upstream: http://\${VALUES_HOST}:\${VALUES_UPSTREAM_PORT:-9000}/\${VALUES_EMPTY:-ws}
    maxMessageSize: \${VALUES_SIZE}
    policies: \${VALUES_LIST}
    headers:
      request:
        set:
          x-client: \${client.address}-\${params.room}-\${id}
  - path: /b
    upstream: http://127.0.0.1
    policies:
      - use: mine
        options: { limit: "\${VALUES_PORT}", on: "\${VALUES_ON}", text: "n\${VALUES_PORT}", literal: "$\${VALUES_PORT} costs $5 and $$" }
`;

test("variables are what the option takes: text, number, truth value or list", async (t) => {
  const { listen, routes, console } = await load(t, "c.yaml", yaml);
  t.like(listen[0], { host: "127.0.0.1", port: 8081, trustedProxies: "any", maxHeaderBytes: 65_536 });
  t.like(console, { token: { value: "0123456789012345" } }, "text that looks like a number stays text");
  const [a, b] = routes;
  t.like(a, { upstream: "http://127.0.0.1:9000/ws", maxMessageBytes: 65_536 });
  t.deepEqual(a!.policies, [
    { use: "auth", options: {}, enabled: true },
    { use: "limit", options: {}, enabled: true },
  ]);
  // Of each request, not of the environment.
  t.deepEqual(a!.headers.request.set, [["x-client", "${client.address}-${params.room}-${id}"]]);
  const literal = "${VALUES_PORT} costs $5 and $$";
  t.like(b!.policies, [{ options: { limit: 8081, on: true, text: "n8081", literal } }]);
});

test("of a policy's options a secret of digits is text, and so is what stands in quotes", async (t) => {
  const options =
    '{ secret: "${VALUES_PORT}", tokens: ["${VALUES_PORT}"], maxTokens: "${VALUES_PORT}", apiKeys: { max: "${VALUES_PORT}" }, pin: \'"${VALUES_PORT}"\', odd: \'"${VALUES_QUOTE}"\' }';
  const text = `routes: [{ path: /, upstream: "ws://a", policies: [{ use: mine, options: ${options} }] }]`;
  const settings = ['routes.0.policies.0.options.set="5"', "routes.0.policies.0.options.password=6"];
  const { routes } = await load(t, "c.yaml", text, settings);
  const expected = { secret: "8081", tokens: ["8081"], maxTokens: 8081, apiKeys: { max: 8081 }, pin: "8081" };
  t.like(routes[0]!.policies, [{ options: { ...expected, odd: 'a"b', set: "5", password: "6" } }]);
});

test("a default may have braces, in pairs, and variables", async (t) => {
  const options =
    '{ a: \'${VALUES_NONE:-{"a":{"b":"}"}}}\', b: \'${VALUES_OBJECT:-{"a":1}}\', c: "pre-${VALUES_HOST:-{}}-x", d: "${VALUES_NONE:-${VALUES_NO:-${VALUES_PORT}}}", e: "$${{${VALUES_PORT}}" }';
  const text = `routes: [{ path: /, upstream: "ws://a", policies: [{ use: mine, options: ${options} }] }]`;
  const { routes } = await load(t, "c.yaml", text);
  const expected = { a: { a: { b: "}" } }, b: { a: 2 }, c: "pre-127.0.0.1-x", d: 8081, e: "${{8081}" };
  t.like(routes[0]!.policies, [{ options: expected }]);
  const [problem] = await problemsOf(t, load(t, "c.json", '{ "policies": "${VALUES_NONE:-{}" }'));
  t.regex(problem!.message, /got "\$\{VALUES_NONE:-\{\}"; a default has a "\}" for each "\{"/);
});

test("JSON has the same variables", async (t) => {
  const { listen } = await load(t, "c.json", '{ "listen": [{ "port": "${VALUES_PORT}" }] }');
  t.is(listen[0]!.port, 8081);
});

test("a variable that is not set, and what is none, are problems with their lines, all at once", async (t) => {
  const text = "listen:\n  - port: ${VALUES_NONE}\nlog:\n  level: ${VALUES-info}\npolicies: ${VALUES_OPEN\n";
  const none =
    "expected the environment variable VALUES_NONE to be set, and it is not: set it, or write ${VALUES_NONE:-default}";
  const form = "expected ${NAME} or ${NAME:-default} with the name of an environment variable, got";
  const literal = '; for a literal "${" write "$${"';
  t.deepEqual(await problemsOf(t, load(t, "c.yaml", text)), [
    { path: "listen[0].port (line 2)", message: `${none}${literal}` },
    { path: "log.level (line 4)", message: `${form} "$\{VALUES-info}"${literal}` },
    { path: "policies (line 5)", message: `${form} "$\{VALUES_OPEN"${literal}` },
  ]);
  const json = '{\n  "policies":\n    "${VALUES_NONE}"\n}';
  t.deepEqual(await problemsOf(t, load(t, "c.json", json)), [
    { path: "policies (line 3)", message: `${none}${literal}` },
  ]);
});

test("a problem of a value shows the variable, and not what it holds", async (t) => {
  const text = "listen: [{ port: '${VALUES_BAD}' }]\nroutes: [{ path: /, upstream: '${VALUES_BAD}://x' }]\n";
  const problems = await problemsOf(t, load(t, "c.yaml", text));
  t.deepEqual(problems, [
    { path: "listen[0].port", message: 'expected a port from 0 to 65535, got "${VALUES_BAD}"' },
    {
      path: "routes[0].upstream",
      message: 'expected an http, https, ws or wss URL, got "${VALUES_BAD}://x"',
    },
  ]);
});

test("a version of a source is taken as it is written: it asks nothing of the machine", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": "upstreams: { a: { url: 'http://${VALUES_BAD}' } }",
  });
  t.deepEqual(await readVersionConfig(dir), { upstreams: { a: { url: "http://${VALUES_BAD}" } } });
});

test("settings stand in place of what the file says, typed by the option", async (t) => {
  const text =
    "console: false\nroutes:\n  - path: /a\n    upstream: http://127.0.0.1:1\n    policies: [auth]\n";
  const config = await load(t, "c.yaml", text, [
    "routes.0.upstream=http://127.0.0.1:4000/?a=b",
    "routes[0].maxMessageSize=1024",
    'routes.0.policies=["auth",{"use":"limit"}]',
    "routes.0.policies.1.options.rate=20",
    "routes.1.path=/7",
    "routes.1.upstream.url=http://127.0.0.1:2",
    'routes.1.headers.request.set["x.y"]=5',
    "listen.0.port=0",
    "console.port=9191",
    "workers=0",
  ]);
  t.like(config, { workers: 0, console: { port: 9191 }, listen: [{ port: 0 }] });
  const [a, b] = config.routes;
  t.like(a, { upstream: "http://127.0.0.1:4000/?a=b", maxMessageBytes: 1024 });
  t.like(a!.policies, [{ use: "auth" }, { use: "limit", options: { rate: 20 } }]);
  t.like(b, { path: "/7", headers: { request: { set: [["x.y", "5"]] } } });
});

test("a script's config takes settings as well", async (t) => {
  const { listen } = await load(t, "c.mjs", "export default { listen: [{ port: 1 }] };", ["listen.0.port=2"]);
  t.is(listen[0]!.port, 2);
});

test("settings of options that there are not: all at once, each with what was meant", async (t) => {
  const text = "routes: [{ path: /a, upstream: 'http://127.0.0.1:1' }]\n";
  const settings = [
    "rutes.0.upstream=a",
    "routes.0.upsteam=a",
    "routes.first.path=a",
    "routes.3.path=a",
    "workers.count=a",
    "log.level",
    "=a",
    "a..b=hunter2",
  ];
  const expected = "expected PLACE=VALUE, such as routes.0.upstream=http://127.0.0.1:3000, got";
  t.deepEqual(await problemsOf(t, load(t, "c.yaml", text, settings)), [
    { path: "rutes", message: "unknown option; did you mean `routes`?" },
    { path: "routes[0].upsteam", message: "unknown option; did you mean `upstream`?" },
    { path: "routes.first", message: "expected a number here, for routes is a list: routes.0 is its first" },
    { path: "routes[3]", message: "expected a number up to 1, which adds to the list: it has 1" },
    { path: "workers.count", message: "expected nothing below workers: it has no options" },
    { path: "", message: `${expected} "log.level"` },
    { path: "", message: `${expected} "=…"` },
    { path: "", message: `${expected} "a..b=…"` },
  ]);
});

test("a setting does not hide what may not stand where it goes deeper", async (t) => {
  const set = (text: string, setting: string) => load(t, "c.yaml", text, [setting]);
  const part = "routes.0.upstream=http://127.0.0.1:1";
  const mend = "mend it there, or set all of routes";
  t.deepEqual(await problemsOf(t, set("routes: { path: /a }\n", part)), [
    { path: "routes", message: `expected a list in the config, got {"path":"/a"}: ${mend}` },
  ]);
  t.deepEqual(await problemsOf(t, set("routes: none\n", part)), [
    { path: "routes", message: `expected a list in the config, got "none": ${mend}` },
  ]);
  t.deepEqual(await problemsOf(t, set("log: [debug]\n", "log.level=info")), [
    {
      path: "log",
      message: 'expected an object in the config, got ["debug"]: mend it there, or set all of log',
    },
  ]);
  const all = 'routes: [{ path: /a, upstream: "http://127.0.0.1:1", policies: "*" }]\nrecording: true\n';
  const config = await load(t, "c.yaml", all, ["routes.0.policies.0=auth", "recording.sample=0.5"]);
  t.like(config.routes[0]!.policies, [{ use: "auth" }]);
});

test("a setting with a wrong value is told as what the file says is, and by whom", async (t) => {
  t.deepEqual(await problemsOf(t, load(t, "c.yaml", "", ["listen.0.port=99999", "log.level=loud"])), [
    { path: "listen[0].port", message: "expected a port from 0 to 65535, got 99999 (by --set)" },
    {
      path: "log.level",
      message: 'expected one of "debug", "info", "warn", "error", "silent", got "loud" (by --set)',
    },
  ]);
});

async function problemsOf(t: ExecutionContext, loading: Promise<unknown>) {
  const error = await t.throwsAsync(loading, { instanceOf: ConfigError, code: "ERR_CONFIG_INVALID" });
  return error?.problems;
}

async function load(t: ExecutionContext, name: string, text: string, settings: readonly string[] = []) {
  const dir = await makeFolder(t, { [name]: text });
  return loadConfigFile(join(dir, name), { settings });
}

test("a value that a variable made is in no problem, also where a name was meant", async (t) => {
  const given = `source: { git: "https://a/b.git", token: "\${VALUES_BAD}" }
mirror: { upstream: "\${VALUES_BAD}" }
alerts: [{ webhook: "https://a/b", secret: "\${VALUES_BAD}" }]
routes: [{ path: /a, upstream: "x-\${VALUES_BAD}" }]
`;
  const error = await t.throwsAsync(load(t, "c.yaml", given), { instanceOf: ConfigError });
  t.notRegex(error.message, /hunter2/);
  t.regex(error.message, /\$\{VALUES_BAD\}/);
});

test("of a value that a variable made, what stands where only a name can stand is told as it is written", async (t) => {
  const given = `source: { git: "https://a/b.git", token: "\${VALUES_BAD}" }
routes: [{ path: /a, upstream: "http://a", mirror: { upstream: "\${VALUES_BAD}" } }]
`;
  const error = await t.throwsAsync(load(t, "c.yaml", given), { instanceOf: ConfigError });
  t.notRegex(error.message, /hunter2/);
  t.is(error.message.match(/"\$\{VALUES_BAD\}"/g)?.length, 2);
});
