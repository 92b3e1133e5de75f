import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import test from "ava";
import { makeFolder } from "../../config/folder.ts";
import { runCommand } from "../in-process.ts";

const config = 'routes:\n  - path: /*\n    upstream: ws://localhost:1\n    policies: "*"\n';
const fine = `
import type { Message } from "framegate/policy";
export const client: Message = () => ({ drop: true });
`;

test("policies that are fine, and a console that nobody can enter", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": config,
    "policies/a.ts": fine,
    "policies/b/c.ts": fine,
  });
  const pages =
    'browsers: pages of the gateway\'s own host may connect, others get 403; no origins are set for /*: name others in `origins` of the route or the config, or say `origins: ["same"]` of the route where that is meant';
  const closed =
    "the console has no token, so `framegate start` lets nobody in: set console.token, or let it be false for whoever reaches it on this machine";
  t.deepEqual(await runCommand(["check"], dir), {
    exitCode: 0,
    stdout: `2 policies are fine\n${pages}\n${closed}\n`,
    stderr: "",
  });
  const route = { path: "/*", upstream: "ws://localhost:1", http: "proxy", origins: ["same"] };
  const limits = { use: "@framegate/standard/json-limits" };
  const bare = { console: false, routes: [{ ...route, policies: [] }] };
  const standard = { console: false, routes: [{ ...route, policies: [limits] }] };
  await writeFile(join(dir, "bare.json"), JSON.stringify({ ...bare, policies: "none" }));
  await writeFile(join(dir, "standard.json"), JSON.stringify({ ...standard, policies: "none" }));
  const first = await runCommand(["check", "--config", "bare.json"], dir);
  t.is(first.stdout, "the config is fine, and no policy belongs to it\n");
  const second = await runCommand(["check", "--config", "standard.json"], dir);
  t.regex(
    second.stdout,
    /^1 policy is fine\nno `client` or `server` hook sees plain HTTP.*`http: "refuse-polling"`.*\n$/,
  );
});

test("what the sandbox has not, and a key that no verdict has, is one problem each, with what to do", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": config,
    "policies/files.ts": `import { readFileSync } from "node:fs";
export const client = () => ({ content: { body: readFileSync("a", "utf8") } });`,
    "policies/globals.ts": `import type { Stats } from "node:fs";
export const client = () => ({ content: { body: Buffer.from(String(process.env.A)) } });
export const size = (stats: Stats) => stats.size;`,
    "policies/keys.ts": `import type { Message } from "framegate/policy";
export const client: Message = async ({ content }) => {
  if (content.body === "") return { drop: true, replies: ["no"] };
};`,
    "policies/missing.ts": 'import thing from "not-there"; export const client = () => thing;',
  });
  const { stdout } = await runCommand(["check"], dir);
  const fs = "A policy cannot read files: import a JSON file, or take settings from the context's `options`.";
  const heads = stdout.split("\n").filter((line) => line.startsWith("policies/"));
  t.deepEqual(heads.toSorted(), [
    `policies/files.ts:1:30: Node modules do not exist in the sandbox ("node:fs"). ${fs}`,
    `policies/globals.ts:1:28: Node modules do not exist in the sandbox ("node:fs"). ${fs}`,
    "policies/globals.ts:2:49: `Buffer` does not exist in the sandbox. Use TextEncoder, TextDecoder, Uint8Array, atob and btoa.",
    "policies/globals.ts:2:68: `process` does not exist in the sandbox. A policy cannot see the process: take settings from the context's `options`.",
    "policies/keys.ts:3:49: a `MessageVerdict` has no key `replies`; did you mean `reply`?",
    'policies/missing.ts:1:19: Could not resolve "not-there". Install the package in policies or a folder above it.',
  ]);
  t.regex(stdout, /\n6 problems in the config and 4 policies\n$/);
  t.notRegex(stdout, /@types|npm i |plugin/);
  await writeFile(join(dir, "policies/files.ts"), "export const client = () => { return {; };");
  const { stdout: broken } = await runCommand(["check"], dir);
  const lines = broken.split("\n").filter((line) => line.startsWith("policies/files.ts:1:"));
  t.deepEqual(lines, ['policies/files.ts:1:39: Expected identifier but found ";"']);
});

test("shadows are checked too: one that is not there, one that does not compile, and one that is fine", async (t) => {
  const routes = [
    "routes:",
    "  - path: /*",
    "    upstream: ws://localhost:1",
    "    policies:",
    "      - { use: a, shadow: next/gone.ts }",
    "      - { use: b, shadow: next }",
    "      - { use: c, shadow: { from: next, sample: 5% } }",
  ].join("\n");
  const dir = await makeFolder(t, {
    "framegate.config.yaml": routes,
    ...{ "policies/a.ts": fine, "policies/b.ts": fine, "policies/c.ts": fine },
    ...{
      "next/b.ts": "export const client = (",
      "next/c.ts": fine,
      "next/other.ts": "export const client = (",
    },
  });
  const { exitCode, stdout } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.regex(stdout, /routes\[0\]\.policies\[0\], policy "a", its shadow: there is no such file/);
  t.regex(stdout, /next\/b\.ts:1:\d+: Unexpected end of file/);
  t.regex(stdout, /^2 problems in the config and 3 policies$/m);
});

test("what a policy takes and is not granted is said, for at its first message it would fail", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": `grants: { b: { kv: true }, c: { alert: true } }\n${config}`,
    "policies/c.ts": "export const client = ({ rates, secrets }: any) => secrets.get(rates);",
    "policies/a.ts": `export const client = async ({ content, kv, alert: tell }: any) => {
      await kv.get("a");
      tell("b");
      await fetch("https://a.example");
    };`,
    "policies/b.ts": "export function client({ kv }: any) { kv.fetch(1); return { reply: ['fetch'] }; }",
  });
  const { stdout } = await runCommand(["check"], dir);
  const lines = stdout.split("\n").filter((line) => line.includes("grants"));
  t.deepEqual(lines, [
    'a: takes `alert`, `fetch`, `kv`, which `grants` does not give it: there it would fail; add "a": { "alert": true, "fetch": { "hosts": ["a.example"] }, "kv": true } to "grants"',
    'c: takes `rates`, `secrets`, which `grants` does not give it: there it would fail; add "rates": true, "secrets": ["NAME"] to "c" in "grants"',
  ]);
  await writeFile(join(dir, "framegate.config.yaml"), config);
  await writeFile(
    join(dir, "policies/c.ts"),
    `const host = "a.example";
    export const client = async () => {
      await fetch("http://ada:pass@127.0.0.1:8080/a", { method: "POST" });
      await fetch(\`https://\${Math.random()}.example/\`);
      await fetch("https://" + host);
    };`,
  );
  const none = (await runCommand(["check"], dir)).stdout
    .split("\n")
    .filter((line) => line.includes("grants"));
  t.is(none.length, 3);
  t.regex(
    none[2]!,
    /"c": \{ "fetch": \{ "hosts": \["127\.0\.0\.1:8080","api\.example\.com"\], "methods": \["GET","POST"\], "private": true \} \} \} to the config$/,
  );
  await writeFile(
    join(dir, "framegate.config.yaml"),
    `${none[2]!.replace(/^.*; add (.*) to the config$/, "$1")}\n${config}`,
  );
  t.notRegex((await runCommand(["check"], dir)).stdout, /^[abc]: takes/m);
});

test("what is wrong with --set is not said of the file", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.yaml": config, "policies/a.ts": fine });
  const { exitCode, stdout } = await runCommand(
    ["check", "--set", "routes.0.upstraem=http://a", "--set", "x"],
    dir,
  );
  t.is(exitCode, 1);
  t.regex(stdout, /^--set: routes\[0\]\.upstraem: unknown/m);
  t.regex(stdout, /^--set: expected PLACE=VALUE/m);
  t.false(stdout.includes("framegate.config.yaml"), stdout);
});

test("which messages a hook is for is said, and how often it is called", async (t) => {
  const dir = await makeFolder(t, {
    "policies/a.ts": `export const when = { client: { opcode: "text", json: { type: ["order"] } } };${fine}`,
    "policies/b.ts": `export const when = { client: { body: false } };${fine}`,
    "policies/c.ts": `export const when = { client: { minLength: 9, body: false } };${fine}`,
    "policies/d.ts": "export const when = { tick: { every: 30_000 } }; export const tick = () => {};",
  });
  t.deepEqual(await runCommand(["check", "--policies", "policies"], dir), {
    exitCode: 0,
    stdout: [
      "4 policies are fine",
      'a: `client` is for messages with {"opcode":"text","json":{"type":["order"]}}; others pass it by',
      "b: `client` is for all messages, and is not given their bodies",
      'c: `client` is for messages with {"minLength":9}, and is not given their bodies; others pass it by',
      "d: `tick` is called every 30000 ms, for each open connection\n",
    ].join("\n"),
    stderr: "",
  });
});

test("a folder that is not there, where a route has all of its policies", async (t) => {
  const misspelt = config.replace("routes:", "policies: polices\nlisten: [{ port: 0 }]\nroutes:");
  const dir = await makeFolder(t, { "framegate.config.yaml": misspelt, "policies/a.ts": fine });
  const problem =
    /^policies in .*framegate\.config\.yaml: .*polices is not there\. Make it, or name another\.$/m;
  const checked = await runCommand(["check"], dir);
  t.is(checked.exitCode, 1);
  t.regex(checked.stdout, problem);
  const started = await runCommand(["start"], dir);
  t.is(started.exitCode, 1);
  t.regex(started.stderr, /policies in .*polices is not there/);
});

test("a folder of policies without a config file", async (t) => {
  const dir = await makeFolder(t, { "hooks/a.ts": fine });
  t.deepEqual(await runCommand(["check", "--policies", "hooks"], dir), {
    exitCode: 0,
    stdout: "1 policy is fine\n",
    stderr: "",
  });
});

test("every problem is printed with its place: config, types, bundle, load, routes", async (t) => {
  const route = `export const route = { path: "/x", upstream: "ws://localhost:1" };`;
  const dir = await makeFolder(t, {
    "framegate.config.json": '{ "workers": -1 }',
    "policies/bundle.ts": 'import "nowhere";\nexport const client = () => {};\n',
    "policies/load.ts": 'export const client = () => {};\nthrow new Error("not ready");\n',
    "policies/types.ts": fine.replace("drop: true", 'drop: "yes"'),
    "policies/hookless.ts": "export const helper = () => {};\n",
    "policies/one.ts": `${route}${fine}`,
    "policies/two.ts": `${route}${fine}`,
  });
  const { exitCode, stdout, stderr } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.is(stderr, "");
  t.regex(stdout, /^framegate\.config\.json: workers: expected a whole number from 0 to 1024, got -1$/m);
  t.regex(stdout, /^policies\/bundle\.ts:1:8: Could not resolve "nowhere"/m);
  t.regex(
    stdout,
    /^Policy `load` could not be loaded: .*not ready \(.*load\.ts:2\)\.\n\n[\s\S]*> 2 \| throw new Error/m,
  );
  t.regex(stdout, /^policies\/types\.ts:3:\d+: .*boolean.*\(TS2322\)/m);
  t.regex(stdout, /^policies\/hookless\.ts: exports no hook: /m);
  t.regex(
    stdout,
    /^policies\/two\.ts: route\.path: "\/x" is claimed by route of .*one\.ts too; until .* the path is not served$/m,
  );
  t.regex(stdout, /\n\n\d+ problems in the config and 6 policies\n$/);
});

test("certificates that cannot be used are found", async (t) => {
  const tls = "listen: [{ tls: { certificates: [{ cert: a.crt, key: a.key }] } }]\n";
  const dir = await makeFolder(t, { "framegate.config.yaml": tls + config, "policies/a.ts": fine });
  const { exitCode, stdout } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /^framegate\.config\.yaml: listen\[0\]\.tls\.certificates\[0\]\.cert: .*a\.crt is not there$/m,
  );
});

test("a config that cannot be read does not hide the policies' problems", async (t) => {
  const dir = await makeFolder(t, { "framegate.config.json": "{", "policies/a.ts": "export const a = 1;\n" });
  const { exitCode, stdout } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.regex(stdout, /framegate\.config\.json:1:2: not valid JSON/);
  t.regex(stdout, /^policies\/a\.ts: exports no hook/m);
});

test("two files of one policy name", async (t) => {
  const dir = await makeFolder(t, {
    "framegate.config.yaml": config,
    "policies/a.ts": fine,
    "policies/a.js": "",
  });
  const { exitCode, stdout } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.regex(stdout, /policies\/a\.js and policies\/a\.ts are both the policy "a"/);
});

test("a policies folder that is not there is told once, and the gateway's own policies are none of it", async (t) => {
  const route =
    '  - path: /*\n    upstream: ws://localhost:1\n    policies: ["gql", "@framegate/xml/limits"]\n';
  const dir = await makeFolder(t, { "framegate.config.yaml": `policies: ./polices\nroutes:\n${route}` });
  const { exitCode, stdout } = await runCommand(["check"], dir);
  t.is(exitCode, 1);
  t.regex(
    stdout,
    /^framegate\.config\.yaml: policies: .*\/polices is not there\. Make it, or name another\.$/m,
  );
  t.regex(stdout, /there is no policy "gql"; the folder has none$/m);
});

test("with a source: the config alone before its first version, then that which ran here last", async (t) => {
  const routes = "routes: [{ path: /, upstream: ws://localhost:1, policies: [a] }]";
  const dir = await makeFolder(t, { "framegate.config.yaml": `source: { folder: in }\n${routes}\n` });
  const first = await runCommand(["check"], dir);
  t.is(first.exitCode, 0, first.stdout);
  t.regex(
    first.stdout,
    /^policies come from a source, and no version is here yet: the config alone is checked\nsource.folder: .*\/in is not there/,
  );
  await mkdir(join(dir, ".framegate/active/policies"), { recursive: true });
  await writeFile(join(dir, ".framegate/active/policies/a.ts"), fine);
  const second = await runCommand(["check"], dir);
  t.is(second.exitCode, 0, second.stdout);
  t.regex(second.stdout, /^1 policy is fine\n.*those are checked that ran here last/);
});
