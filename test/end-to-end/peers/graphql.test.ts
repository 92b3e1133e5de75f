import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { buildSchema, subscribe, validate } from "graphql";
import { type Client, createClient } from "graphql-ws";
import { useServer } from "graphql-ws/use/ws";
import { WebSocket } from "ws";
import { loadPolicy } from "../../../testing/index.ts";
import { makeFolder } from "../../config/folder.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { startServer, type TestServer } from "../../support/peers/peers.ts";

const schema = buildSchema(`
  type Query { hello(name: String): String }
  type Subscription { countdown(from: Int!): Int }
`);
const roots = {
  query: { hello: ({ name }: { name?: string }) => `hello ${name ?? "you"}` },
  subscription: {
    async *countdown({ from }: { from: number }) {
      for (let countdown = from; countdown > 0; countdown--) yield { countdown };
    },
  },
};

/** Only for those who say who they are; each result is told to whom it goes. */
const policy = `
  export const upgrade = ({ request }) =>
    request.query.user ? { attributes: { user: request.query.user } } : { reject: { status: 401 } };
  export const server = ({ content, websock }) => {
    const message = content.json();
    if (message.type !== "next") return;
    const extensions = { ...message.payload.extensions, user: websock.context.attributes.user };
    return { content: { body: { ...message, payload: { ...message.payload, extensions } } } };
  };`;

async function start(t: ExecutionContext): Promise<{ gateway: TestGateway; server: TestServer }> {
  const server = await startServer(t, () => {});
  const served = useServer({ schema, roots, validate, subscribe }, server.wss);
  t.teardown(() => served.dispose());
  const gateway = await startGateway(t, {
    policies: { "who.ts": policy },
    routes: [{ path: "/graphql", upstream: server.url, policies: ["who"] }],
  });
  return { gateway, server };
}

function connect(t: ExecutionContext, { url }: TestGateway, user: string): Client {
  const client = createClient({
    url: `${url}/graphql?user=${user}`,
    webSocketImpl: WebSocket,
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
  });
  t.teardown(() => client.dispose());
  return client;
}

async function collect<T>(results: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const result of results) all.push(result);
  return all;
}

/** What the library throws is no Error. */
function failureOf(results: AsyncIterable<unknown>): Promise<unknown> {
  return collect(results).then(
    () => undefined,
    (failure: unknown) => failure,
  );
}

test("a subscription over graphql-transport-ws, a field added to each result by a policy", async (t) => {
  const { gateway, server } = await start(t);
  const results = connect(t, gateway, "eve").iterate({ query: "subscription { countdown(from: 3) }" });
  t.deepEqual(await collect(results), [
    { data: { countdown: 3 }, extensions: { user: "eve" } },
    { data: { countdown: 2 }, extensions: { user: "eve" } },
    { data: { countdown: 1 }, extensions: { user: "eve" } },
  ]);
  t.is(server.requests[0]?.headers["sec-websocket-protocol"], "graphql-transport-ws");
  const { subprotocol } = await gateway.logged(({ msg }) => msg === "session started");
  t.is(subprotocol, "graphql-transport-ws");
});

test("queries and subscriptions of several connections at a time, each with its own user", async (t) => {
  const { gateway } = await start(t);
  const users = ["ann", "bob", "cyd"];
  const answers = await Promise.all(
    users.map(async (user) => {
      const client = connect(t, gateway, user);
      const counting = collect(client.iterate({ query: "subscription { countdown(from: 50) }" }));
      const { value } = await client
        .iterate({ query: "query ($name: String) { hello(name: $name) }", variables: { name: user } })
        .next();
      return { value, counts: await counting };
    }),
  );
  for (const [index, user] of users.entries()) {
    t.deepEqual(answers[index]?.value, { data: { hello: `hello ${user}` }, extensions: { user } });
    t.deepEqual(
      answers[index]?.counts,
      Array.from({ length: 50 }, (_, step) => ({ data: { countdown: 50 - step }, extensions: { user } })),
    );
  }
});

test("a close of the server's own with its code and reason, and a refusal, arrive", async (t) => {
  const { gateway } = await start(t);
  const bare = new WebSocket(`${gateway.url}/graphql?user=eve`, "graphql-transport-ws");
  bare.once("open", () => bare.send('{"type":"subscribe","id":"1","payload":{"query":"{ hello }"}}'));
  const closed = await new Promise((resolve) =>
    bare.once("close", (code, reason) => resolve({ code, reason: String(reason) })),
  );
  t.deepEqual(closed, { code: 4401, reason: "Unauthorized" });

  const refused = new WebSocket(`${gateway.url}/graphql`, "graphql-transport-ws");
  refused.on("error", () => {});
  const status = await new Promise((resolve) =>
    refused.once("unexpected-response", (_request, response) => resolve(response.statusCode)),
  );
  t.is(status, 401);
});

/** Reads of a policy with the lens: who subscribes is told to the server, what is secret stays here, and so on. */
const lens = `
  import { graphqlWs } from "framegate/lenses";

  export default graphqlWs({
    connectionInit: ({ payload }) =>
      payload?.token === "t1" ? { content: { body: { type: "connection_init", payload: { user: "eve" } } } }
        : { close: { code: 4403, reason: "Forbidden" } },
    subscribe({ id, payload }) {
      if (payload.query.includes("__schema"))
        return { drop: true, reply: [{ id, type: "error", payload: [{ message: "no introspection" }] }] };
      if (payload.operationName === "Greeting")
        return { content: { body: { id, type: "subscribe", payload: { ...payload, variables: { name: "gateway" } } } } };
    },
    async next({ id, payload }) {
      if (payload.data?.countdown === 2) return { drop: true };
      if (payload.data?.countdown === 1)
        return { append: [{ id, type: "next", payload: { data: { countdown: 0 } } }] };
    },
  });`;

test("a lens: packets of each kind are refused, changed, answered, left out and added to", async (t) => {
  const server = await startServer(t, () => {});
  const inits: unknown[] = [];
  const served = useServer(
    {
      schema,
      roots,
      validate,
      subscribe,
      onConnect: ({ connectionParams }) => void inits.push(connectionParams),
    },
    server.wss,
  );
  t.teardown(() => served.dispose());
  const gateway = await startGateway(t, {
    policies: { "lens.ts": lens },
    routes: [{ path: "/graphql", upstream: server.url, policies: ["lens"] }],
  });
  const connectAs = (token: string) =>
    createClient({
      url: `${gateway.url}/graphql`,
      webSocketImpl: WebSocket,
      retryAttempts: 0,
      connectionParams: { token },
    });
  const client = connectAs("t1");
  t.teardown(() => client.dispose());
  const counts = await collect(client.iterate({ query: "subscription { countdown(from: 3) }" }));
  t.deepEqual(
    counts.map(({ data }) => data),
    [{ countdown: 3 }, { countdown: 1 }, { countdown: 0 }],
  );
  t.deepEqual(inits, [{ user: "eve" }]);
  const query = "query Greeting($name: String) { hello(name: $name) }";
  t.deepEqual(await collect(client.iterate({ query, operationName: "Greeting" })), [
    { data: { hello: "hello gateway" } },
  ]);
  const failure = await failureOf(client.iterate({ query: "{ __schema { types { name } } }" }));
  t.deepEqual(failure, [{ message: "no introspection" }]);

  const stranger = connectAs("t2");
  const refused = await failureOf(stranger.iterate({ query: "{ hello }" }));
  t.like(refused as object, { code: 4403, reason: "Forbidden" });

  const endOf = (protocol: string | undefined, message: string | Uint8Array) => {
    const bare = new WebSocket(`${gateway.url}/graphql`, protocol);
    bare.on("error", () => {});
    bare.once("open", () => bare.send(message));
    return new Promise((resolve) => {
      bare.once("unexpected-response", (_request, response) => resolve(response.statusCode));
      bare.once("close", (code) => resolve(code));
    });
  };
  t.is(await endOf(undefined, "{}"), 400, "the subprotocol is not offered");
  t.is(await endOf("graphql-ws", "{}"), 400, "another one");
  const subscribing = '"id":"1","payload":{"query":"{ hello }"}';
  for (const foreign of [
    "hello",
    "[]",
    '{"type":"next","id":"1","payload":{}}',
    '{"type":"subscribe","id":"1"}',
    `{"type":"ping","Type":"subscribe",${subscribing}}`,
    new TextEncoder().encode(`{"type":"subscribe",${subscribing}}`),
  ])
    t.is(await endOf("graphql-transport-ws", foreign), 4400, String(foreign));
});

test("a lens: no hook where nothing is handled, and none is called for what passes anyway", async (t) => {
  const server = await startServer(t, () => {});
  const served = useServer({ schema, roots, validate, subscribe }, server.wss);
  t.teardown(() => served.dispose());
  const gateway = await startGateway(t, {
    policies: {
      "lens.ts": `
        import { graphqlWs } from "framegate/lenses";
        export default graphqlWs({ next: ({ id }) => ({ content: { body: { type: "next", id, payload: { data: { seen: true } } } } }) }, { foreign: "pass" });`,
    },
    routes: [{ path: "/graphql", upstream: server.url, policies: ["lens"] }],
    config: { console: { port: 0, token: false } },
  });
  const results = connect(t, gateway, "eve").iterate({ query: "subscription { countdown(from: 2) }" });
  t.deepEqual(await collect(results), [{ data: { seen: true } }, { data: { seen: true } }]);
  // Of the server's four messages two are for the hook, and of the client's none.
  t.deepEqual(await readMetric(gateway, "framegate_policy_skipped_total"), [
    '{route="/graphql",policy="lens",hook="server"} 2',
    '{route="/graphql",policy="lens",hook="upgrade"} 0',
  ]);
  const calls = await readMetric(gateway, "framegate_policy_calls_total");
  t.deepEqual(
    calls.map((sample) => /hook="(\w+)"\} (\d+)$/.exec(sample)?.slice(1)),
    [
      ["server", "2"],
      ["upgrade", "1"],
    ],
  );
});

test("a lens: what is foreign is left out, or passes, where its options say so", async (t) => {
  const load = async (options: string, handlers = "subscribe() {}") => {
    const source = `import { graphqlWs } from "framegate/lenses"; export default graphqlWs({ ${handlers} }, ${options});`;
    return loadPolicy(join(await makeFolder(t, { "lens.ts": source }), "lens.ts"));
  };
  const said = async (options: string) => {
    const connection = (await load(options)).connection({ subprotocol: "graphql-transport-ws" });
    return connection.client("hello");
  };
  t.like(await said("{}"), { close: { code: 4400, reason: "Invalid message received", rule: "foreign" } });
  t.like(await said('{ foreign: "drop" }'), { isDropped: true, close: undefined });
  t.like(await said('{ foreign: "pass" }'), { isDropped: false, body: "hello", close: undefined });
  const elsewhere = (await load('{ foreign: "pass" }')).connection({ subprotocol: "chat" });
  t.like(await elsewhere.client({ type: "subscribe" }), { close: { code: 4406, rule: "subprotocol" } });
  t.deepEqual((await load("{}", "client: { ping() {} }, server: {}")).hooks, ["upgrade", "client"]);
  await t.throwsAsync(load("{}", "subcribe() {}"), {
    message:
      /graphqlWs: expected handlers with names of packets \(connectionInit, subscribe, .*\), got `subcribe`/,
  });
  await t.throwsAsync(load("{}", "client: { subscribe() {} }"), { message: /got `client\.subscribe`/ });
  const wrong = (await load("{}", "subscribe: () => ({ refuse: true })")).connection({
    subprotocol: "graphql-transport-ws",
  });
  await t.throwsAsync(wrong.client({ type: "subscribe", id: "1", payload: { query: "{ a }" } }), {
    message: /a handler's verdict has `refuse`: expected content, drop, reply/,
  });
});
