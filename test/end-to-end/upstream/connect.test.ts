import test, { type ExecutionContext } from "ava";
import { resolveConfig } from "../../../core/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { at } from "../../support/at.ts";
import { startConfigured } from "../../support/gateways/configured-gateway.ts";
import { startGateway, type TestGatewayOptions } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade } from "../../support/peers/peers.ts";
import { startNumbered } from "../../support/servers/upstreams.ts";

/** A gateway whose policy connects to whatever the client asks for. */
function start(
  t: ExecutionContext,
  upstream: string,
  { config, route }: { config?: object; route?: object },
) {
  const options: TestGatewayOptions = {
    policies: { "steer.ts": "export const upgrade = ({ request }) => ({ connect: request.query.to });" },
    routes: [
      { path: "/configured", upstream },
      { path: "/*", upstream, policies: ["steer"], ...route },
    ],
    config: config ?? {},
  };
  return startGateway(t, options);
}

async function ask(t: ExecutionContext, url: string, to: string): Promise<string> {
  const client = await connectClient(t, `${url}/?to=${encodeURIComponent(to)}`);
  return String(await client.next());
}

test("a policy may not connect to a server that the config does not name", async (t) => {
  const [own, inside] = await startNumbered(t);
  const gateway = await start(t, own.url, {});
  const refused = await refusedUpgrade(`${gateway.url}/?to=${inside.url}`);
  t.is(refused.status, 500);
  t.false(refused.body.includes(String(inside.port)));
  t.is(inside.requests.length, 0);
  const record = await gateway.logged(({ msg }) => msg === "upgrade refused");
  t.is(record.code, "ERR_UPSTREAM_NOT_ALLOWED");
  t.is(
    record.detail,
    `a policy's connect leads to ${inside.url}, which is no configured upstream and matches nothing in \`connect.allow\` of the route /*: add it there if it is meant`,
  );
});

test("a configured server may be connected to, with any path", async (t) => {
  const [own, named] = await startNumbered(t);
  const gateway = await start(t, own.url, { config: { upstreams: { other: { url: named.url } } } });
  t.is(await ask(t, gateway.url, own.url.replace("http", "ws")), "0");
  t.is(await ask(t, gateway.url, `${named.url}/elsewhere`), "1");
  t.regex(at(named.requests, 0).url ?? "", /^\/elsewhere\?to=/);
});

test("connect.allow of the file, or of the route in its place", async (t) => {
  const [own, allowed] = await startNumbered(t);
  const allow = { allow: ["http://127.0.0.1:*"] };
  const byFile = await start(t, own.url, { config: { connect: allow } });
  t.is(await ask(t, byFile.url, allowed.url), "1");
  const byRoute = await start(t, own.url, { route: { connect: allow } });
  t.is(await ask(t, byRoute.url, allowed.url), "1");
  const neither = await start(t, own.url, { config: { connect: allow }, route: { connect: {} } });
  t.is((await refusedUpgrade(`${neither.url}/?to=${allowed.url}`)).status, 500);
});

test("a policy names an upstream, and gets its balancing", async (t) => {
  const [own, a, b] = await startNumbered(t);
  const gateway = await start(t, own.url, {
    config: { upstreams: { orders: { targets: [{ url: a.url }, { url: b.url }] } } },
  });
  t.deepEqual([await ask(t, gateway.url, "orders"), await ask(t, gateway.url, "orders")], ["1", "2"]);
  t.is((await refusedUpgrade(`${gateway.url}/?to=order`)).status, 500);
  const { detail } = await gateway.logged(({ code }) => code === "ERR_UPSTREAM_NOT_ALLOWED");
  t.is(detail, "a policy's connect is \"order\", and the config's `upstreams` has no such name");
});

test("what may be connected to follows a reload", async (t) => {
  const [own, a, b] = await startNumbered(t);
  const gateway = await start(t, own.url, { config: { upstreams: { orders: { url: a.url } } } });
  t.is(await ask(t, gateway.url, "orders"), "1");
  const { resolveConfig } = await import("../../../core/index.ts");
  await gateway.gateway.reload(
    resolveConfig(
      {
        listen: [{ port: 0 }],
        policies: gateway.dir,
        upstreams: { orders: { url: b.url } },
        routes: [{ path: "/*", upstream: own.url, policies: ["steer"] }],
      },
      { dir: "/" },
    ),
  );
  t.is(await ask(t, gateway.url, "orders"), "2");
  t.is((await refusedUpgrade(`${gateway.url}/?to=${a.url}`)).status, 500);
});

test("a server that stands in for all others, as with --echo, leaves the routes' own reachable", async (t) => {
  const [echo, own, inside] = await startNumbered(t);
  const steer = "export const upgrade = ({ request }) => ({ connect: request.query.to });";
  const dir = await makeFolder(t, { "policies/steer.ts": steer });
  const input = { routes: [{ path: "/*", upstream: own.url, policies: ["steer"] }] };
  const [port] = await startConfigured(t, resolveConfig(input, { dir, upstreamOverride: echo.url }));
  const url = `ws://127.0.0.1:${port}`;
  t.is(await ask(t, url, own.url), "1");
  t.is(await ask(t, url, echo.url), "0");
  t.is((await refusedUpgrade(`${url}/?to=${inside.url}`)).status, 500);
});
