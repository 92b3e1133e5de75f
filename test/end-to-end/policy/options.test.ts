import test from "ava";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, refusedUpgrade, startServer } from "../../support/peers/peers.ts";

const policy = (schema: string) => `
  export const optionsSchema = ${schema};
  export const client = ({ options }) => ({ reply: [options], drop: true });`;
const schema = `{ type: "object", properties: { rate: { type: "integer", default: 20 } }, additionalProperties: false }`;
const endless = '{ properties: { a: { pattern: "^(a+)+$", default: "a".repeat(40) + "!" } } }';

test("a policy reads its options with the schema's defaults", async (t) => {
  const server = await startServer(t);
  const { url } = await startGateway(t, {
    policies: { "limit.ts": policy(schema) },
    routes: [{ path: "/", upstream: server.url, policies: ["limit"] }],
  });
  const client = await connectClient(t, url);
  client.send("?");
  t.deepEqual(await client.nextJson(), { rate: 20 });
});

test("options that do not fit refuse connections until they do, and are in the log", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    policies: { "limit.ts": policy(schema), "slow.ts": policy(endless) },
    routes: [
      { path: "/", upstream: server.url, policies: [{ use: "limit", options: { rate: "fast" } }] },
      { path: "/slow", upstream: server.url, policies: ["slow"] },
    ],
  });
  t.is((await refusedUpgrade(gateway.url)).status, 503);
  const record = await gateway.logged(({ msg }) => msg.includes("option `rate`"));
  t.regex(
    record.msg,
    /route "\/", policy "limit": option `rate`: expected integer, got "fast"; its connections/,
  );
  const { msg } = await gateway.logged(({ msg }) => msg.includes('policy "slow"'));
  t.regex(msg, /its `optionsSchema` cannot be used: .* does not end within 3000 ms /);

  await gateway.write("limit.ts", policy(`{ properties: { rate: { type: "string" } } }`));
  await gateway.logged(({ msg }) => msg === "policy reloaded");
  await gateway.gateway.reload();
  const client = await connectClient(t, gateway.url);
  client.send("?");
  t.deepEqual(await client.nextJson(), { rate: "fast" });
});
