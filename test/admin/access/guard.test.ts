import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import { request } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import test from "ava";
import { WebSocket } from "ws";
import { ConfigError, createGateway } from "../../../core/index.ts";
import { makeFolder } from "../../policies/temporary-folder.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade } from "../../support/peers/peers.ts";
import { createCertificate } from "../../support/servers/certificate.ts";
import { adminToken, ask, bearer, json, readerToken, startConsole } from "../console.ts";

const tokens = { token: adminToken, readerToken };

test("an open console: pages of this machine may do all", async (t) => {
  const { port } = await startConsole(t);
  for (const host of [`localhost:${port}`, `127.0.0.1:${port}`, "127.9.9.9", `[::1]:${port}`]) {
    const { status, json } = await ask(port, "/api/v1/info", { headers: { host } });
    t.is(status, 200, host);
    t.is(json.role, "admin");
    t.false(json.needsLogin);
  }
});

test("a name that somebody lets point here is not the console's", async (t) => {
  const { port } = await startConsole(t, undefined, { hosts: ["Console.example.org"] });
  for (const host of [
    "evil.example",
    `evil.example:${port}`,
    "localhost.evil.example",
    "10.0.0.1",
    "[::2]",
    "a b",
  ]) {
    for (const path of ["/", "/api/v1/info", "/metrics", "/api/v1/nothing"]) {
      const { status } = await ask(port, path, { headers: { host } });
      t.true(status === 403 || (host === "a b" && status === 400), `${host} ${path}: ${status}`);
    }
  }
  const { json } = await ask(port, "/api/v1/info", { headers: { host: "evil.example" } });
  t.is(json.error.code, "ERR_HOST");
  t.is((await ask(port, "/api/v1/info", { headers: { host: "console.EXAMPLE.org:81" } })).status, 200);
  t.is((await ask(port, "/healthz", { headers: { host: "evil.example" } })).status, 200);
});

test("a page of another origin is not listened to, however near it is", async (t) => {
  const { port } = await startConsole(t);
  const foreign: Record<string, string>[] = [
    { origin: "https://evil.example" },
    { origin: `http://localhost:${port + 1}`, host: `localhost:${port}` },
    { origin: "null" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    const asking = { method: "DELETE", headers };
    const { status, json } = await ask(port, "/api/v1/traffic", asking);
    t.is(status, 403, JSON.stringify(headers));
    t.is(json.error.code, "ERR_ORIGIN");
  }
  const own = {
    origin: `http://localhost:${port}`,
    host: `localhost:${port}`,
    "sec-fetch-site": "same-origin",
  };
  t.is((await ask(port, "/api/v1/traffic", { method: "DELETE", headers: own })).status, 200);
});

test("a page of another origin opens no WebSocket", async (t) => {
  const { url } = await startConsole(t);
  for (const path of ["/api/v1/live", "/api/v1/test-client"]) {
    t.is((await refusedUpgrade(url + path, { origin: "https://evil.example" })).status, 403);
    t.is((await refusedUpgrade(url + path, { headers: { host: "evil.example" } })).status, 403);
    await connectClient(t, url + path, { origin: url.replace("ws", "http") });
  }
  t.is((await refusedUpgrade(`${url}/api/v1/info`)).status, 404);
});

test("where the config does not speak of a token, nobody is let in, on this machine neither", async (t) => {
  const { port, url } = await startConsole(t, undefined, { token: undefined });
  for (const headers of [{}, bearer(""), bearer("undefined"), bearer(adminToken)] as Record<
    string,
    string
  >[]) {
    t.is((await ask(port, "/api/v1/info", { headers })).status, 401);
    t.is((await ask(port, "/metrics", { headers })).status, 401);
  }
  t.is((await ask(port, "/api/v1/login", { body: { token: adminToken } })).status, 401);
  await t.throwsAsync(connectClient(t, `${url}/api/v1/live`), { message: /401/ });
  t.is((await ask(port, "/healthz")).status, 200);
});

test("an open console is for this machine only, and has no token for readers", async (t) => {
  for (const console of [{ host: "0.0.0.0" }, { readerToken }]) {
    const start = createGateway({ console: { port: 0, token: false, ...console }, workers: 0 });
    const error = await t.throwsAsync(start, { instanceOf: ConfigError });
    t.regex(error!.message, /console\.token: expected a token/);
  }
});

test("with tokens, each says what it is for", async (t) => {
  const { port, url } = await startConsole(t, undefined, tokens);
  const { status, headers, json: body } = await ask(port, "/api/v1/info");
  t.is(status, 401);
  t.is(headers["www-authenticate"], "Bearer");
  t.is(body.error.code, "ERR_LOGIN");
  t.is((await ask(port, "/api/v1/nothing")).status, 401);

  const reader = { headers: bearer(readerToken) };
  const admin = { headers: bearer(adminToken) };
  t.is((await ask(port, "/api/v1/info", reader)).json.role, "reader");
  t.is((await ask(port, "/api/v1/info", admin)).json.role, "admin");
  t.is((await ask(port, "/api/v1/info", { headers: bearer(`${adminToken}!`) })).status, 401);
  const refused = await ask(port, "/api/v1/traffic", { method: "DELETE", ...reader });
  t.is(refused.status, 403);
  t.is(refused.json.error.code, "ERR_ROLE");
  t.is((await ask(port, "/api/v1/traffic", { method: "DELETE", ...admin })).status, 200);
  const recording = { method: "PUT", body: { sample: 1 } };
  t.is((await ask(port, "/api/v1/recording-switches", { ...recording, ...reader })).status, 403);
  // Nobody has redacted a file.
  for (const path of ["/api/v1/files", "/api/v1/files/any/traffic"])
    t.is((await ask(port, path, reader)).json.error?.code, "ERR_ROLE", path);
  t.is((await ask(port, "/api/v1/files", admin)).status, 200);
  t.is((await refusedUpgrade(`${url}/api/v1/live`)).status, 401);
  t.is((await refusedUpgrade(`${url}/api/v1/test-client`, reader)).status, 403);
  await connectClient(t, `${url}/api/v1/live`, reader);
});

test("a request of HTTP/1.0 that names no host is told of health, as load balancers ask, and of nothing else", async (t) => {
  const { port } = await startConsole(t);
  const statusOf = async (path: string) => {
    const socket = connect(port, "127.0.0.1");
    socket.end(`GET ${path} HTTP/1.0\r\n\r\n`);
    return Number((await text(socket)).slice(9, 12));
  };
  t.is(await statusOf("/readyz"), 200);
  t.is(await statusOf("/healthz"), 200);
  for (const path of ["/metrics", "/api/v1/info"]) t.is(await statusOf(path), 403, path);
});

test("with tokens, health is asked for by anybody, metrics by who has one, by whatever name", async (t) => {
  const { port } = await startConsole(t, undefined, tokens);
  t.is((await ask(port, "/healthz")).status, 200);
  t.is((await ask(port, "/readyz")).status, 200);
  t.is((await ask(port, "/metrics")).status, 401);
  t.is(
    (await ask(port, "/metrics", { headers: { ...bearer(readerToken), host: "gateway:9090" } })).status,
    200,
  );
});

test("a login is a cookie that scripts and other sites cannot use, until the logout", async (t) => {
  const { port, url } = await startConsole(t, undefined, tokens);
  const origin = `http://127.0.0.1:${port}`;
  const foreign = { body: { token: adminToken }, headers: { origin: "https://evil.example" } };
  t.is((await ask(port, "/api/v1/login", foreign)).status, 403);
  t.is((await ask(port, "/api/v1/login", { body: { token: "wrong" } })).status, 401);
  t.is((await ask(port, "/api/v1/login", { body: "{" })).status, 400);

  const { status, headers, json } = await ask(port, "/api/v1/login", {
    body: { token: adminToken },
    headers: { origin },
  });
  t.is(status, 200);
  t.deepEqual(json, { role: "admin" });
  const [field = ""] = headers["set-cookie"] ?? [];
  t.regex(field, /^framegate_\d+=[\w-]{43}; HttpOnly; SameSite=Strict; Path=\/; Max-Age=43200$/);
  t.false(field.includes(adminToken));

  const cookie = { cookie: `other=1; ${field.split(";")[0]}` };
  t.is((await ask(port, "/api/v1/info", { headers: cookie })).json.role, "admin");
  const live = await connectClient(t, `${url}/api/v1/live`, { headers: cookie });
  const out = await ask(port, "/api/v1/logout", { method: "POST", headers: { ...cookie, origin } });
  t.is(out.status, 200);
  t.regex(out.headers["set-cookie"]?.[0] ?? "", /=; .*Max-Age=0/);
  t.deepEqual(await live.closed, { code: 1008, reason: "logged out" });
  t.is((await ask(port, "/api/v1/info", { headers: cookie })).status, 401);
});

test("who guesses has to wait, also when the guess is right; whose token was right before, or who is logged in, does not", async (t) => {
  const { port } = await startConsole(t, undefined, tokens);
  const { headers } = await ask(port, "/api/v1/login", { body: { token: readerToken } });
  const cookie = { cookie: String(headers["set-cookie"]).split(";")[0]! };
  for (let guess = 0; guess < 10; guess++) {
    const asking =
      guess % 2 === 0 ? { headers: bearer(`wrong-${guess}`) } : { body: { token: `wrong-${guess}` } };
    t.is((await ask(port, guess % 2 === 0 ? "/api/v1/info" : "/api/v1/login", asking)).status, 401);
  }
  const late = await ask(port, "/api/v1/login", { body: { token: adminToken } });
  t.is(late.status, 429);
  t.regex(String(late.headers["retry-after"]), /^\d+$/);
  t.is((await ask(port, "/api/v1/info", { headers: bearer(adminToken) })).status, 429);
  t.is((await ask(port, "/api/v1/info", { headers: cookie })).status, 200);
  t.is((await ask(port, "/metrics", { headers: bearer(readerToken) })).status, 200);
  t.is((await ask(port, "/api/v1/login", { body: { token: readerToken } })).status, 200);
});

test("pages come with a strict policy, answers of the API are not stored", async (t) => {
  const { port } = await startConsole(t);
  const page = await ask(port, "/");
  t.regex(String(page.headers["content-security-policy"]), /^default-src 'none'; script-src 'self';/);
  t.regex(String(page.headers["content-security-policy"]), /frame-ancestors 'none'/);
  for (const path of ["/", "/api/v1/info", "/api/v1/nothing", "/healthz"]) {
    const { headers } = await ask(port, path);
    t.is(headers["x-content-type-options"], "nosniff", path);
    t.is(headers["referrer-policy"], "no-referrer", path);
  }
  t.is((await ask(port, "/api/v1/info")).headers["cache-control"], "no-store");
  t.is((await ask(port, "/api/v1/nothing")).headers["cache-control"], "no-store");
});

test("a console that others reach is not opened without a token", async (t) => {
  const start = (console: object) => createGateway({ console: { port: 0, ...console }, workers: 0 });
  for (const console of [{ host: "0.0.0.0" }, { host: "::" }, { host: "gateway.example" }, { readerToken }]) {
    const error = await t.throwsAsync(start(console), { instanceOf: ConfigError });
    t.regex(error!.message, /console\.token: expected a token .* let console\.host be "127\.0\.0\.1"/s);
  }
  const short = await t.throwsAsync(start({ token: "too-short" }), { instanceOf: ConfigError });
  t.regex(short!.message, /console\.token: expected a token of at least 16 characters/);
  t.false(short!.message.includes("too-short"));
});

test("a token is read from a file or the environment; where there is none, the gateway does not start", async (t) => {
  const dir = await makeFolder(t);
  const file = join(dir, "token");
  await writeFile(file, `${adminToken}\n`);
  process.env.FRAMEGATE_TEST_READER = readerToken;
  const { port } = await startConsole(t, undefined, {
    token: { file },
    readerToken: { env: "FRAMEGATE_TEST_READER" },
  });
  t.is((await ask(port, "/api/v1/info", { headers: bearer(adminToken) })).json.role, "admin");
  t.is((await ask(port, "/api/v1/info", { headers: bearer(readerToken) })).json.role, "reader");

  await writeFile(file, "short\n");
  for (const token of [{ file }, { file: `${file}.gone` }, { env: "FRAMEGATE_TEST_NONE" }]) {
    const start = startGateway(t, { routes: [], config: { console: { port: 0, token } } });
    const error = await t.throwsAsync(start, { instanceOf: ConfigError });
    t.regex(error!.message, /console\.token: expected a token/);
    t.false(error!.message.includes("short\n"));
  }
});

test("the console over TLS has cookies for TLS only", async (t) => {
  const dir = await makeFolder(t);
  const certificate = createCertificate();
  await writeFile(join(dir, "cert.pem"), certificate.cert);
  await writeFile(join(dir, "key.pem"), certificate.key);
  const tls = { certificates: [{ cert: join(dir, "cert.pem"), key: join(dir, "key.pem") }] };
  const { url } = await startConsole(t, undefined, { ...tokens, host: "0.0.0.0", tls });
  const live = new WebSocket(`${url.replace("ws:", "wss:")}/api/v1/live`, {
    ca: certificate.cert,
    headers: bearer(readerToken),
  });
  t.teardown(() => live.terminate());
  const hello = await new Promise((resolve, reject) => live.once("message", resolve).once("error", reject));
  t.is(JSON.parse(String(hello)).type, "hello");

  const login = request(`${url.replace("ws:", "https:")}/api/v1/login`, {
    method: "POST",
    ca: certificate.cert,
    headers: json,
  }).end(JSON.stringify({ token: adminToken }));
  const [response] = (await once(login, "response")) as [IncomingMessage];
  t.regex(response.headers["set-cookie"]?.[0] ?? "", /; Secure$/);
  response.resume();
});
