import assert from "node:assert/strict";
import fc from "fast-check";
import { matchesOrigin, parseOriginPattern } from "../../../../core/net/origin-pattern.ts";
import { isOriginAllowed } from "../../../../core/request/origin.ts";
import { wordsOf } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

const parts = [
  ...[
    "http",
    "https",
    "wss",
    "://",
    ":",
    "/",
    "@",
    "a.example",
    "b.a.example",
    "evil.example",
    "xa.example",
    ".",
    "*",
  ],
  ...["443", "80", "8443", "null", "same", "[::1]", "\t", "%2e", "?", "#", "127.1", "0x7f.1"],
];
const texts = fc.oneof(
  wordsOf(...parts),
  fc
    .tuple(
      fc.constantFrom("http", "https", "ws", "wss"),
      fc.constantFrom("a.example", "b.a.example", "xa.example", "[::1]", "127.0.0.1", "a.example."),
      fc.constantFrom("", ":443", ":80", ":8443"),
    )
    .map(([scheme, host, port]) => `${scheme}://${host}${port}`),
);

/** A browser's Origin: allowed is what the browser would call the pattern's own host, or a name below it. */
export const origins = defineTarget<{ readonly origin: string; readonly host: string }>({
  name: "origins",
  inputs: fc.record({ origin: texts, host: texts }),
  runs: 1500,
  check({ origin, host }) {
    const rules = { allow: ["https://a.example", "https://*.a.example"], isRequired: true };
    const isAllowed = isOriginAllowed(origin, { host }, rules);
    if (isAllowed) {
      const url = new URL(origin);
      assert.equal(url.protocol, "https:");
      assert.match(url.hostname, /^(?:[^/]+\.)?a\.example$/);
    }
    if (isOriginAllowed(origin, { host }, { allow: ["same"], isRequired: true }))
      assert.equal(new URL(origin).hostname, new URL(`http://${host}`).hostname);
    return isAllowed ? "allowed" : "refused";
  },
});

/** `connect.allow`: a pattern is of one host or those below one, however it is written. */
export const originPatterns = defineTarget<{ readonly pattern: string; readonly url: string }>({
  name: "origin-patterns",
  inputs: fc.record({ pattern: texts, url: texts }),
  runs: 1500,
  check({ pattern, url }) {
    const parsed = parseOriginPattern(pattern);
    if (parsed === undefined) return "no pattern";
    const asked = URL.parse(url);
    if (asked === null || !matchesOrigin(parsed, asked)) return "fits nothing";
    const { hostname } = asked;
    if (parsed.host.startsWith("*.")) assert.ok(hostname.endsWith(parsed.host.slice(1)));
    else assert.ok(parsed.host === "*" || parsed.host === hostname);
    return "fits";
  },
});
