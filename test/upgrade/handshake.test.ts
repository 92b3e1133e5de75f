import type { IncomingMessage } from "node:http";
import test from "ava";
import { acceptKey, checkHandshake } from "../../core/upgrade/handshake.ts";

const key = "dGhlIHNhbXBsZSBub25jZQ==";

const good = {
  method: "GET",
  httpVersion: "1.1",
  headers: {
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": key,
  } as Record<string, string | undefined>,
  rawHeaders: ["Host", "gateway"],
};

function check(change: Partial<typeof good> = {}) {
  const headers = { ...good.headers, ...change.headers };
  return checkHandshake({ ...good, ...change, headers } as unknown as IncomingMessage);
}

test("a right handshake gives its key", (t) => {
  t.deepEqual(check(), { ok: true, key });
  t.true(check({ headers: { upgrade: "WebSocket" } }).ok);
  t.true(check({ headers: { "content-length": "0" } }).ok);
});

const wrong: readonly [string, Partial<typeof good>, number][] = [
  ["a POST", { method: "POST" }, 405],
  ["HTTP/1.0", { httpVersion: "1.0" }, 400],
  ["an upgrade to something else", { headers: { upgrade: "h2c" } }, 426],
  ["no Upgrade", { headers: { upgrade: undefined } }, 426],
  ["version 8", { headers: { "sec-websocket-version": "8" } }, 426],
  ["no version", { headers: { "sec-websocket-version": undefined } }, 426],
  ["two versions", { headers: { "sec-websocket-version": "13, 13" } }, 426],
  ["no key", { headers: { "sec-websocket-key": undefined } }, 400],
  ["a short key", { headers: { "sec-websocket-key": "dGhlIHNhbXBsZSBub25j" } }, 400],
  ["a key that is not base64", { headers: { "sec-websocket-key": "dGhlIHNhbXBsZSBub25j!!==" } }, 400],
  ["no Host", { rawHeaders: ["X-Host", "host"] }, 400],
  ["two Hosts", { rawHeaders: ["Host", "one", "Accept", "any", "HOST", "one"] }, 400],
  ["a body", { headers: { "content-length": "5" } }, 400],
  ["a body in chunks", { headers: { "transfer-encoding": "chunked" } }, 400],
  ["two keys", { headers: { "sec-websocket-key": `${key}, ${key}` } }, 400],
];

for (const [name, change, status] of wrong) {
  test(`refused with ${status}: ${name}`, (t) => {
    const checked = check(change);
    t.is(checked.ok ? undefined : checked.status, status as 400);
  });
}

test("the accept value of RFC 6455 section 1.3", (t) => {
  t.is(acceptKey(key), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
});
