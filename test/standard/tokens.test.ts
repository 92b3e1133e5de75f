import test from "ava";
import { exportSPKI, importJWK, UnsecuredJWT } from "jose";
import { fetchGrant, grantingBroker } from "../sandbox/broker/capabilities.ts";
import { startAuthorizationServer } from "./introspection.ts";
import { signShared, startIssuer } from "./issuer.ts";
import { startStandard } from "./support.ts";

const issuer = "https://issuer.test";
const secret = "0123456789abcdef0123456789abcdef";
const bearer = (token: string) => ({ headers: [["authorization", `Bearer ${token}`] as const] });
const refusal = (body: string, status = 401) => ({
  reject: { status, body: `the token is not valid: ${body}` },
});

/** Of the tests that share what it grants. */
const broker = grantingBroker({
  grants: {
    jwt: { secrets: ["KEY", "SHORT"] },
    "oauth-introspect": { fetch: fetchGrant, secrets: ["IDP"] },
    "rate-limit": { rates: {} },
  },
  secrets: { KEY: secret, SHORT: "abc", IDP: "p:w" },
});

for (const alg of [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
]) {
  test(`jwt: ${alg}`, async (t) => {
    const { publicKeys, sign } = await startIssuer(t, alg);
    const { connect } = await startStandard("jwt");
    const options = { algorithms: [alg], keys: publicKeys, issuer };
    const token = await sign();
    t.like(await connect(options, bearer(token)).upgrade(), {
      attributes: { user: "ada" },
      headers: { authorization: null },
    });
    const [head, body, signature] = token.split(".");
    const forged = Buffer.from(JSON.stringify({ ...JSON.parse(atob(body!)), sub: "eve" })).toString(
      "base64url",
    );
    t.like(await connect(options, bearer([head, forged, signature].join("."))).upgrade(), {
      reject: { status: 401 },
    });
  });
}

test("jwt: a shared secret", async (t) => {
  const { connect } = await startStandard("jwt", broker);
  for (const alg of ["HS256", "HS384", "HS512"]) {
    const token = await signShared(secret, {}, alg);
    t.like(await connect({ algorithms: [alg], secret: "KEY", issuer }, bearer(token)).upgrade(), {
      attributes: { user: "ada" },
    });
  }
  const options = { algorithms: ["HS256"], secret: "KEY", issuer };
  t.like(
    await connect(options, bearer(await signShared(`${secret}!`))).upgrade(),
    refusal("signature verification failed"),
  );
  const short = connect({ ...options, secret: "SHORT" }, bearer(await signShared(secret)));
  t.regex(String(await short.upgrade()), /^throw: .*has 3 bytes; expected 32 or more/);
  const other = connect({ ...options, secret: "OTHER" }, bearer(await signShared(secret)));
  t.regex(String(await other.upgrade()), /the secret "OTHER" is not granted: add grants/);
});

test("jwt: no algorithm but those that are listed, and no public key as a secret", async (t) => {
  const { publicKeys, sign } = await startIssuer(t, "RS256");
  const { connect, problemOf } = await startStandard("jwt");
  const options = { algorithms: ["RS256"], keys: publicKeys, issuer };
  const publicKey = await exportSPKI((await importJWK(publicKeys[0]!, "RS256")) as never);
  for (const token of [
    await signShared(publicKey),
    new UnsecuredJWT({ sub: "eve" }).setIssuer(issuer).setExpirationTime("1h").encode(),
    "a.b.c",
    "x",
  ]) {
    t.like(await connect(options, bearer(token)).upgrade(), { reject: { status: 401 } });
  }
  t.like(await connect({ ...options, algorithms: ["PS256"] }, bearer(await sign())).upgrade(), {
    reject: { status: 401 },
  });
  for (const wrong of [
    { ...options, algorithms: ["HS256"] },
    { ...options, algorithms: ["RS256", "HS256"] },
    { ...options, algorithms: ["none"] },
    { ...options, algorithms: [] },
    { ...options, secret: "KEY" },
    { algorithms: ["RS256"], secret: "KEY", issuer },
    { algorithms: ["RS256"], issuer },
    { algorithms: ["RS256"], keys: publicKeys },
    { ...options, keys: [{ kty: "oct", k: "AAAA" }] },
  ]) {
    t.not(problemOf(wrong), "none", JSON.stringify(wrong));
  }
  t.regex(
    problemOf({ ...options, algorithms: ["none"] }),
    /option `algorithms\[0\]`: expected .*"RS256".*, got "none"/,
  );
});

test("jwt: issuer, audience, time, scopes and claims", async (t) => {
  const { publicKeys, sign } = await startIssuer(t);
  const { connect } = await startStandard("jwt");
  const now = Math.floor(Date.now() / 1000);
  const ask = async (claims: object, more: object = {}, header: object = {}) => {
    const options = { algorithms: ["ES256"], keys: publicKeys, issuer, ...more };
    return connect(options, bearer(await sign(claims, header))).upgrade();
  };
  const valid = (verdict: unknown) => (verdict as { reject?: unknown }).reject === undefined;

  t.false(valid(await ask({ iss: "https://other.test" })));
  t.true(valid(await ask({ iss: "b" }, { issuer: ["a", "b"] })));
  t.true(valid(await ask({}, { audience: "chat" })));
  t.true(valid(await ask({ aud: ["x", "chat"] }, { audience: ["y", "chat"] })));
  t.false(valid(await ask({ aud: "mail" }, { audience: "chat" })));
  t.false(valid(await ask({ exp: now - 60 })));
  t.true(valid(await ask({ exp: now - 60 }, { clockTolerance: 120 })));
  t.false(valid(await ask({ nbf: now + 60 })));
  t.false(valid(await ask({ exp: undefined })));
  t.true(valid(await ask({ exp: undefined }, { required: [] })));
  t.false(valid(await ask({}, { required: ["exp", "jti"] })));
  t.false(valid(await ask({}, { typ: "at+jwt" })));
  t.true(valid(await ask({}, { typ: "at+jwt" }, { typ: "at+jwt" })));
  t.like(await ask({ exp: now + 60 }), { expires: (now + 65) * 1000 });

  t.true(valid(await ask({ scope: "read write" }, { scopes: ["write"] })));
  t.true(valid(await ask({ scp: ["read", "write"] }, { scopes: ["read", "write"] })));
  t.like(await ask({ scope: "reads" }, { scopes: ["read"] }), {
    reject: {
      status: 403,
      headers: { "www-authenticate": ['Bearer error="insufficient_scope", scope="read"'] },
    },
  });
  const claims = { org: { id: 7 }, "https://a.test/tier": "gold" };
  const attributes = { org: "org.id", tier: "https://a.test/tier", none: "no.thing" };
  t.deepEqual(((await ask(claims, { attributes })) as { attributes: unknown }).attributes, {
    org: 7,
    tier: "gold",
  });
});

test("jwt: where the token may be", async (t) => {
  const { publicKeys, sign } = await startIssuer(t);
  const { connect } = await startStandard("jwt");
  const token = await sign();
  const from = { subprotocol: "bearer.", cookie: "token", parameter: "token" };
  const options = { algorithms: ["ES256"], keys: publicKeys, issuer, from };
  const offer = [["sec-websocket-protocol", `chat, bearer.${token}`] as const];
  t.like(await connect(options, { headers: offer }).upgrade(), {
    subprotocol: "chat",
    attributes: { user: "ada" },
  });
  t.like(await connect({ ...options, forward: true }, { headers: offer }).upgrade(), { subprotocol: "chat" });
  t.like(await connect(options, { headers: [["cookie", `a=1; token=${token}`]] }).upgrade(), {
    headers: { cookie: ["a=1"] },
  });
  t.like(await connect(options, { url: `/?token=${token}` }).upgrade(), { attributes: { user: "ada" } });
  t.like(await connect(options, bearer(token)).upgrade(), {
    reject: { status: 401, body: "a token is needed" },
  });
});

test("jwt: keys are fetched once, and anew for a key id that is not among them", async (t) => {
  const tokens = await startIssuer(t);
  const fetching = grantingBroker({ grants: { jwt: { fetch: fetchGrant } } });
  const { connect, fixture } = await startStandard("jwt", fetching);
  const options = { algorithms: ["ES256"], jwks: tokens.url, issuer };
  const ask = async (token: string) => connect(options, bearer(token)).upgrade();

  const first = await tokens.sign();
  await Promise.all([ask(first), ask(first), ask(first)]);
  t.like(await ask(first), { attributes: { user: "ada" } });
  t.is(tokens.fetches, 1);
  await tokens.rotate();
  t.like(
    await ask(await tokens.sign()),
    { reject: { status: 401 } },
    "so soon after the first fetch it waits",
  );
  t.is(tokens.fetches, 1);
  t.is(fixture.events.filter(({ type }) => type === "fault").length, 0);
});

test("jwt: without a grant the error says what to add, and nobody is let in", async (t) => {
  const tokens = await startIssuer(t);
  const { connect } = await startStandard("jwt");
  const connection = connect(
    { algorithms: ["ES256"], jwks: tokens.url, issuer },
    bearer(await tokens.sign()),
  );
  t.regex(
    String(await connection.upgrade()),
    /^throw: .*fetch is not granted: add grants: \{ "jwt": \{ fetch:/,
  );
});

test("jwt-renewable: a newer token of the same holder keeps the connection open", async (t) => {
  const { publicKeys, sign } = await startIssuer(t);
  const { connect } = await startStandard("jwt-renewable");
  const options = { algorithms: ["ES256"], keys: publicKeys, issuer, scopes: ["chat"], clockTolerance: 0 };
  const now = Math.floor(Date.now() / 1000);
  const upgrade = (await connect(options, bearer(await sign({ scope: "chat" }))).upgrade()) as {
    attributes: Readonly<Record<string, unknown>>;
    expires: number;
  };
  t.like(upgrade, {
    attributes: { user: "ada", tokenHolder: { subject: "ada", issuer } },
    tick: false,
  });
  t.true(Number(upgrade.expires) > Date.now());

  const before = { subject: "ada", issuer, issuedAt: (now - 60) * 1000, isAsked: false };
  const until = (now - 1) * 1000;
  const old = { attributes: { tokenHolder: { ...before, until, expires: until } } };
  const expired = { close: { code: 1008, reason: "the token has expired" } };
  t.deepEqual(await connect(options, old).client({}), expired);
  t.deepEqual(await connect(options, old).server({}), expired);
  t.deepEqual(await connect(options).server({}), expired, "it never came by the upgrade hook");

  const renewal = async (claims: object) => ({
    type: "authenticate",
    token: await sign({ scope: "chat", ...claims }),
  });
  const connection = connect(options, old);
  const expires = (now + 60) * 1000;
  const tokenHolder = { ...before, issuedAt: now * 1000, until: expires, expires };
  t.deepEqual(await connection.client(await renewal({ iat: now, exp: now + 60 })), {
    drop: true,
    aside: {
      renewal: {
        attributes: { user: "ada", tokenHolder },
        expires,
        tick: false,
        toClient: [JSON.stringify({ type: "authenticate", ok: true, expires })],
      },
    },
  });
  t.is(await connection.client({ any: 1 }), "unchanged");
  t.is(await connection.server({ any: 1 }), "unchanged");
  for (const claims of [{ sub: "eve" }, { scope: "" }, { exp: now - 5 }, { iss: "x" }, { exp: undefined }]) {
    t.like(await connect(options, upgrade).client(await renewal(claims)), {
      aside: { renewal: { close: { code: 1008 } } },
    });
  }
});

test("jwt-renewable: who is asked for a token needs a newer one, and nothing of an older one comes back", async (t) => {
  const { publicKeys, sign } = await startIssuer(t);
  const { connect } = await startStandard("jwt-renewable");
  const options = {
    ...{ algorithms: ["ES256"], keys: publicKeys, issuer, clockTolerance: 0 },
    attributes: { user: "sub", role: "role", team: "team" },
  };
  const now = Math.floor(Date.now() / 1000);
  const inUse = { iat: now - 60, exp: now + 60 };
  type Attributes = Readonly<Record<string, unknown>>;
  type Verdict = { readonly aside: { readonly renewal: Attributes } };
  const answer = async (claims: object, attributes: Attributes): Promise<object> => {
    const message = { type: "authenticate", token: await sign(claims) };
    return ((await connect(options, { attributes }).client(message)) as Verdict).aside.renewal;
  };
  const first = bearer(await sign({ ...inUse, role: "admin" }));
  const { attributes } = (await connect(options, first).upgrade()) as { readonly attributes: Attributes };
  const asked = (await connect(options, { attributes }).renew(now * 1000)) as {
    readonly attributes: Attributes;
  };
  const askedFor = { ...attributes, ...asked.attributes };
  t.like(asked, { expires: (now + 30) * 1000 });

  const refused = { close: { code: 1008, reason: "the token is not newer" } };
  t.like(await answer(inUse, attributes), { expires: inUse.exp * 1000 }, "again, and nobody has asked");
  t.deepEqual(await answer(inUse, askedFor), refused);
  for (const older of [
    { iat: now - 61, exp: now + 600 },
    { ...inUse, exp: now + 59 },
    { iat: undefined, exp: now + 59 },
  ]) {
    t.deepEqual(await answer(older, attributes), refused);
  }
  for (const newer of [
    { iat: now - 59, exp: now + 50 },
    { ...inUse, exp: now + 61 },
  ]) {
    const renewed = await answer(newer, askedFor);
    t.like(renewed, { expires: newer.exp * 1000, attributes: { user: "ada", role: null } });
    t.like(renewed, { attributes: { tokenHolder: { isAsked: false } } });
    t.false("team" in (renewed as { readonly attributes: Attributes }).attributes, "it never was");
  }
});

test("oauth-introspect: what the authorization server says counts", async (t) => {
  const server = await startAuthorizationServer(t, (token) => ({
    active: token.startsWith("good"),
    sub: "ada",
    scope: "chat",
    aud: "gate",
    exp: Math.floor(Date.now() / 1000) + (token === "good-old" ? -10 : 60),
  }));
  const { connect, problemOf } = await startStandard("oauth-introspect", broker);
  const options = { url: server.url, clientId: "gate", clientSecret: "IDP", scopes: ["chat"] };
  const ask = (token: string, more = {}) => connect({ ...options, ...more }, bearer(token)).upgrade();

  t.like(await ask("good"), { attributes: { user: "ada" }, headers: { authorization: null } });
  await ask("good");
  t.deepEqual(server.asked, [{ token: "good", authorization: `Basic ${btoa("gate:p%3Aw")}` }]);
  await ask("good", { cache: 0, audience: "gate" });
  t.is(server.asked.length, 2);
  t.like(await ask("bad"), refusal("it is not active"));
  t.like(await ask("good-old"), refusal("it has expired"));
  t.like(await ask("good", { audience: "mail" }), refusal("it is for another audience"));
  t.like(await ask("good", { scopes: ["admin"] }), { reject: { status: 403 } });
  t.like(await connect(options).upgrade(), { reject: { status: 401 } });
  t.regex(String(await ask("fail")), /^throw: .*answered 500; expected 200/);
  t.not(problemOf({ url: server.url, clientId: "gate" }), "none");
});

test("rate-limit: by user, over all connections", async (t) => {
  const { connect, problemOf } = await startStandard("rate-limit", broker);
  const options = { rate: 3, per: "hour", by: "attributes.user" };
  const [first, second] = [1, 2].map(() => connect(options, { attributes: { user: "ada" } }));
  const answers = await Promise.all([first, second, first, second, first].map((one) => one!.client({})));
  t.is(answers.filter((answer) => answer === "unchanged").length, 3, JSON.stringify(answers));
  t.is(await connect(options, { attributes: { user: "bob" } }).client({}), "unchanged");
  t.like(await connect(options).client({}), { close: { code: 1008 } });
  t.not(problemOf({ ...options, onStoreLoss: "never" }), "none");
  const burst = connect({ ...options, burst: 2 }, { attributes: { user: "cyd" } });
  const bursts = await Promise.all([1, 2, 3].map(() => burst.client({})));
  t.is(bursts.filter((answer) => answer === "unchanged").length, 2, JSON.stringify(bursts));
  t.is(await connect(options, { attributes: { user: "d".repeat(2000) } }).client({}), "unchanged");

  const ungranted = await startStandard("rate-limit");
  const connection = ungranted.connect(options, { attributes: { user: "ada" } });
  t.regex(String(await connection.client({})), /^throw: .*rates is not granted: add grants/);
});
