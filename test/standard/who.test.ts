import { createHash } from "node:crypto";
import test from "ava";
import { startStandard } from "./support.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");
const refusalOf = (verdict: unknown) => (verdict as { reject?: { status: number } }).reject?.status;

test("api-key: a known key is let in, its id is an attribute, and the server does not get it", async (t) => {
  const { connect, problemOf } = await startStandard("api-key");
  const options = {
    keys: [
      { id: "billing", sha256: sha256("k-1"), attributes: { tier: "gold" } },
      { id: "old", sha256: sha256("k-2"), expires: "2020-01-01" },
      { id: "guest", sha256: sha256("k-3"), expires: "2999-01-01" },
    ],
    from: { header: "X-Api-Key", parameter: "key", cookie: "key" },
  };
  const ask = (request: object, more = {}) => connect({ ...options, ...more }, request).upgrade();

  t.like(await ask({ headers: [["x-api-key", "k-1"]] }), {
    attributes: { apiKey: "billing", tier: "gold" },
    headers: { "x-api-key": null },
  });
  t.like(await ask({ headers: [["x-api-key", "k-3"]] }), { expires: Date.parse("2999-01-01") });
  t.like(await ask({ headers: [["cookie", "a=1; key=k-1; b=2"]] }), { headers: { cookie: ["a=1; b=2"] } });
  t.like(await ask({ url: "/chat?key=k-1" }, { attribute: "who" }), { attributes: { who: "billing" } });
  t.is(
    ((await ask({ headers: [["x-api-key", "k-1"]] }, { forward: true })) as { headers?: object }).headers,
    undefined,
  );

  for (const request of [
    {},
    { headers: [["x-api-key", "k-2"]] },
    { headers: [["x-api-key", "k"]] },
    {
      headers: [
        ["x-api-key", "k-1"],
        ["x-api-key", "k-1"],
      ],
    },
    { headers: [["cookie", "key=k-1; key=k-3"]] },
    { url: "/chat?key=k-1&key=k-1" },
  ]) {
    t.is(refusalOf(await ask(request)), 401, JSON.stringify(request));
  }
  t.regex(
    problemOf({ keys: [{ id: "a", sha256: "secret" }] }),
    /option `keys\[0\]\.sha256`: expected a match/,
  );
  t.regex(problemOf({}), /option `keys`: expected it, but it is missing/);
});

test("basic-auth: name and password", async (t) => {
  const { connect } = await startStandard("basic-auth");
  const salt = "9f1c4e2a";
  const users = [{ name: "Ada", salt, sha256: sha256(`${salt}:pass:wörd`) }];
  const ask = (header: string, ...more: string[]) =>
    connect(
      { users },
      { headers: [header, ...more].map((value) => ["authorization", value] as const) },
    ).upgrade();
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;

  t.like(await ask(basic("Ada:pass:wörd")), {
    attributes: { user: "Ada" },
    headers: { authorization: null },
  });
  for (const value of ["Ada:pass", "ada:pass:wörd", ":", "Ada", "nobody:"].map(basic)) {
    t.like(await ask(value), {
      reject: { status: 401, headers: { "www-authenticate": ['Basic realm="framegate", charset="UTF-8"'] } },
    });
  }
  t.is(refusalOf(await ask("Basic !!")), 401);
  t.is(refusalOf(await ask(basic("Ada:pass:wörd"), basic("Ada:x"))), 401);
});

test("client-certificate: every option that is given must fit, and an unverified one never does", async (t) => {
  const { connect, problemOf } = await startStandard("client-certificate");
  const fingerprint256 = Array(32).fill("AB").join(":");
  const certificate = {
    verified: true,
    subject: { CN: "device-7", O: "Acme" },
    issuer: { CN: "Devices CA" },
    names: ["DNS:a.example.org", "URI:spiffe://example.org/device/7"],
    fingerprint256,
  };
  const ask = (options: object, client: object = { certificate }) => connect(options, { client }).upgrade();

  t.like(await ask({}), {
    attributes: {
      certificate: { subject: "device-7", names: certificate.names, fingerprint: fingerprint256 },
    },
  });
  for (const options of [
    { subjects: ["x", "device-*"] },
    { names: ["DNS:*.example.org"] },
    { names: ["URI:spiffe://example.org/*"], issuers: ["Devices CA"] },
    { fingerprints: [fingerprint256.replaceAll(":", "").toLowerCase()] },
  ]) {
    t.is(refusalOf(await ask(options)), undefined, JSON.stringify(options));
  }
  for (const options of [
    { subjects: ["device"] },
    { names: ["DNS:*.example.com"] },
    { subjects: ["device-*"], issuers: ["Other CA"] },
    { fingerprints: [Array(32).fill("AC").join("")] },
  ]) {
    t.is(refusalOf(await ask(options)), 403, JSON.stringify(options));
  }
  t.is(refusalOf(await ask({}, { certificate: null })), 403);
  t.is(refusalOf(await ask({}, { certificate: { ...certificate, verified: false } })), 403);
  t.regex(problemOf({ fingerprints: ["AB"] }), /fingerprints\[0\]/);
});

test("ip-allow: ranges of IPv4 and IPv6; `deny` goes before `allow`", async (t) => {
  const { connect, problemOf } = await startStandard("ip-allow");
  const ask = async (address: string, options: object) =>
    refusalOf((await connect(options, { client: { address } }).upgrade()) ?? {}) === undefined;
  const options = {
    allow: ["10.0.0.0/8", "2001:db8::/32", "192.0.2.7"],
    deny: ["10.1.0.0/16", "2001:db8:0:1::/64"],
  };
  for (const address of ["10.0.0.1", "::ffff:10.0.0.1", "::ffff:a00:1", "192.0.2.7", "2001:db8::1"]) {
    t.true(await ask(address, options), address);
  }
  for (const address of [
    "11.0.0.1",
    "10.1.2.3",
    "::ffff:10.1.2.3",
    "192.0.2.8",
    "2001:db8:0:1::5",
    "2001:db9::1",
    "",
  ]) {
    t.false(await ask(address, options), address);
  }
  t.true(await ask("fe80::1%eth0", { allow: ["fe80::/10"] }));
  t.true(await ask("203.0.113.9", { deny: ["10.0.0.0/8"] }));
  t.false(await ask("10.0.0.1", { deny: ["::/0"] }), "::/0 is every address");
  t.true(await ask("10.0.0.1", { deny: ["2000::/3"] }));
  t.regex(problemOf({ allow: ["10.0.0.0/33"] }), /allow\[0\]/);
  t.regex(problemOf({ allow: ["example.com"] }), /allow\[0\]/);
  t.regex(String(await connect({ allow: ["1:2:3"] }).upgrade()), /^throw: .*got "1:2:3"/);
});

test("subprotocol-auth: the token is taken out of what the server is offered", async (t) => {
  const { connect, problemOf } = await startStandard("subprotocol-auth");
  const keys = [{ id: "ada", sha256: sha256("t-1") }];
  const ask = (offer: string, options: object = { keys }) =>
    connect(options, { headers: [["sec-websocket-protocol", offer]] }).upgrade();

  t.like(await ask("chat.v1, bearer.t-1"), { subprotocol: "chat.v1", attributes: { user: "ada" } });
  const encoded = Buffer.from("t-1").toString("base64url");
  t.like(
    await ask(`k8s.${encoded}, chat`, { prefix: "k8s.", encoding: "base64url", keys, authorization: true }),
    {
      subprotocol: "chat",
      headers: { authorization: ["Bearer t-1"] },
    },
  );
  t.like(await ask("bearer.any, chat", { authorization: true }), {
    headers: { authorization: ["Bearer any"] },
  });
  const forged = Buffer.from("a\r\nx-admin: 1").toString("base64url");
  t.is(refusalOf(await ask(`chat, bearer.${forged}`, { encoding: "base64url", authorization: true })), 401);
  for (const offer of [
    "chat",
    "bearer.t-1",
    "chat, bearer.t-2",
    "chat, bearer.t-1, bearer.t-1",
    "chat, bearer.",
  ]) {
    t.is(refusalOf(await ask(offer)), 401, offer);
  }
  t.not(problemOf({}), "none");
  t.not(problemOf({ authorization: false }), "none");
});

test("first-message-auth: nothing passes before the token", async (t) => {
  const { connect } = await startStandard("first-message-auth");
  const keys = [{ id: "ada", sha256: sha256("t-1") }];
  const good = connect({ keys });
  t.deepEqual(await good.server({ secret: 1 }), { drop: true });
  t.deepEqual(await good.client({ type: "auth", token: "t-1" }), {
    drop: true,
    reply: ['{"type":"auth","ok":true}'],
  });
  t.is(await good.client({ any: 1 }), "unchanged");
  t.is(await good.server({ secret: 1 }), "unchanged");

  const announced = await connect({ keys, announce: true }).client({ type: "auth", token: "t-1" });
  t.like(announced, { body: '{"type":"auth","user":"ada"}' });
  for (const first of [
    { type: "auth", token: "t-2" },
    { type: "auth", token: 5 },
    { token: "t-1" },
    null,
    "x",
    Buffer.from("{}"),
  ]) {
    const connection = connect({ keys });
    t.deepEqual(await connection.client(first), { close: { code: 4401, reason: "not authenticated" } });
    t.deepEqual(await connection.server({}), { drop: true });
  }
});
