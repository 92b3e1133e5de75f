import test from "ava";
import { startIssuer } from "../../standard/issuer.ts";
import { shareChains } from "../../standard/support.ts";
import { eventually } from "../../support/eventually.ts";

const start = shareChains();

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test("jwt: a valid token gets in until it expires", async (t) => {
  const issuer = await startIssuer(t);
  const options = {
    algorithms: ["ES256"],
    keys: issuer.publicKeys,
    issuer: "https://issuer.test",
    clockTolerance: 0,
  };
  const { connect, refused, server } = await start(t, [
    ["jwt", options],
    ["headers", { request: { "X-User": "{attributes.user}" } }],
  ]);
  const client = await connect("/", bearer(await issuer.sign({ exp: inSeconds(3) })));
  client.send("hello");
  t.is(await client.next(), "hello");
  t.like(server.requests[0]!.headers, { "x-user": "ada", authorization: undefined });
  t.like(await client.closed, { code: 1008 });

  const { status, headers } = await refused("/", bearer(await issuer.sign({ iss: "https://other.test" })));
  t.is(status, 401);
  t.is(headers["www-authenticate"], 'Bearer error="invalid_token"');
});

test("jwt: a browser's token in Sec-WebSocket-Protocol", async (t) => {
  const issuer = await startIssuer(t);
  const from = { subprotocol: "bearer." };
  const options = { algorithms: ["ES256"], keys: issuer.publicKeys, issuer: "https://issuer.test", from };
  const { connect, server } = await start(t, [["jwt", options]]);
  const client = await connect("/", { protocols: ["chat.v1", `bearer.${await issuer.sign()}`] });
  t.is(client.ws.protocol, "chat.v1");
  t.is(server.requests[0]!.headers["sec-websocket-protocol"], "chat.v1");
  await t.throwsAsync(connect("/", { protocols: ["chat.v1", "bearer.x"] }), {
    message: /401/,
  });
});

test("jwt-renewable: a newer token keeps the connection open", async (t) => {
  const issuer = await startIssuer(t);
  const options = { algorithms: ["ES256"], keys: issuer.publicKeys, issuer: "https://issuer.test" };
  const { connect } = await start(t, [["jwt-renewable", options]]);
  const exp = inSeconds(1000);
  const client = await connect("/", bearer(await issuer.sign({ exp: inSeconds(100) })));
  client.send(JSON.stringify({ type: "authenticate", token: await issuer.sign({ exp }) }));
  t.deepEqual(await client.nextJson(), { type: "authenticate", ok: true, expires: (exp + 5) * 1000 });
  client.send("hello");
  t.is(await client.next(), "hello");
  client.send(JSON.stringify({ type: "authenticate", token: await issuer.sign({ sub: "eve" }) }));
  t.like(await client.closed, { code: 1008 });
});

test("jwt-renewable: an idle connection ends when its token expires, one that brings a newer token in time does not", async (t) => {
  const issuer = await startIssuer(t);
  const options = {
    ...{ algorithms: ["ES256"], keys: issuer.publicKeys, issuer: "https://issuer.test" },
    ...{ clockTolerance: 0, warnBefore: 2 },
  };
  const { connect } = await start(t, [["jwt-renewable", options]]);
  const exp = inSeconds(3);
  const token = await issuer.sign({ exp });
  const [idle, renewed] = await Promise.all([connect("/", bearer(token)), connect("/", bearer(token))]);
  t.deepEqual(await renewed.nextJson(), { type: "authenticate", expires: exp * 1000 });
  renewed.send(JSON.stringify({ type: "authenticate", token: await issuer.sign({ exp: exp + 600 }) }));
  t.like(await renewed.nextJson(), { ok: true, expires: (exp + 600) * 1000 });
  t.deepEqual(await idle.closed, { code: 1008, reason: "expired" });
  t.true(Date.now() >= exp * 1000, "not before");
  await eventually("the clock to be well past it", () => Date.now() > exp * 1000 + 200);
  renewed.send("still here");
  t.is(await renewed.next(), "still here");
});
