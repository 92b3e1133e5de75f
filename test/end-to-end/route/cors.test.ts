import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";

const origin = "https://app.example";

test("preflights and answers: a profile shared by routes, overridden by one, on 426 and on proxied answers", async (t) => {
  const server = createServer((_, response) => {
    response.setHeader("Access-Control-Allow-Origin", "https://of.the.server");
    response.end("hello");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => server.close());
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = await startGateway(t, {
    config: {
      corsProfiles: { web: { origins: [origin], credentials: true, exposedHeaders: ["x-a"], maxAge: "10m" } },
    },
    routes: [
      { path: "/refused", upstream, cors: "web" },
      {
        path: "/proxied",
        upstream,
        http: "proxy",
        cors: { profile: "web", methods: ["PUT"], allowedHeaders: ["X-B"] },
      },
      { path: "/any", upstream, http: "proxy", origins: ["*"], cors: {} },
    ],
  });
  const ask = (path: string, headers: Record<string, string>, method = "GET") =>
    fetch(`http://127.0.0.1:${gateway.port}${path}`, {
      method,
      headers: headers,
    });
  const preflight = (path: string, from = origin) =>
    ask(
      path,
      { origin: from, "access-control-request-method": "PUT", "access-control-request-headers": "x-asked" },
      "OPTIONS",
    );

  const shared = await preflight("/refused");
  t.is(shared.status, 204);
  t.is(shared.headers.get("access-control-allow-origin"), origin);
  t.is(shared.headers.get("access-control-allow-credentials"), "true");
  t.is(shared.headers.get("access-control-allow-methods"), "GET, HEAD, POST");
  t.is(shared.headers.get("access-control-allow-headers"), "x-asked");
  t.is(shared.headers.get("access-control-max-age"), "600");
  t.is(shared.headers.get("vary"), "Origin");

  const overridden = await preflight("/proxied");
  t.is(overridden.headers.get("access-control-allow-methods"), "PUT");
  t.is(overridden.headers.get("access-control-allow-headers"), "x-b");
  t.is(
    (await preflight("/proxied", "https://evil.example")).headers.get("access-control-allow-origin"),
    null,
  );

  const refused = await ask("/refused", { origin });
  t.is(refused.status, 426);
  t.is(refused.headers.get("access-control-allow-origin"), origin);
  const proxied = await ask("/proxied", { origin });
  t.is(await proxied.text(), "hello");
  t.is(proxied.headers.get("access-control-allow-origin"), origin);
  t.is(proxied.headers.get("access-control-expose-headers"), "x-a");
  t.is((await ask("/any", { origin })).headers.get("access-control-allow-origin"), "*");
});

test('"same" is the host and the scheme that a trusted proxy tells of, and of nobody else', async (t) => {
  const route = { path: "/*", upstream: "http://127.0.0.1:1", cors: { origins: ["same"] } };
  const told = { "x-forwarded-host": "app.example", "x-forwarded-proto": "https" };
  const allowed = async (trustedProxies: readonly string[], from: string): Promise<string | null> => {
    const gateway = await startGateway(t, { config: { trustedProxies }, routes: [route] });
    const response = await fetch(`http://127.0.0.1:${gateway.port}/`, { headers: { ...told, origin: from } });
    t.is(response.status, 426);
    return response.headers.get("access-control-allow-origin");
  };
  t.is(await allowed(["127.0.0.1"], origin), origin);
  t.is(await allowed(["127.0.0.1"], "http://app.example"), null);
  t.is(await allowed(["10.0.0.1"], origin), null);
});
