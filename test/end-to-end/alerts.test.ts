import { createHmac } from "node:crypto";
import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { startReceiver } from "../alerts/receiver.ts";
import { eventually } from "../support/eventually.ts";
import { startGateway } from "../support/gateways/gateway.ts";
import { readMetric } from "../support/metrics.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

const SECRET = "hunter2-of-the-alerts";

test("what goes wrong, and what policies say, goes to those whom the config names, signed and without secrets", async (t) => {
  process.env.FRAMEGATE_TEST_ALERTS = SECRET;
  t.teardown(() => {
    delete process.env.FRAMEGATE_TEST_ALERTS;
  });
  const [receiver, few, server] = await Promise.all([startReceiver(t), startReceiver(t), startServer(t)]);
  const routes = [{ path: "/*", upstream: server.url, policies: ["guard"] }];
  const settings = {
    secrets: { SIGN: { env: "FRAMEGATE_TEST_ALERTS" } },
    grants: { guard: { alert: true } },
    alerts: [
      { webhook: receiver.url, secret: "SIGN", every: "1h" },
      { webhook: few.url, events: ["policy.rejected" as const] },
    ],
  };
  const gateway = await startGateway(t, {
    policies: {
      "guard.ts": `export const client = async ({ content, alert, websock }) => {
        if (content.body === "fail") throw new Error("broken on purpose");
        try { await alert("brute-force", { session: websock.context.id, password: "pw", text: "it is ${SECRET}" }); }
        catch (error) { return { drop: true, reply: [[error.message]] }; }
        return { drop: true, reply: [["raised"]] };
      };`,
    },
    routes,
    config: { ...settings, console: { port: 0, token: false } },
  });
  const client = await connectClient(t, gateway.url);
  const ask = async (): Promise<unknown> => {
    client.send("{}");
    return JSON.parse(String(await client.next()))[0];
  };
  const reload = (changes: object) =>
    gateway.gateway.reload({
      ...resolveConfig(
        {
          ...{ listen: [{ host: "127.0.0.1", port: 0 }], policies: gateway.dir, routes, ...settings },
          ...changes,
        },
        { dir: "/" },
      ),
      policiesDir: gateway.dir,
    });

  t.like((await receiver.next(({ alert }) => alert.event === "gateway.ready")).alert, { severity: "info" });
  for (let n = 0; n < 3; n++) t.is(await ask(), "raised");
  const raised = await receiver.next(({ alert }) => alert.event === "policy.alert");
  const { alert, headers, text } = raised;
  t.like(alert, {
    ...{ version: 1, severity: "warning", count: 1, summary: 'policy "guard": brute-force' },
    subject: { policy: "guard", name: "brute-force" },
    details: { password: "[redacted]", text: "it is [redacted]" },
  });
  t.regex(String((alert.details as { session: unknown }).session), /^[0-9a-f]{10}-/);
  t.is(headers["webhook-id"], alert.id as string);
  t.is(
    headers["webhook-signature"],
    `v1,${createHmac("sha256", SECRET).update(`${alert.id}.${headers["webhook-timestamp"]}.${text}`).digest("base64")}`,
  );
  t.notRegex(JSON.stringify(gateway.log), new RegExp(SECRET));

  client.send("fail");
  const failed = await receiver.next(({ alert }) => alert.event === "policy.failed");
  t.like(failed.alert, {
    severity: "error",
    subject: { policy: "guard", hook: "client", reason: "throw" },
  });
  t.regex(String(failed.alert.summary), /broken on purpose/);

  await gateway.write("guard.ts", "export const client = (");
  t.like((await few.next()).alert, { event: "policy.rejected", subject: { policy: "guard" } });
  t.is(few.requests.length, 1);
  // Of the three equal ones two wait.
  t.is(receiver.requests.filter(({ alert }) => alert.event === "policy.alert").length, 1);

  // One that is no more sends what waits; the grant goes with the config, too.
  await reload({ alerts: [], grants: {} });
  const again = await receiver.next(({ alert }) => alert.event === "policy.alert" && alert.count === 2);
  t.true(Date.parse(String(again.alert.since)) >= Date.parse(String(alert.time)));
  const second = await connectClient(t, gateway.url);
  second.send("{}");
  t.regex(
    String(await second.next()),
    /alert is not granted: add grants: \{ \\"guard\\": \{ alert: true \} \} to the config/,
  );
  const counts = await eventually("all are counted", async () => {
    const samples = await readMetric(gateway, "framegate_alerts_total");
    return samples.includes(`{outcome="sent"} ${receiver.requests.length + few.requests.length}`) && samples;
  });
  t.true(counts.includes('{outcome="dropped"} 0'), counts.join());
});
