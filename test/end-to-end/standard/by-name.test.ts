import { once } from "node:events";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { WebSocket } from "ws";
import { makeFolder } from "../../config/folder.ts";
import { signShared } from "../../standard/issuer.ts";
import { startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import {
  connectClient,
  echo,
  refusedUpgrade,
  startServer,
  wrapWebSocket,
} from "../../support/peers/peers.ts";

const JWT = "@framegate/standard/jwt";
const RATE_LIMIT = "@framegate/standard/rate-limit";
const secret = "0123456789abcdef0123456789abcdef";
const RATE = 8;
const tooMany = '{"error":"too many messages"}';

const bearer = (token: string) => ({ headers: { authorization: `Bearer ${token}` } });
const inSeconds = (seconds: number) => Math.floor(Date.now() / 1000) + seconds;

test("jwt and rate-limit by their names, from the config to the client", async (t) => {
  const gateway = await startStandardGateway(t);

  t.is((await refusedUpgrade(gateway.url)).status, 401);
  const forged = await signShared("another secret, that is as long as it", {});
  t.is((await refusedUpgrade(gateway.url, bearer(forged))).status, 401);
  t.is(
    (await refusedUpgrade(gateway.url, bearer(await signShared(secret, { exp: inSeconds(-60) })))).status,
    401,
  );

  const ada = bearer(await signShared(secret));
  const clients = await Promise.all(Array.from({ length: RATE }, () => connect(t, gateway.url, ada)));
  t.is(new Set(clients.map(({ worker }) => worker)).size, 2);
  const ask = async ({ send, next }: (typeof clients)[number]) => {
    send("hello");
    return next();
  };
  t.deepEqual(
    await Promise.all(clients.map(ask)),
    Array.from({ length: RATE }, () => "hello"),
  );
  t.deepEqual(
    await Promise.all(clients.map(ask)),
    Array.from({ length: RATE }, () => tooMany),
  );
  const bob = await connectClient(t, gateway.url, bearer(await signShared(secret, { sub: "bob" })));
  bob.send("hello");
  t.is(await bob.next(), "hello");
});

test("jwt by its name: the connection is closed when the token expires", async (t) => {
  const gateway = await startStandardGateway(t);
  // One that stays, so that nothing but the short life of the other is waited for.
  const staying = await connectClient(
    t,
    gateway.url,
    bearer(await signShared(secret, { exp: inSeconds(600) })),
  );
  staying.send("hello");
  t.is(await staying.next(), "hello");

  const exp = inSeconds(4);
  const client = await connectClient(t, gateway.url, bearer(await signShared(secret, { exp })));
  t.is((await client.closed).code, 1008);
  t.true(Date.now() >= exp * 1000);
  staying.send("still here");
  t.is(await staying.next(), "still here");
});

/** Two workers, and a policy of the folder that tells the client which one it came to. */
async function startStandardGateway(t: ExecutionContext) {
  const server = await startServer(t, echo);
  const secrets = await makeFolder(t, { key: `${secret}\n` });
  const jwt = { algorithms: ["HS256"], secret: "KEY", issuer: "https://issuer.test", clockTolerance: 0 };
  const limit = { rate: RATE, per: "hour", by: "attributes.user", onViolation: "reply" };
  return startGatewayProcess(t, {
    policies: { "worker.ts": "export const upgrade = ({ id }) => ({ responseHeaders: { 'x-id': id } });" },
    config: {
      workers: 2,
      secrets: { KEY: { file: join(secrets, "key") } },
      grants: { [JWT]: { secrets: ["KEY"] }, [RATE_LIMIT]: { kv: true } },
      routes: [
        {
          path: "/*",
          upstream: server.url,
          policies: [{ use: JWT, options: jwt }, { use: RATE_LIMIT, options: limit }, "worker"],
        },
      ],
    },
  });
}

async function connect(t: ExecutionContext, url: string, options: { readonly headers: object }) {
  const ws = new WebSocket(url, { ...options, headers: { ...options.headers } });
  t.teardown(() => ws.terminate());
  const peer = wrapWebSocket(ws);
  const [[response]] = await Promise.all([once(ws, "upgrade"), once(ws, "open")]);
  return { ...peer, worker: String(response.headers["x-id"]).split("-")[0] };
}
