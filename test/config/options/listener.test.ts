import test from "ava";
import { resolveConfig } from "../../../core/config/index.ts";
import { testProblems } from "../problems.ts";

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
const pair = { cert: "a.crt", key: "a.key" };

test("a listener's files are relative to the config file; what is not set is not there", (t) => {
  const listen = [
    {
      tls: { certificates: [{ ...pair, names: ["A.test"] }], clientCertificate: "request", ca: "/ca.crt" },
      hsts: "365d",
      proxyProtocol: true,
      trustedProxies: ["10.0.0.0/8", "::1"],
      maxHeaderBytes: "8KiB",
    },
    { socket: "gate.sock" },
  ];
  t.deepEqual(resolveConfig({ listen }, { dir: "/etc" }).listen, [
    {
      ...listener,
      tls: {
        minVersion: "TLSv1.2",
        maxVersion: "TLSv1.3",
        clientCertificate: "request",
        certificates: [{ cert: "/etc/a.crt", key: "/etc/a.key", names: ["a.test"] }],
        ca: "/ca.crt",
      },
      hstsSeconds: 31_536_000,
      trustedProxies: ["10.0.0.0/8", "::1"],
      maxHeaderBytes: 8192,
    },
    { ...listener, socket: "/etc/gate.sock" },
  ]);
});

testProblems([
  [{ listen: {} }, "listen", "expected a list of listeners such as [{ port: 8080 }], got {}"],
  [{ listen: [] }, "listen", "expected at least one listener, got []"],
  [{ listen: [{ port: "80" }] }, "listen[0].port", 'expected a port from 0 to 65535, got "80"'],
  [{ listen: [{ port: 65_536 }] }, "listen[0].port", "expected a port from 0 to 65535, got 65536"],
  [
    { listen: [{}, { port: 8080 }] },
    "listen[1].port",
    "expected an address of its own, got 127.0.0.1:8080, which is that of listen[0].port too",
  ],
  [
    { console: { port: 8080 } },
    "console.port",
    "expected an address of its own, got 127.0.0.1:8080, which is that of listen[0].port too",
  ],
  [{ listen: [{ prot: 1 }] }, "listen[0].prot", "unknown option; did you mean `port`?"],
  [
    { listen: [{ socket: "a.sock", port: 1 }] },
    "listen[0].port",
    "expected nothing here, because socket is where this listener is",
  ],
  [
    { listen: [{ socket: "a.sock" }, { socket: "a.sock" }] },
    "listen[1].port",
    "expected an address of its own, got a.sock, which is that of listen[0].port too",
  ],
  [
    { listen: [{ tls: { certificates: [] } }] },
    "listen[0].tls.certificates",
    "expected at least one certificate, got []",
  ],
  [
    { listen: [{ tls: {} }] },
    "listen[0].tls.certificates",
    "expected a list of certificates such as [{ cert, key }], or acme beside it, but it is missing",
  ],
  [
    { listen: [{ port: 1 }, { tls: { acme: { domains: ["*.a.test"] } } }] },
    "listen[1].tls.acme.domains[0]",
    'expected a host name such as "example.org", got "*.a.test"',
  ],
  [
    { listen: [{ tls: { acme: { domains: ["a.test"] } } }] },
    "listen[0].tls.acme",
    "expected a listener without tls beside this one, where the authority asks: at port 80",
  ],
  [
    { console: { tls: { acme: { domains: ["a.test"] } } } },
    "console.tls.acme",
    'expected nothing here: certificates of files, for only listeners order their own, got {"domains":["a.test"]}',
  ],
  [
    { listen: [{ tls: { certificates: [pair], clientCertificate: "require" } }] },
    "listen[0].tls.ca",
    'expected the path of a PEM file, because clientCertificate is "require", but it is missing',
  ],
  [
    { listen: [{ tls: { certificates: [pair], minVersion: "TLSv1.3", maxVersion: "TLSv1.2" } }] },
    "listen[0].tls.maxVersion",
    'expected a version that is not below minVersion, got "TLSv1.2"',
  ],
  [
    { listen: [{ proxyProtocol: true }] },
    "listen[0].trustedProxies",
    'expected addresses and CIDR blocks such as ["10.0.0.0/8"], or "any", because proxyProtocol is on, but it is missing',
  ],
  [
    { listen: [{ proxyProtocol: true, trustedProxies: ["10.0.0.0/33"] }] },
    "listen[0].trustedProxies[0]",
    'expected addresses and CIDR blocks such as ["10.0.0.0/8"], or "any", got "10.0.0.0/33"',
  ],
  [
    { listen: [{ hsts: "1d" }] },
    "listen[0].tls",
    "expected certificates, because hsts is set, but it is missing",
  ],
  [
    { listen: [{ port: 0, reusePort: true }] },
    "listen[0].reusePort",
    "expected false, or a port that is not 0 and no socket, got true",
  ],
]);
