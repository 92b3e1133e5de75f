import test from "ava";
import { isOriginAllowed } from "../../core/request/origin.ts";

const check = (
  origin: string | undefined,
  allow: readonly string[],
  host = "gate.example",
  { isRequired = false, proto }: { readonly isRequired?: boolean; readonly proto?: string } = {},
) => isOriginAllowed(origin, { host, told: proto === undefined ? {} : { proto } }, { allow, isRequired });

const cases: readonly (readonly [pattern: string, origin: string, allowed: boolean])[] = [
  ["*", "https://anything.example", true],
  ["*", "null", true],
  ["https://app.example", "https://app.example", true],
  ["https://app.example", "https://APP.example", true],
  ["https://app.example:443", "https://app.example", true],
  ["https://app.example", "https://app.example:443", true],
  ["https://app.example", "http://app.example", false],
  ["https://app.example", "https://app.example:8443", false],
  ["https://app.example", "https://app.example.evil.org", false],
  ["https://app.example", "https://evil.org/https://app.example", false],
  ["https://app.example", "https://app.example@evil.org", false],
  ["https://app.example", "https://evil.org, https://app.example", false],
  ["https://app.example", "null", false],
  ["https://*.example", "https://a.example", true],
  ["https://*.example", "https://a.b.example", true],
  ["https://*.example", "https://example", false],
  ["https://*.example", "https://anexample", false],
  ["https://*.example", "https://a.example:8443", false],
  ["https://*.example", "https://\0.example", false],
  ["https://*.example", "https://evil.org\\.example", false],
  ["https://*.example", "https://a%2e.example", false],
  ["http://localhost:*", "http://localhost:5173", true],
  ["http://localhost:*", "http://localhost", true],
  ["http://localhost:*", "http://localhost.evil.org:5173", false],
  ["http://[::1]:3000", "http://[::1]:3000", true],
  ["null", "null", true],
  ["null", "https://a.example", false],
];

for (const [pattern, origin, allowed] of cases) {
  test(`${pattern} ${allowed ? "allows" : "refuses"} ${JSON.stringify(origin)}`, (t) => {
    t.is(check(origin, [pattern]), allowed);
  });
}

test("`same` compares with the Host, with or without the scheme's own port", (t) => {
  t.true(check("https://gate.example", ["same"]));
  t.true(check("https://gate.example", ["same"], "Gate.example:443"));
  t.true(check("http://gate.example:8080", ["same"], "gate.example:8080"));
  t.false(check("http://gate.example:8081", ["same"], "gate.example:8080"));
  t.false(check("https://gate.example", ["same"], "gate.example:80"));
  t.false(check("https://other.example", ["same"]));
  t.false(check("null", ["same"], ""));
});

test("`same` compares with the scheme that a trusted proxy tells of", (t) => {
  for (const proto of ["https", "wss"]) {
    t.true(check("https://gate.example", ["same"], "gate.example", { proto }));
    t.false(check("http://gate.example", ["same"], "gate.example", { proto }));
  }
  t.true(check("http://gate.example:8080", ["same"], "gate.example:8080", { proto: "ws" }));
  t.false(check("https://gate.example:8080", ["same"], "gate.example:8080", { proto: "http" }));
});

test("no Origin passes unless one is required", (t) => {
  t.true(check(undefined, ["https://a.example"]));
  t.false(check(undefined, ["*"], "gate.example", { isRequired: true }));
});
