import test, { type ExecutionContext } from "ava";
import { runCommand } from "../../cli/in-process.ts";
import { eventually } from "../../support/eventually.ts";
import { type GatewayProcess, startGatewayProcess } from "../../support/gateways/gateway-process.ts";
import {
  connectClient,
  echo,
  refusedUpgrade,
  startServer,
  type TestClient,
  type TestServer,
} from "../../support/peers/peers.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => void teardowns.push(end) };
let gateway: GatewayProcess;
/** Two servers of one upstream. */
let servers: readonly TestServer[];

test.before(async () => {
  const server = await startServer(scope);
  servers = [await startServer(scope, echo), await startServer(scope, echo)];
  gateway = await startGatewayProcess(scope, {
    policies: {
      "who.ts": `
        export const upgrade = ({ request }) => ({ attributes: { user: request.query.user } });
        export const renew = ({ websock }) =>
          websock.context.attributes.user === "old" ? { attributes: { user: "new" } } : { close: { code: 4003, reason: "no" } };
      `,
    },
    config: {
      workers: 2,
      upstreams: { orders: { targets: servers.map(({ url }) => ({ url })) } },
      routes: [
        { path: "/chat", upstream: server.url, policies: ["who"] },
        { path: "/other", upstream: server.url },
        { path: "/orders", upstream: "orders" },
      ],
    },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

/** A command that asks this gateway. */
function run(...args: readonly string[]) {
  return runCommand([...args, "--gateway", `http://127.0.0.1:${gateway.consolePort}`]);
}

/** What a command says of this gateway. */
async function say(t: ExecutionContext, ...args: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await run(...args);
  t.is(exitCode, 0, stderr);
  return stdout;
}

/** Until both peers have answered a Close, their session is open. */
async function open(t: ExecutionContext, count: number): Promise<void> {
  const wanted = `${count} sessions open.\n`;
  await eventually(wanted, async () => (await say(t, "sessions", "count")) === wanted);
}

const connect = (t: ExecutionContext, path: string) => connectClient(t, gateway.url + path);

async function ask(client: TestClient, text: string): Promise<unknown> {
  client.send(text);
  return client.next();
}

// Serial: each looks at all sessions that there are.
test.serial(
  "of 1,000 sessions of 50 users those of one are closed by one command, and only those",
  async (t) => {
    const users = Array.from({ length: 50 }, (_, index) => `u${index}`);
    const byUser = new Map<string, TestClient[]>();
    // A user at a time: not more are on their way than wait in a queue of the system.
    for (const user of users) {
      const clients = Array.from({ length: 20 }, () => connect(t, `/chat?user=${user}`));
      byUser.set(user, await Promise.all(clients));
    }
    t.is(await say(t, "sessions", "count"), "1000 sessions open.\n");
    const which = [
      "--attribute",
      "user=u7",
      "--route",
      "/chat",
      "--client",
      "127.0.0.0/8",
      "--policy",
      "who",
    ];
    t.is(await say(t, "sessions", "count", ...which), "20 sessions open.\n");
    const close = ["sessions", "close", ...which, "--code", "4001", "--reason", "signed out"];
    const dry = (await say(t, ...close, "--dry-run")).split("\n");
    t.is(dry[0], "20 sessions fit (route=/chat client=127.0.0.0/8 user=u7 policy=who).");
    t.regex(dry[1] ?? "", /^SESSION +AGE +ROUTE/);
    t.is(dry.filter((line) => line.endsWith(" user=u7")).length, 5);
    t.deepEqual(dry.slice(-2), ["… and 15 older ones.", ""]);
    t.is(await say(t, "sessions", "count"), "1000 sessions open.\n");
    // What is misspelt is not what nobody is on.
    for (const words of [["count"], ["list"], ["close", "--yes"]]) {
      const ended = await run("sessions", ...words, "--route", "chat");
      t.is(ended.exitCode, 1);
      t.regex(ended.stderr, / says: no route "chat"; there are: \/chat, \/other, \/orders\n$/);
    }

    t.is(await say(t, ...close, "--yes"), "Done: 20 sessions.\n");
    for (const { closed } of byUser.get("u7") ?? [])
      t.deepEqual(await closed, { code: 4001, reason: "signed out" });
    await open(t, 980);
    byUser.delete("u7");
    const answers = [...byUser].map(([user, [client]]) => ask(client!, user));
    t.deepEqual(await Promise.all(answers), [...byUser.keys()]);
    for (const { ws } of [...byUser.values()].flat()) t.is(ws.readyState, ws.OPEN);

    await say(t, "sessions", "close", "--route", "/chat", "--younger", "1d", "--yes");
    await open(t, 0);
  },
);

test.serial("at a rate it goes on by itself, over all workers, until it is ended", async (t) => {
  const clients = await Promise.all(Array.from({ length: 6 }, () => connect(t, "/chat?user=slow")));
  const close = ["sessions", "close", "--attribute", "user=slow", "--rate", "1/h", "--yes", "--json"];
  const { sessions, job } = JSON.parse(await say(t, ...close));
  t.is(sessions, 6);
  t.like(job, { state: "running", sessions: 6, what: "close with 1001" });
  const progress = async () => JSON.parse(await say(t, "sessions", "progress", "--json")).jobs.at(-1);
  await eventually("one is closed", async () => (await progress()).done === 1);
  t.regex(
    await say(t, "sessions", "progress"),
    / \ds ago +close with 1001 +user=slow +running +6 +1 +5 +0\/s$/m,
  );
  t.like(await progress(), { id: job.id, left: 5 });
  await say(t, "sessions", "progress", "--stop", job.id);
  t.like(await progress(), { state: "stopped", done: 1 });
  t.regex((await run("sessions", "progress", "--stop", job.id)).stderr, /`framegate sessions progress`/);
  const open = () => clients.filter(({ ws }) => ws.readyState === ws.OPEN);
  await eventually("the client has heard of it", () => open().length === 5);
  for (const client of open()) t.is(await ask(client, "m"), "m");
  await say(t, "sessions", "close", "--all", "--yes");
});

test.serial("clients are sent a message, and then elsewhere", async (t) => {
  const [client, other] = [await connect(t, "/chat?user=anna"), await connect(t, "/chat?user=bert")];
  const move = ["sessions", "move", "--attribute", "user=anna", "--yes"];
  await say(t, ...move, "--message", '{"type":"soon"}');
  t.is(await client.next(), '{"type":"soon"}');
  t.is(await ask(client, "m"), "m");
  await say(t, ...move, "--message", "now", "--hint", "wss://eu.example.com");
  t.is(await client.next(), "now");
  t.deepEqual(await client.closed, { code: 1012, reason: "wss://eu.example.com" });
  t.is(await ask(other, "m"), "m");
  await say(t, "sessions", "close", "--all", "--yes");
});

test.serial(
  "those of a filter are re-authenticated by their policies, and it is told what came of it",
  async (t) => {
    const [old, other, mute] = [
      await connect(t, "/chat?user=old"),
      await connect(t, "/chat?user=other"),
      await connect(t, "/other"),
    ];
    const said = await say(t, "sessions", "renew", "--younger", "1d", "--yes");
    t.regex(said, /^Done: 3 sessions \(/);
    for (const outcome of ["1 renewed", "1 closed", "1 no-hook"]) t.true(said.includes(outcome), said);
    t.deepEqual(await other.closed, { code: 4003, reason: "no" });
    t.is(await say(t, "sessions", "count", "--attribute", "user=new"), "1 session open.\n");
    for (const client of [old, mute]) t.is(await ask(client, "m"), "m");
    t.regex(await say(t, "sessions", "progress"), / renew .* 3 +3 +0 +.*1 no-hook/);
    const page = JSON.parse(await say(t, "sessions", "list", "--route", "/other", "--json"));
    const session = page.sessions[0].id;
    t.is(
      await say(t, "sessions", "renew", "--session", session, "--yes"),
      "Nothing renewed: no policy of this session has a `renew` hook.\n",
    );
    t.is(await say(t, "sessions", "close", "--session", session, "--yes"), "Done: 1 session.\n");
    t.is((await mute.closed).code, 1001);
    t.is(await ask(old, "m"), "m");
    await say(t, "sessions", "close", "--all", "--yes");
  },
);

test.serial("a route that is drained closes its sessions and lets nobody in until it is ended", async (t) => {
  const clients = await Promise.all(Array.from({ length: 4 }, () => connect(t, "/other")));
  const other = await connect(t, "/chat?user=anna");
  t.is(await say(t, "drain", "route", "/other", "--dry-run"), "4 sessions open at route /other.\n");
  const paced = ["--rate", "500/s", "--jitter", "0.5", "--yes"];
  t.regex(
    await say(t, "drain", "route", "/other", ...paced),
    /^Begun, as \w+: 4 sessions\. `framegate sessions progress --gateway http:\/\/127\.0\.0\.1:\d+` says/,
  );
  for (const { closed } of clients) t.deepEqual(await closed, { code: 1001, reason: "route is draining" });
  t.is((await refusedUpgrade(`${gateway.url}/other`)).status, 503);
  t.is(await ask(other, "m"), "m");
  t.regex(
    (await run("drain", "upstream", "/other", "--yes")).stderr,
    /there are: orders\. The route "\/other" names its server itself, and not below `upstreams`: drain the route\n$/,
  );
  const gatewayUrl = `http://127.0.0.1:${gateway.consolePort}`;
  for (const also of ["--dry-run", "--delay=1h"]) {
    const end = ["drain", "route", "/other", "--end", also, "--gateway", gatewayUrl];
    t.like(await runCommand(end), { exitCode: 2, stdout: "" });
  }
  t.regex(await say(t, "drain", "list"), /^route +\/other +drained +4 +0$/m);
  await say(t, "drain", "route", "/other", "--end");
  t.is(await ask(await connect(t, "/other"), "m"), "m");
  t.is(await say(t, "drain", "list"), "Nothing is drained.\n");
  await say(t, "sessions", "close", "--all", "--yes");
});

test.serial(
  "a drain with a delay is announced, takes clients until then, and can be taken back",
  async (t) => {
    const [client] = await Promise.all([connect(t, "/other"), connect(t, "/chat?user=anna")]);
    t.regex(
      await say(t, "drain", "gateway", "--delay", "1h", "--yes"),
      /^It begins at [-\d]+T[:.\d]+Z: 2 sessions now\. --end takes it back\.\n$/,
    );
    t.deepEqual(await gateway.read("/readyz"), { status: 503, text: "draining\n" });
    t.regex(await say(t, "drain", "list"), /^gateway +begins at [-\d]+T[:.\d]+Z$/m);
    t.is(await ask(await connect(t, "/other"), "m"), "m");
    await say(t, "drain", "gateway", "--end");
    t.deepEqual(await gateway.read("/readyz"), { status: 200, text: "ready\n" });

    await say(t, "drain", "route", "/other", "--delay", "1h", "--yes");
    t.deepEqual(await gateway.read("/readyz?route=/other"), { status: 503, text: "draining\n" });
    t.deepEqual(await gateway.read("/readyz?route=/chat"), { status: 200, text: "ready\n" });
    t.deepEqual(await gateway.read("/readyz"), { status: 200, text: "ready\n" });
    t.is((await gateway.read("/readyz?route=/nowhere")).status, 404);
    // Another word for the same place takes the place of the one before.
    await say(t, "drain", "route", "/other", "--delay", "100ms", "--yes");
    t.deepEqual(await client.closed, { code: 1001, reason: "route is draining" });
    t.is((await refusedUpgrade(`${gateway.url}/other`)).status, 503);
    t.is((await gateway.read("/readyz?route=/other")).status, 503);
    await say(t, "drain", "route", "/other", "--end");
    t.is(await say(t, "drain", "list"), "Nothing is drained.\n");
    await say(t, "sessions", "close", "--all", "--yes");
  },
);

test.serial("the gateway is drained and goes on running: nobody comes in until it is ended", async (t) => {
  const clients = await Promise.all([
    connect(t, "/other"),
    connect(t, "/chat?user=anna"),
    connect(t, "/orders"),
  ]);
  t.is(await say(t, "drain", "gateway", "--dry-run"), "3 sessions open at the gateway.\n");
  t.is(await say(t, "drain", "gateway", "--yes"), "Done: 3 sessions.\n");
  for (const { closed } of clients) t.deepEqual(await closed, { code: 1001, reason: "gateway is draining" });
  for (const path of ["/other", "/chat?user=anna", "/orders"])
    t.is((await refusedUpgrade(gateway.url + path)).status, 503);
  t.deepEqual(await gateway.read("/readyz"), { status: 503, text: "draining\n" });
  t.regex(await say(t, "drain", "list"), /^gateway/m);
  await say(t, "drain", "gateway", "--end");
  t.is(await ask(await connect(t, "/other"), "m"), "m");
  const { upstreams } = JSON.parse((await gateway.read("/api/v1/upstreams")).text);
  const orders = upstreams.find(({ name }: { name: string }) => name === "orders");
  t.like(orders, { sessions: 0, servers: servers.map(({ url }) => ({ url, sessions: 0 })) });
  await say(t, "sessions", "close", "--all", "--yes");
});

test.serial(
  "the sessions of a drained server are closed, and others have the new ones; none does when all are drained",
  async (t) => {
    const clients = await Promise.all(Array.from({ length: 8 }, () => connect(t, "/orders")));
    const [first, second] = servers.map(({ wss }) => wss.clients.size);
    t.true(first! > 0 && second! > 0);
    const target = servers[0]!.url;
    t.is(
      await say(t, "drain", "upstream", "orders", "--target", target, "--yes"),
      `Done: ${first} sessions.\n`,
    );
    await eventually("they are gone", () => servers[0]!.wss.clients.size === 0);
    const gone = clients.filter(({ ws }) => ws.readyState !== ws.OPEN);
    for (const { closed } of gone) t.deepEqual(await closed, { code: 1012, reason: "server is draining" });
    t.is(gone.length, first ?? 0);
    await Promise.all(gone.map(() => connect(t, "/orders")));
    t.deepEqual(
      servers.map(({ wss }) => wss.clients.size),
      [0, 8],
    );
    await say(t, "drain", "upstream", "orders", "--yes");
    t.is((await refusedUpgrade(`${gateway.url}/orders`)).status, 503);
    await say(t, "drain", "upstream", "orders", "--end");
    await say(t, "drain", "upstream", "orders", "--target", target, "--end");
    await Promise.all([connect(t, "/orders"), connect(t, "/orders")]);
  },
);
