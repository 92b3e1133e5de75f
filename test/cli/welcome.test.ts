import { join } from "node:path";
import test from "ava";
import { describeGateway } from "../../cli/welcome.ts";
import { resolveConfig } from "../../core/config/index.ts";

const dir = process.cwd();
const routes = [{ path: "/rooms/:id/*", upstream: "ws://a" }];

test("where to connect, what to try, where the policies are, the console", (t) => {
  const text = describeGateway({
    addresses: { listen: [{ host: "0.0.0.0", port: 81, tls: false }], console: { host: "::1", port: 82 } },
    config: resolveConfig({ routes }, { dir: join(dir, "gate") }),
    isEcho: true,
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

test("without console, echo and routes", (t) => {
  const config = resolveConfig({ console: false }, { dir });
  const text = describeGateway({
    addresses: { listen: [{ host: "::", port: 81, tls: false }] },
    config,
    isEcho: false,
    asksRequests: true,
  });
  t.regex(text, /wscat -c [^\n]*\n +with -s NAME where a policy asks for a subprotocol/);
  t.regex(text, /Connect {4}ws:\/\/\[::1\]:81\/\n/);
  t.notRegex(text, /Console|Upstream/);
});

test("with a source: where policies come from, and not where the gateway keeps them; with a cluster: who it is", (t) => {
  const origins: readonly (readonly [object, string])[] = [
    [{ folder: "../team", every: "2s" }, "../team   (looked at every 2 s)"],
    [{ http: "https://a/p.tgz" }, "https://a/p.tgz   (looked at every 30 s)"],
    [{ git: "https://a/b.git", ref: "main" }, "https://a/b.git#main   (looked at every 30 s)"],
    [{ oci: "oci://a/b:1" }, "oci://a/b:1   (looked at every 30 s)"],
  ];
  const cluster = { url: "redis://localhost", name: "eu", node: "gate-1" };
  for (const [source, words] of origins) {
    const config = resolveConfig({ source, cluster } as never, { dir });
    const text = describeGateway({
      addresses: { listen: [{ host: "::", port: 81, tls: false }] },
      config,
      isEcho: false,
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
  const text = describeGateway({ addresses: { listen }, config: resolveConfig({}, { dir }), isEcho: false });
  t.regex(text, /Connect {4}wss:\/\/127\.0\.0\.1:81\/\n {2}Connect {4}ws\+unix:\/run\/gate\.sock:\/\n/);
});
