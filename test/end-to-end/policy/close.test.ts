import test, { type ExecutionContext } from "ava";
import type { LogRecord } from "../../support/gateways/gateway.ts";
import { listen, startPolicies } from "../../support/policies.ts";
import { type SharedSetup, sharePolicies } from "../../support/shared-policies.ts";

const policy = `
  export const upgrade = () => ({ attributes: { user: "eve" } });
  export const client = ({ content, session }) => {
    session.seen = (session.seen ?? 0) + 1;
    if (content.body === "bye") return { close: { code: 4000, reason: "by the policy", rule: "no-farewells" } };
    if (content.body === "throw") throw new Error("no");
  };
  export const close = ({ websock, session, options, log, kv, rates, secrets, duration, ...rest }) =>
    log.info("closed", JSON.stringify({ ...rest, duration: typeof duration, session, options,
      user: websock.context.attributes.user, id: websock.context.id }));`;

const policies = { "watch.ts": policy };
const options = { route: { policies: [{ use: "watch", options: { level: 1 } }] }, onConnection: listen };
const startShared = sharePolicies();
const start = (t: ExecutionContext) => startShared(t, policies, options);

async function closeRecord({ gateway }: Pick<SharedSetup, "gateway">): Promise<Record<string, unknown>> {
  const { msg, session }: LogRecord = await gateway.logged((record) => record.msg.startsWith("closed "));
  const { id, ...told } = JSON.parse(msg.slice("closed ".length));
  if (id !== session) throw new Error(`the line of session ${session} tells of session ${id}`);
  return told;
}

const common = { duration: "number", options: { level: 1 }, user: "eve" };

test("the close hook is told who closed, with what, and what was sent before", async (t) => {
  const setup = await start(t);
  const client = await setup.connect();
  const server = await setup.arrived();
  client.send("héllo");
  client.send("you");
  await server.take(2);
  server.ws.send(Uint8Array.of(1, 2, 3));
  await client.next();
  client.close(4321, "done");
  t.deepEqual(await closeRecord(setup), {
    initiator: "client",
    code: 4321,
    reason: "done",
    messages: { client: 2, server: 1 },
    bytes: { client: 9, server: 3 },
    session: { seen: 2 },
    ...common,
  });
});

const nothing = { messages: { client: 0, server: 0 }, bytes: { client: 0, server: 0 }, session: {} };

test("a server that closes without a code: 1005", async (t) => {
  const setup = await start(t);
  await setup.connect();
  (await setup.arrived()).ws.close();
  t.deepEqual(await closeRecord(setup), {
    initiator: "server",
    code: 1005,
    reason: "",
    ...nothing,
    ...common,
  });
});

test("a client that vanishes: 1006", async (t) => {
  const setup = await start(t);
  const client = await setup.connect();
  await setup.arrived();
  client.ws.terminate();
  t.deepEqual(await closeRecord(setup), {
    initiator: "client",
    code: 1006,
    reason: "",
    ...nothing,
    ...common,
  });
});

test("a policy that closes", async (t) => {
  const setup = await start(t);
  const client = await setup.connect();
  client.send("bye");
  t.deepEqual(await closeRecord(setup), {
    initiator: "policy",
    code: 4000,
    reason: "by the policy",
    messages: { client: 1, server: 0 },
    bytes: { client: 3, server: 0 },
    session: { seen: 1 },
    ...common,
  });
  const end = await setup.gateway.logged(({ msg }) => msg === "session ended");
  t.like(end, {
    ...{ initiator: "policy", cause: "policy", policy: "watch", rule: "no-farewells", code: 4000 },
    // The peers of these tests answer a Close with its code.
    codes: { client: { sent: 4000, got: 4000 }, server: { sent: 4000, got: 4000 } },
  });
  t.regex(String(end.version), /^[0-9a-f]{12}$/);
});

test("a policy that fails: the gateway closes", async (t) => {
  const setup = await start(t);
  const client = await setup.connect();
  client.send("throw");
  t.like(await closeRecord(setup), { initiator: "gateway", code: 1011, session: { seen: 1 } });
  const end = await setup.gateway.logged(({ msg }) => msg === "session ended");
  t.like(end, { cause: "policy-fault", policy: "watch", rule: "onError" });
  t.regex(String(end.version), /^[0-9a-f]{12}$/);
});

test("the gateway stops", async (t) => {
  const setup = await startPolicies(t, policies, options);
  const client = await setup.connect();
  await setup.arrived();
  await setup.gateway.stop();
  t.is((await client.closed).code, 1001);
  t.like(await closeRecord(setup), { initiator: "gateway", code: 1001 });
});
