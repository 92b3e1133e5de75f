import { hostname } from "node:os";
import test from "ava";
import { ConfigError, findRestartChanges, resolveConfig } from "../../../core/config/index.ts";

const resolveCluster = (cluster: object, rest: object = {}) =>
  resolveConfig({ cluster, ...rest }, { dir: "/etc/gate", file: "/etc/gate/framegate.config.ts" });

test("a cluster with all defaults, and none", (t) => {
  t.is(resolveConfig({}, { dir: "/" }).cluster, undefined);
  const { cluster } = resolveCluster({ url: "redis://redis" });
  t.deepEqual(Object.keys(cluster ?? {}), ["url", "name", "node"]);
  t.is(cluster?.name, "framegate");
  t.true(cluster?.node.startsWith(hostname().slice(0, 8)));
});

test("a gateway's node has the same name after each start, and another one than its neighbour's", (t) => {
  const nodeOf = (listen: object) =>
    resolveCluster({ url: "redis://redis" }, { listen: [listen] }).cluster?.node ?? "";
  t.is(nodeOf({ port: 8080 }), nodeOf({ port: 8080 }));
  t.not(nodeOf({ port: 8080 }), nodeOf({ port: 8081 }));
  t.regex(nodeOf({ port: 8080 }), /^[\w.-]+-[0-9a-f]{6}$/);
});

test("a cluster with all that it can have", (t) => {
  const { cluster } = resolveCluster({
    url: "rediss+sentinel://a,b/main/1",
    ...{ name: "edge", node: "edge-1", user: "framegate", password: { file: "password" } },
    ...{ sentinel: { user: "s", password: { env: "SENTINEL" } }, tls: { servername: "redis.internal" } },
  });
  t.deepEqual(cluster, {
    url: "rediss+sentinel://a,b/main/1",
    ...{ name: "edge", node: "edge-1", user: "framegate", password: { file: "/etc/gate/password" } },
    sentinel: { user: "s", password: { env: "SENTINEL" } },
    tls: { verify: true, minVersion: "TLSv1.2", maxVersion: "TLSv1.3", servername: "redis.internal" },
  });
});

test("a change of the cluster waits for the next start", (t) => {
  const [before, after] = [resolveCluster({ url: "redis://a" }), resolveCluster({ url: "redis://b" })];
  t.deepEqual(findRestartChanges(before, after), ["cluster"]);
});

const problems: readonly (readonly [cluster: object, message: RegExp])[] = [
  [{}, /cluster\.url: expected a URL such as "redis:/],
  [{ url: "redis://a,b" }, /cluster\.url: expected a URL such as/],
  [{ url: "redis://a", name: "a b" }, /cluster\.name: expected a name of letters/],
  [{ url: "redis://a", node: "" }, /cluster\.node: expected a name of letters/],
  [{ url: "redis://a", tls: {} }, /cluster\.tls: expected none, or a rediss URL/],
  [{ url: "redis+cluster://a", sentinel: {} }, /cluster\.sentinel: expected none, or a URL of sentinels/],
  [{ url: "redis://u@a", user: "v" }, /cluster\.user: expected none, for the URL has one/],
  [{ url: "redis://:p@a", password: { env: "P" } }, /cluster\.password: expected none, for the URL has one/],
  [{ url: "redis://a", password: "hunter2" }, /cluster\.password: expected where the value is/],
  [{ url: "rediss://a", tls: { ca: "gone.pem" } }, /cluster\.tls\.ca: expected a file that can be read/],
  [{ url: "rediss://a", tls: { cert: "a.pem" } }, /cluster\.tls: expected both `cert` and `key`/],
];

for (const [cluster, message] of problems) {
  test(`problem: ${JSON.stringify(cluster)}`, (t) => {
    const error = t.throws(() => resolveCluster(cluster), { instanceOf: ConfigError, message });
    t.notRegex(error?.message ?? "", /hunter2/);
  });
}
