import type { IncomingMessage } from "node:http";
import test from "ava";
import type { RouteInput } from "../../../core/index.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { ask, upgradeHead } from "../../support/peers/http.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";
import { connectRaw } from "../../support/peers/raw-client.ts";
import { startUpgradeServer } from "../../support/servers/upgrade-server.ts";

/** What is written with a placeholder, `{}`, in a config file. */
const filled = (text: string) => text.replace(/\{/g, "$" + "{");

interface Heads {
  readonly request: IncomingMessage;
  /** The head of the 101. */
  readonly head: string;
}

/** One upgrade through a route with these options, with these headers of the client's and the server's. */
async function exchange(
  t: Parameters<typeof startGateway>[0] & Parameters<typeof connectRaw>[0],
  route: Partial<RouteInput>,
  {
    path = "/rooms/a%0d%0ab",
    sent = [],
    answered = [],
    trustedProxies,
  }: {
    path?: string;
    sent?: readonly string[];
    answered?: readonly string[];
    trustedProxies?: readonly string[];
  } = {},
): Promise<Heads & { id: unknown; client: unknown }> {
  const server = await startUpgradeServer(t);
  const gateway = await startGateway(t, {
    policies: {
      "echo.ts": `export const upgrade = ({ client }) => ({ headers: { "x-seen": client.address } });`,
    },
    routes: [{ path: "/rooms/:room", upstream: server.url, policies: ["echo"], ...route }],
    config: trustedProxies === undefined ? {} : { trustedProxies },
  });
  const accepted = server.upgrade(path).then((upgrade) => {
    upgrade.acceptRaw({ headers: answered });
    return upgrade.request;
  });
  const { head } = await connectRaw(t, gateway.port, path, sent);
  const { id, client } = await gateway.logged(({ msg }) => msg === "session started");
  return { request: await accepted, head, id, client };
}

test("headers are set, added and removed both ways, with placeholders filled in safely", async (t) => {
  const { request, head, id } = await exchange(
    t,
    {
      headers: {
        request: {
          set: { "X-Room": filled("{params.room}"), "X-Set": filled("{id} {client.address}") },
          add: { "X-More": "two" },
          remove: ["Cookie"],
        },
        response: { set: { "X-Frame": "deny" }, remove: ["Server"] },
      },
    },
    {
      sent: ["X-Set: mine", "X-More: one", "Cookie: a=1"],
      answered: ["Server: secret/1.0", "X-Frame: allow"],
    },
  );
  t.is(request.headers["x-room"], "a%0D%0Ab");
  t.is(request.headers["x-set"], `${String(id)} 127.0.0.1`);
  t.is(request.headers["x-more"], "one, two");
  t.is(request.headers.cookie, undefined);
  t.regex(head, /^x-frame: deny\r?$/im);
  t.notRegex(head, /allow|secret/);
});

test("a server that compares Origin with Host takes the pages that its own name serves, and no others", async (t) => {
  const server = await startServer(t, echo, {
    verifyClient: ({ origin, req }: { origin: string; req: IncomingMessage }) =>
      new URL(origin).host === req.headers.host,
  });
  const gateway = await startGateway(t, { routes: [{ path: "/*", upstream: server.url, origins: ["*"] }] });
  const pageOf = (host: string) =>
    connectClient(t, gateway.url, { headers: { host: "app.test", origin: `http://${host}` } });
  const client = await pageOf("app.test");
  client.send("hello");
  t.is(await client.next(), "hello");
  await t.throwsAsync(pageOf("evil.test"), { message: /401/ });
});

test("the Host header, and how the server learns of the client, can be chosen", async (t) => {
  const own = await exchange(t, { hostHeader: "client", forwarded: ["forwarded"] });
  t.is(own.request.headers.host, "test");
  t.is(own.request.headers.forwarded, "for=127.0.0.1;host=test;proto=ws");
  t.is(own.request.headers["x-forwarded-for"], undefined);

  const literal = await exchange(
    t,
    { hostHeader: "app.internal:81", forwarded: [] },
    { sent: ["X-Forwarded-For: 6.6.6.6"] },
  );
  t.is(literal.request.headers.host, "app.internal:81");
  t.is(literal.request.headers["x-forwarded-for"], undefined);
});

test("of a trusted proxy the client's address is taken, for policies, log and server", async (t) => {
  const sent = ["X-Forwarded-For: 6.6.6.6, 203.0.113.7", "X-Forwarded-Proto: https"];
  const { request, client } = await exchange(t, {}, { sent, trustedProxies: ["127.0.0.0/8"] });
  t.is(request.headers["x-seen"], "203.0.113.7");
  t.is(request.headers["x-forwarded-for"], "6.6.6.6, 203.0.113.7, 127.0.0.1");
  t.is(request.headers["x-forwarded-proto"], "https");
  t.is(client, "203.0.113.7:0");
});

test("of anybody else forwarded headers are replaced", async (t) => {
  const sent = ["X-Forwarded-For: 6.6.6.6", "Forwarded: for=6.6.6.6", "X-Forwarded-Proto: https"];
  const { request } = await exchange(t, {}, { sent, trustedProxies: ["10.0.0.0/8"] });
  t.is(request.headers["x-seen"], "127.0.0.1");
  t.is(request.headers["x-forwarded-for"], "127.0.0.1");
  t.is(request.headers["x-forwarded-proto"], "ws");
  t.is(request.headers.forwarded, undefined);
});

test("the request's id goes to the server and back; a client's own only where it is trusted", async (t) => {
  const sent = ["X-Request-Id: mine"];
  const own = await exchange(t, { requestId: {} }, { sent, answered: ["X-Request-Id: of the server"] });
  t.is(own.request.headers["x-request-id"], own.id as string);
  t.deepEqual(
    own.head.match(/^x-request-id: .*$/gim)?.map((line) => line.trim()),
    [`x-request-id: ${String(own.id)}`],
  );

  const trusted = await exchange(t, { requestId: { trust: true } }, { sent });
  t.is(trusted.request.headers["x-request-id"], "mine");
  t.regex(trusted.head, /^x-request-id: mine\r?$/im);
});

test("a refusal has the request's id too", async (t) => {
  const gateway = await startGateway(t, {
    routes: [
      { path: "/*", upstream: "http://127.0.0.1:1", requestId: { header: "x-trace" }, enabled: false },
    ],
  });
  const { status, headers } = await ask(t, gateway.port, upgradeHead("/"));
  t.is(status, 404);
  t.is(headers.get("x-trace"), (await gateway.logged(({ msg }) => msg === "upgrade refused")).id as string);
});
