import { join } from "node:path";
import test from "ava";
import { showJson } from "../../cli/admin/print.ts";
import { formatProblem } from "../../cli/problem.ts";
import { describeGateway } from "../../cli/welcome.ts";
import { resolveConfig } from "../../core/config/index.ts";
import { createPaint } from "../../core/terminal/style.ts";
import type { PolicyState } from "../../policies/reload/policy-state.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";

const dir = process.cwd();
const policyOf = (name: string, hooks: readonly HookName[]): PolicyState => ({
  ...{ name, file: `/${name}.ts`, versions: [], isPinned: false, deleted: false },
  current: {
    bundle: { name, file: `/${name}.ts`, version: "1", code: "", sourceMap: "", inputs: [] },
    ...{ exports: { hooks }, loadedAt: 0 },
  },
});
const routes = [{ path: "/rooms/:id/*", upstream: "ws://a" }];

test("where to connect, what to try, where the policies are, the console", (t) => {
  const text = describeGateway({
    addresses: { listen: [{ host: "0.0.0.0", port: 81, tls: false }], console: { host: "::1", port: 82 } },
    config: resolveConfig({ routes }, { dir: join(dir, "gate") }),
    echo: true,
  });
  t.is(
    text,
    `
  Framegate is ready.

  Connect    ws://127.0.0.1:81/rooms/id/
  Try        npx -y wscat -c ws://127.0.0.1:81/rooms/id/
             and type {"text":"hi"}
  Policies   gate/policies   (saved is live)
  Console    http://[::1]:82/
  Upstream   the embedded echo server: every message comes back

`,
  );
});

test("what policies say of themselves steers no terminal", (t) => {
  const text = describeGateway({
    addresses: { listen: [{ host: "::1", port: 81, tls: false }] },
    config: resolveConfig({ routes: [{ path: "/a\u001b]0;title\u0007", upstream: "ws://a" }] }, { dir }),
    troubles: ["a: \u001b]52;c;ZXZpbA==\u0007\r18:00:00 fine"],
    paint: createPaint(true),
  });
  for (const control of ["\u001b]", "\u0007", "\r"]) t.false(text.includes(control));
  t.true(text.includes("a: \\x1b]52;c;ZXZpbA==\\x07\\x0d18:00:00 fine"));
});

test("a problem of check, and JSON, steer neither a terminal nor a CI server", (t) => {
  const text = formatProblem({ place: "a.ts", message: "no\n::error file=a.ts::forged \u001b[2J" });
  t.is(text, "a.ts: no\n\\x3a:error file=a.ts::forged \\x1b[2J");
  const shown = showJson({ a: "\u009b2J\u202e" });
  t.is(shown, '{\n  "a": "\\u009b2J\\u202e"\n}');
  t.deepEqual(JSON.parse(shown), { a: "\u009b2J\u202e" });
});

test("without console, echo and routes", (t) => {
  const config = resolveConfig({ console: false }, { dir });
  const asking = policyOf("door", ["upgrade"]);
  const text = describeGateway({
    addresses: { listen: [{ host: "::", port: 81, tls: false }] },
    config,
    policies: [asking],
  });
  t.regex(
    text,
    /wscat -c [^\n]*\n +with what your upgrade hooks ask for: -H 'NAME: VALUE', -s SUBPROTOCOL,\n/,
  );
  t.regex(text, /Connect {4}ws:\/\/\[::1\]:81\/\n/);
  t.notRegex(text, /Console|Upstream/);
});

test("with a source: where policies come from, and not where the gateway keeps them; with a cluster: who it is", (t) => {
  process.env.FRAMEGATE_TEST_ORIGIN = "https://a/a-key/p.tgz?key=k";
  const origins: readonly (readonly [object, string])[] = [
    [{ folder: "../team", every: "2s" }, "../team   (looked at every 2 s)"],
    [{ http: "https://a/p.tgz" }, "https://a/p.tgz   (looked at every 30 s)"],
    [{ http: "https://a/p.tgz?key=k" }, "https://a/p.tgz   (looked at every 30 s)"],
    [{ http: { env: "FRAMEGATE_TEST_ORIGIN" } }, "https://a/[hidden]   (looked at every 30 s)"],
    [{ git: "https://anna@a/b.git", ref: "main" }, "https://a/b.git#main   (looked at every 30 s)"],
    [{ oci: "oci://a/b:1" }, "oci://a/b:1   (looked at every 30 s)"],
  ];
  const cluster = { url: "redis://localhost", name: "eu", node: "gate-1" };
  for (const [source, words] of origins) {
    const config = resolveConfig({ source, cluster } as never, { dir });
    const text = describeGateway({
      addresses: { listen: [{ host: "::", port: 81, tls: false }] },
      config,
    });
    t.true(text.includes(`\n  Policies   from ${words}\n`), text);
    t.regex(text, /^ {2}Fleet {6}eu, in which this is gate-1$/m);
  }
});

test("a listener with TLS and one on a Unix socket", (t) => {
  const listen = [
    { host: "127.0.0.1", port: 81, tls: true },
    { host: "", port: 0, socket: "/run/gate.sock", tls: false },
  ];
  const text = describeGateway({ addresses: { listen }, config: resolveConfig({}, { dir }) });
  t.regex(text, /Connect {4}wss:\/\/127\.0\.0\.1:81\/\n {2}Connect {4}ws\+unix:\/run\/gate\.sock:\/\n/);
});

test("what has gone wrong already, that there are keys, and how long it took", (t) => {
  const text = describeGateway({
    addresses: { listen: [{ host: "::", port: 81, tls: false }] },
    config: resolveConfig({ routes }, { dir }),
    echo: "/rooms",
    troubles: ["no connection to Redis", "hello: not loaded\nat line 3"],
    tookMs: 612.4,
    hasKeys: true,
  });
  t.regex(text, /^ {2}Framegate is ready\. It took 612 ms\.$/m);
  t.regex(
    text,
    / {2}Upstream {3}of \/rooms the embedded echo server: every message comes back\n {2}Keys {7}h shows them\n {2}But {8}no connection to Redis\n {13}hello: not loaded\n/,
  );
});
