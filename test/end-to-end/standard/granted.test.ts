import { join } from "node:path";
import test from "ava";
import { makeFolder } from "../../config/folder.ts";
import { startAuthorizationServer } from "../../standard/introspection.ts";
import { startIssuer } from "../../standard/issuer.ts";
import { startChain } from "../../standard/support.ts";
import { refusedUpgrade } from "../../support/peers/peers.ts";

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const local = { hosts: ["127.0.0.1:*"], methods: ["GET", "POST"], private: true } as const;

test("jwt: with keys that the issuer publishes", async (t) => {
  const issuer = await startIssuer(t, "RS256");
  const options = { algorithms: ["RS256"], jwks: issuer.url, issuer: "https://issuer.test" };
  const granted = await startChain(t, [["jwt", options]], {}, { grants: { jwt: { fetch: local } } });
  await granted.connect("/", bearer(await issuer.sign()));
  await granted.connect("/", bearer(await issuer.sign()));
  t.is(issuer.fetches, 1);

  const ungranted = await startChain(t, [["jwt", options]]);
  t.is((await refusedUpgrade(ungranted.gateway.url, bearer(await issuer.sign()))).status, 500);
  const record = await ungranted.gateway.logged((one) =>
    JSON.stringify(one).includes("fetch is not granted"),
  );
  t.truthy(record);
});

test("oauth-introspect", async (t) => {
  const asked = await startAuthorizationServer(t, (token) => ({ active: token === "good", sub: "ada" }));
  const dir = await makeFolder(t, { secret: "s3cret\n" });
  const { connect, gateway } = await startChain(
    t,
    [["oauth-introspect", { url: asked.url, clientId: "gate", clientSecret: "IDP" }]],
    {},
    {
      grants: { "oauth-introspect": { fetch: local, secrets: ["IDP"] } },
      secrets: { IDP: { file: join(dir, "secret") } },
    },
  );
  const client = await connect("/", bearer("good"));
  client.send("hello");
  t.is(await client.next(), "hello");
  t.deepEqual(asked.asked, [{ token: "good", authorization: `Basic ${btoa("gate:s3cret")}` }]);
  t.is((await refusedUpgrade(gateway.url, bearer("bad"))).status, 401);
});

test("rate-limit: one count for all connections of a user", async (t) => {
  const { connect } = await startChain(
    t,
    [["rate-limit", { rate: 2, per: "hour", by: "query.user", onViolation: "reply" }]],
    {},
    { grants: { "rate-limit": { kv: true } } },
  );
  const clients = [
    await connect("/?user=ada"),
    await connect("/?user=ada"),
    await connect("/?user=bob"),
  ] as const;
  const ask = async (client: (typeof clients)[number]) => {
    client.send("hello");
    return client.next();
  };
  t.is(await ask(clients[0]), "hello");
  t.is(await ask(clients[1]), "hello");
  t.is(await ask(clients[0]), '{"error":"too many messages"}');
  t.is(await ask(clients[1]), '{"error":"too many messages"}');
  t.is(await ask(clients[2]), "hello");
});
