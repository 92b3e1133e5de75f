import test from "ava";
import { ConfigError, resolveConfig } from "../../../core/config/index.ts";

test("grants, secrets and kv with all defaults", (t) => {
  const { capabilities, kv } = resolveConfig(
    {
      grants: {
        jwt: { fetch: { hosts: ["idp.example.com"] }, kv: true, secrets: ["KEY"] },
        "@acme/*": {
          fetch: { hosts: ["*.a.example:8443"], methods: ["POST"], private: true, timeout: "1s" },
        },
        "*": { kv: { namespace: "all" }, rates: { namespace: "all" } },
      },
      secrets: { KEY: { env: "KEY" }, "other.key": { file: "secret.txt" } },
      kv: { url: "rediss://user:pw@redis.example/1" },
    },
    { dir: "/etc/gate" },
  );
  const sizes = { maxRequestBytes: 65_536, maxResponseBytes: 1024 ** 2 };
  t.deepEqual(capabilities, {
    grants: {
      jwt: {
        fetch: { hosts: ["idp.example.com"], methods: ["GET"], private: false, timeoutMs: 2000, ...sizes },
        kv: {},
        secrets: ["KEY"],
      },
      "@acme/*": {
        fetch: { hosts: ["*.a.example:8443"], methods: ["POST"], private: true, timeoutMs: 1000, ...sizes },
      },
      "*": { kv: { namespace: "all" }, rates: { namespace: "all" } },
    },
    secrets: { KEY: { env: "KEY" }, "other.key": { file: "/etc/gate/secret.txt" } },
  });
  t.deepEqual(kv, { url: "rediss://user:pw@redis.example/1" });
});

const problems: readonly (readonly [input: object, message: RegExp])[] = [
  [{ grants: { jwt: { fetch: {} } } }, /grants\.jwt\.fetch\.hosts: expected a list of hosts/],
  [{ grants: { jwt: { fetch: { hosts: [] } } } }, /at least one host/],
  [{ grants: { jwt: { fetch: { hosts: ["https://a"] } } } }, /hosts\[0\]: expected a host such as/],
  [{ grants: { jwt: { fetch: { hosts: ["a*.example"] } } } }, /hosts\[0\]: expected a host such as/],
  [
    { grants: { jwt: { fetch: { hosts: ["a"], methods: ["CONNECT"] } } } },
    /methods\[0\]: expected one of "GET"/,
  ],
  [{ grants: { jwt: { fetch: { hosts: ["a"], maxResponseSize: "1GiB" } } } }, /at most "16MiB"/],
  [{ grants: { jwt: { kv: false } } }, /grants\.jwt\.kv: expected true, or an object/],
  [{ grants: { jwt: { kv: { namespace: "a b" } } } }, /namespace: expected a name of letters/],
  [
    { grants: { jwt: { files: true } } },
    /files: unknown option; known here: fetch, kv, rates, secrets, alert/,
  ],
  [{ secrets: { KEY: {} } }, /secrets\.KEY: expected where the value is.*one of the two/],
  [
    { secrets: { KEY: { env: "A", file: "b" } } },
    /secrets\.KEY: expected where the value is.*one of the two/,
  ],
  [{ secrets: { KEY: "hunter2" } }, /secrets\.KEY: expected where the value is/],
  [
    { alerts: [{ webhook: "https://user:pw@a.test/" }] },
    /alerts\[0\]\.webhook: expected an http or https URL without/,
  ],
  [
    { alerts: [{ webhook: "https://a.test/", secret: "KEY" }], secrets: { OTHER: { env: "A" } } },
    /alerts\[0\]\.secret: expected the name of one of secrets \(OTHER\), got "KEY"/,
  ],
  [
    { alerts: [{ webhook: "https://a.test/", events: ["policy.lost"] }] },
    /alerts\[0\]\.events\[0\]: expected one of/,
  ],
  [
    { alerts: [{ webhook: "https://a.test/", headers: { "X Team": "edge" } }] },
    /alerts\[0\]\.headers: expected the name of a header such as "X-Team", got "X Team"/,
  ],
  ...["webhook-id", "Content-Type", "Content-Length", "Transfer-Encoding"].map(
    (name) =>
      [
        { alerts: [{ webhook: "https://a.test/", headers: { [name]: "5" } }] },
        new RegExp(`headers: expected headers that the gateway does not set itself, got "${name}"`),
      ] as const,
  ),
  [
    { alerts: [{ webhook: "https://a.test/", headers: { "X-Team": "edge\r\nX-Other: 1" } }] },
    /headers: expected "X-Team" to have no line ends or other characters that a header cannot hold$/,
  ],
  [{ kv: { url: "http://redis" } }, /kv\.url: expected a URL such as "redis:/],
];

for (const [input, message] of problems) {
  test(`problem: ${JSON.stringify(input)}`, (t) => {
    t.throws(() => resolveConfig(input, { dir: "/" }), { instanceOf: ConfigError, message });
  });
}

test("alerts with all defaults", (t) => {
  const { alerts } = resolveConfig({ alerts: [{ webhook: "https://a.test/x" }] }, { dir: "/" });
  t.like(alerts, [{ webhook: "https://a.test/x", headers: {}, everyMs: 300_000, timeoutMs: 10_000 }]);
  t.true(alerts[0]?.events.includes("policy.failed"));
});
