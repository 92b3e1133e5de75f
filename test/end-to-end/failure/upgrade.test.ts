import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";
import { counter, startFlow } from "../../support/peers/flow.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";
import { startPolicies } from "../../support/policies.ts";

const failing = `${counter}
  export const client = count;
  export const upgrade = async ({ request }) => {
    switch (request.query.how) {
      case "throw": throw new Error("secret detail");
      case "later": await null; throw new Error("secret detail");
      case "loop": for (;;);
      case "never": return new Promise(() => {});
      case "verdict": return { welcome: "secret detail" };
    }
  };`;

test("an upgrade hook that fails, however: 500 with nothing but a status and an id, open connections go on", async (t) => {
  const { connect, gateway, server } = await startPolicies(
    t,
    { "fail.ts": failing },
    { config: { sandbox: { warmSpare: false, asyncTimeout: "300ms", silence: "10s" } } },
  );
  const flow = startFlow(await connect());
  const reasons: Readonly<Record<string, string>> = {
    throw: "throw",
    later: "throw",
    loop: "timeout",
    never: "timeout",
    verdict: "verdict",
  };
  for (const [how, reason] of Object.entries(reasons)) {
    const { status, body, headers } = await refusedUpgrade(`${gateway.url}/?how=${how}`);
    t.is(status, 500, how);
    const [, id] = /^500 Internal Server Error\nid: (\S+)\n$/.exec(body) ?? [];
    t.truthy(id, body);
    t.deepEqual(Object.keys(headers).sort(), ["connection", "content-length", "content-type"]);
    const fault = await gateway.logged((record) => record.session === id && record.hook === "upgrade");
    t.like(fault, { policy: "fail", reason }, how);
    t.like(await gateway.logged((record) => record.id === id), { status: 500, code: "ERR_POLICY_FAULT" });
  }
  await flow.progress(10);
  await flow.finish();
  t.is(server.requests.length, 1);
});

test('only onError "pass" lets a connection in whose upgrade hook failed', async (t) => {
  for (const [onError, isLetIn] of [
    ["drop", false],
    ["pass", true],
  ] as const) {
    const { connect } = await startPolicies(t, { "fail.ts": failing }, { route: { onError } });
    const connected = connect("/?how=throw").then(
      () => true,
      () => false,
    );
    t.is(await connected, isLetIn, onError);
  }
});

test("a policy of which no version ever loaded: its routes refuse with 503, others are served, until it is mended", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: {
      "broken.ts": "export const upgrade = (;",
      "count.ts": `${counter}\nexport const client = count;`,
    },
    routes: [
      { path: "/broken", upstream: server.url, policies: ["count", "broken"] },
      { path: "/drop", upstream: server.url, policies: ["broken"], onError: "drop" },
      { path: "/count", upstream: server.url, policies: ["count"] },
    ],
  });
  for (const path of ["/broken", "/drop"]) {
    const { status, body } = await refusedUpgrade(gateway.url + path);
    t.is(status, 503);
    t.regex(body, /^503 Service Unavailable\nid: \S+\n$/);
  }
  const flow = startFlow(await connectClient(t, `${gateway.url}/count`));
  await flow.progress(10);
  t.is(server.requests.length, 1);

  await gateway.write("broken.ts", "export const upgrade = () => ({ headers: { 'x-mended': 'yes' } });");
  await gateway.logged(({ msg, policy }) => msg === "policy loaded" && policy === "broken");
  await gateway.gateway.reload();
  const mended = startFlow(await connectClient(t, `${gateway.url}/broken`));
  await mended.progress(10);
  t.is(server.requests[1]?.headers["x-mended"], "yes");
  await Promise.all([flow.finish(), mended.finish()]);
});
