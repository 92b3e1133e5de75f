import test from "ava";
import { resolveTarget } from "../../core/net/target.ts";

test("ports and TLS by scheme", (t) => {
  const where = (url: string) => {
    const target = resolveTarget(url, "/");
    return target && [target.host, target.port, target.tls, target.authority];
  };
  t.deepEqual(where("http://h"), ["h", 80, false, "h"]);
  t.deepEqual(where("ws://h"), ["h", 80, false, "h"]);
  t.deepEqual(where("https://h"), ["h", 443, true, "h"]);
  t.deepEqual(where("wss://h"), ["h", 443, true, "h"]);
  t.deepEqual(where("ws://H:80"), ["h", 80, false, "h"]);
  t.deepEqual(where("ws://h:443"), ["h", 443, false, "h:443"]);
  t.deepEqual(where("wss://h:9000"), ["h", 9000, true, "h:9000"]);
});

test("an IPv6 address is dialled without its brackets and named with them", (t) => {
  const target = resolveTarget("http://[::1]:9000", "/");
  t.is(target?.host, "::1");
  t.is(target?.authority, "[::1]:9000");
  t.is(target?.url, "ws://[::1]:9000/");
});

const paths: readonly [url: string, request: string, path: string][] = [
  ["http://h", "/a/b?x=1", "/a/b?x=1"],
  ["http://h/", "/a", "/a"],
  ["http://h/base", "/a?x=1", "/base?x=1"],
  ["http://h/base?y=2", "/a?x=1", "/base?y=2"],
  ["http://h?y=2", "/a?x=1", "/a?y=2"],
  ["http://h/a b", "/", "/a%20b"],
  ["http://h", "/a?x=http://y?z", "/a?x=http://y?z"],
  ["http://h", "//evil/x", "//evil/x"],
];

for (const [url, request, path] of paths) {
  test(`${url} for ${request} asks for ${path}`, (t) => {
    t.is(resolveTarget(url, request)?.path, path);
  });
}

test("the URL for logs has neither query nor credentials", (t) => {
  t.is(resolveTarget("https://me:secret@h/live?token=1", "/?token=2")?.url, "wss://h/live");
});

for (const url of ["", "h", "h:80", "/a", "ftp://h", "file:///etc/passwd", "http://", "javascript:1"]) {
  test(`not a server: "${url}"`, (t) => {
    t.is(resolveTarget(url, "/"), undefined);
  });
}
