import { request } from "node:http";
import test from "ava";
import { trafficPageSchema } from "../../../core/admin/api/api-schema.ts";
import type { RequestRecord } from "../../../core/traffic/records.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";
import { startHttp } from "../../support/servers/http-server.ts";

test("one line and one count for each plain request, proxied or refused", async (t) => {
  const { url } = await startHttp(t, (asked, response) => {
    response.statusCode = asked.url?.startsWith("/none") ? 404 : 200;
    response.setHeader("X-Server", "token=hunter2");
    response.end();
  });
  const gateway = await startGateway(t, {
    config: { console: { port: 0, token: false } },
    routes: [
      {
        path: "/*",
        name: "app",
        upstream: url,
        http: "proxy",
        origins: ["https://app.example"],
        recording: true,
        headers: { request: { set: { "X-Gateway": "here" } }, response: { remove: ["x-server"] } },
      },
      { path: "/socket", upstream: url, recording: true },
      { path: "/unseen", upstream: url, http: "proxy" },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  await fetch(`${base}/a?token=secret`, { method: "POST", body: "x" });
  await fetch(`${base}/none`);
  await fetch(base, { headers: { origin: "https://evil.example" } });

  const proxied = await gateway.logged(({ msg, path }) => msg === "request proxied" && path === "/a");
  t.like(proxied, { level: "info", route: "app", method: "POST", status: 200, complete: true });
  t.is(proxied.server, `${url.replace("http", "ws")}/a`);
  t.regex(String(proxied.client), /^127\.0\.0\.1:\d+$/);
  t.false("requestId" in proxied);
  t.like(await gateway.logged(({ path }) => path === "/none"), { msg: "request proxied", status: 404 });
  const refused = await gateway.logged(({ msg }) => msg === "request refused");
  t.like(refused, { level: "info", route: "app", method: "GET", status: 403, code: "ERR_ORIGIN" });
  t.false(JSON.stringify(gateway.log).includes("secret"));

  await fetch(`${base}/socket`, { headers: { authorization: "Bearer hunter2" } });
  await fetch(`${base}/unseen`);
  await gateway.logged(({ path }) => path === "/unseen");
  const { console: address } = gateway.gateway.addresses;
  const recorded = await eventually("all are recorded", async () => {
    const asked = await fetch(`http://127.0.0.1:${address!.port}/api/v1/traffic?kind=request`);
    const { records } = trafficPageSchema.parse(await asked.json());
    const requests = records.filter((record) => record.kind === "request");
    return requests.length === 4 && requests.toReversed();
  });
  t.like(recorded, [
    {
      ...{
        method: "POST",
        path: "/a?token=[redacted]",
        status: 200,
        code: "",
        route: "app",
        isComplete: true,
      },
      ...{ requestBytes: 1, responseBytes: 0, server: proxied.server, client: proxied.client },
    },
    { path: "/none", status: 404, code: "" },
    { path: "/", status: 403, code: "ERR_ORIGIN", server: "" },
    { method: "GET", path: "/socket", status: 426, code: "", route: "/socket", server: "" },
  ]);
  const [first, second] = recorded as [RequestRecord, RequestRecord];
  t.true(first.serverRequest?.some(([name]) => name.toLowerCase() === "x-gateway"));
  t.false(first.request.some(([name]) => name.toLowerCase() === "x-gateway"));
  t.is(second.serverResponse?.status, 404);
  t.true(second.serverResponse?.headers.some(([name]) => name === "X-Server"));
  t.false(second.response.some(([name]) => name.toLowerCase() === "x-server"));
  t.is(recorded[3]!.serverRequest, null);
  const phases = ["admit", "dial", "request", "server", "answer"];
  t.deepEqual(
    first.phases.map(({ phase }) => phase),
    phases,
  );
  t.is(first.phases[1]!.server, new URL(url).host);
  t.like(
    second.phases.find(({ phase }) => phase === "dial"),
    { isKept: true },
  );
  for (const { phases, durationMs } of recorded) {
    for (const [index, { afterMs, durationMs: took }] of phases.entries()) {
      const next = phases[index + 1]?.afterMs ?? durationMs;
      t.true(took >= 0 && afterMs + took <= next + 1e-6, JSON.stringify(phases));
    }
  }
  t.deepEqual(
    recorded[2]!.phases.map(({ phase }) => phase),
    ["admit"],
  );
  t.true(recorded[3]!.request.some(([name]) => name.toLowerCase() === "authorization"));
  t.false(JSON.stringify(recorded).includes("hunter2"));
  t.true(recorded[3]!.response.some(([name, value]) => name === "Upgrade" && value === "websocket"));
  t.is(recorded[3]!.responseBytes, Buffer.byteLength("426 Upgrade Required: this path speaks WebSocket\n"));
  t.is(recorded[0]!.session, String(proxied.id));
  const { port } = gateway.gateway.addresses.console!;
  const explained = await fetch(`http://127.0.0.1:${port}/api/v1/sessions/${proxied.id}/explain`);
  t.is(explained.status, 404);
  t.regex(await explained.text(), /is a plain HTTP request and no session/);
  const metrics = await (await fetch(`http://127.0.0.1:${address!.port}/metrics`)).text();
  t.true(metrics.includes('framegate_http_requests_total{route="app",status="2xx"} 1'), metrics);
  t.true(metrics.includes('framegate_http_requests_total{route="app",status="4xx"} 2'), metrics);
  t.false(metrics.includes("framegate_upgrades_total{"));
});

test("what a client that gives up has got is logged and recorded as that; a HEAD gets no bytes", async (t) => {
  const asked = Promise.withResolvers<void>();
  const { url } = await startHttp(t, (request, response) => {
    if (request.url === "/begun") response.write("begun");
    else asked.resolve();
  });
  const gateway = await startGateway(t, {
    config: { console: { port: 0, token: false } },
    routes: [
      { path: "/*", upstream: url, http: "proxy", recording: true },
      { path: "/socket", upstream: url, recording: true },
    ],
  });
  const base = `http://127.0.0.1:${gateway.port}`;
  const begun = request(`${base}/begun`, (answer) => answer.once("data", () => begun.destroy()));
  const never = request(`${base}/never`);
  for (const each of [begun, never]) each.on("error", () => {}).end();
  await asked.promise;
  never.destroy();
  await fetch(`${base}/socket`, { method: "HEAD" });
  t.like(await gateway.logged(({ msg }) => msg === "request proxied"), { status: 200, complete: false });
  t.like(await gateway.logged(({ msg }) => msg === "request refused"), { status: 499 });

  const { port } = gateway.gateway.addresses.console!;
  const recorded = await eventually("all are recorded", async () => {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/traffic?kind=request`);
    const { records } = trafficPageSchema.parse(await answer.json());
    const requests = records.filter((record) => record.kind === "request");
    return requests.length === 3 && new Map(requests.map((each) => [each.path, each]));
  });
  t.like(recorded.get("/begun"), { status: 200, isComplete: false, responseBytes: 5 });
  t.like(recorded.get("/never"), {
    ...{ status: 499, code: "ERR_UPSTREAM_ABORTED", isComplete: false, responseBytes: 0 },
  });
  t.like(recorded.get("/socket"), { method: "HEAD", status: 426, isComplete: true, responseBytes: 0 });
});

test("the log has the id that the server knows the request by", async (t) => {
  const plain = await startHttp(t, (_, response) => void response.end());
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: { "no.ts": "export const upgrade = () => ({ reject: { status: 403 } });" },
    routes: [
      { path: "/plain", upstream: plain.url, http: "proxy", requestId: { trust: true } },
      { path: "/ws", upstream: server.url, requestId: { trust: true } },
      { path: "/strange", upstream: server.url, requestId: {} },
      { path: "/no", upstream: server.url, http: "proxy", requestId: { trust: true }, policies: ["no"] },
    ],
  });
  const headers = { "x-request-id": "of-the-client" };
  const base = `http://127.0.0.1:${gateway.port}`;
  await fetch(`${base}/plain`, { headers });
  await fetch(`${base}/no`, { headers });
  await refusedUpgrade(`${gateway.url}/no`, { headers });
  await connectClient(t, `${gateway.url}/ws`, { headers });
  await connectClient(t, `${gateway.url}/strange`, { headers });

  const line = (msg: string, path: string) =>
    gateway.logged((record) => record.msg === msg && record.path === path);
  t.like(await line("request proxied", "/plain"), { requestId: "of-the-client" });
  t.like(await line("request refused", "/no"), { requestId: "of-the-client" });
  t.like(await line("upgrade refused", "/no"), { requestId: "of-the-client" });
  t.like(await line("session started", "/ws"), { requestId: "of-the-client" });
  const strange = await line("session started", "/strange");
  t.is(strange.requestId, strange.id);
  t.is(server.requests.at(-1)!.headers["x-request-id"], strange.id as string);
});
