import test from "ava";
import { pointOf } from "../../../core/routes/canary-shares.ts";
import { runCommand } from "../../cli/in-process.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, echo, startServer, type TestClient } from "../../support/peers/peers.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => teardowns.push(end) };
let gateway: TestGateway;

const good = (tag: string) => `export const client = () => ({ content: { body: "${tag}" } });`;
const bad = "export const client = () => { throw new Error('always'); };";
const SHARE = 0.2;
const users = Array.from({ length: 60 }, (_, index) => `user-${index}`);

test.before("one gateway, with a route and a policy for each story", async () => {
  const { url: upstream } = await startServer(scope, echo);
  const route = { upstream, contentType: "text/plain" } as const;
  gateway = await startGateway(scope, {
    policies: {
      "bad.ts": good("one"),
      "well.ts": good("one"),
      "hand.ts": good("one"),
      "differs.ts": good("one"),
    },
    routes: [
      { path: "/bad", ...route, policies: ["bad"] },
      {
        path: "/well",
        ...route,
        policies: ["well"],
        rollout: { steps: ["50%", "100%"], every: "1ms", minCalls: 5 },
      },
      {
        path: "/differs",
        ...route,
        policies: ["differs"],
        rollout: { steps: ["1%", "100%"], every: "1h", minCalls: 20, abort: { shadowDiffs: "10%" } },
      },
      { path: "/hand", ...route, policies: ["hand"], rollout: { steps: ["1%", "50%"], every: "1h" } },
    ],
    config: {
      console: { port: 0, token: false },
      rollout: { steps: ["20%", "100%"], every: "1ms", by: "header:x-user", minCalls: 20 },
    },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

const connectTo = (t: Parameters<typeof connectClient>[0], { url }: TestGateway, path: string) =>
  Promise.all(users.map((user) => connectClient(t, url + path, { headers: { "X-User": user } })));

const rolloutLog = (gateway: TestGateway, policy: string) =>
  gateway.log.filter((record) => record.policy === policy && /rollout|taken back/.test(record.msg));

/** Keeps the connection busy, for as long as it lasts or `isOver` does not say so. @returns how many were answered */
async function keepAsking(
  client: TestClient,
  isOver: () => boolean,
): Promise<{ asked: number; answered: number }> {
  const closed = client.closed.then(() => undefined);
  let asked = 0;
  let answered = 0;
  while (!isOver()) {
    for (let n = 0; n < 4; n++) client.send(String(++asked));
    for (let n = 0; n < 4; n++) {
      const answer = await Promise.race([client.next(), closed]);
      if (answer === undefined) return { asked, answered };
      if (answer === "one") answered++;
    }
  }
  return { asked, answered };
}

test.serial(
  "a bad version is saved under load: only its first share ever meets it, it is taken back by itself, and all others are answered",
  async (t) => {
    const clients = await connectTo(t, gateway, "/bad");
    let ended = new Set<string>();
    clients.forEach((client, index) => {
      void client.closed.then(() => ended.add(users[index] ?? ""));
    });
    let isOver = false;
    const asking = clients.map((client) => keepAsking(client, () => isOver));
    await gateway.write("bad.ts", bad);
    const record = await gateway.logged(({ policy, msg }) => policy === "bad" && /taken back/.test(msg));
    isOver = true;
    const counts = await Promise.all(asking);

    t.like(record, { level: "error", rule: "faults", share: "20%", step: 1 });
    const version = String(record.version);
    const met = users.filter((user) => ended.has(user));
    t.true(met.length > 0);
    t.deepEqual(
      met.filter((user) => pointOf("bad", version, user) >= SHARE),
      [],
    );
    counts.forEach(({ asked, answered }, index) => {
      if (!ended.has(users[index] ?? "")) t.is(answered, asked);
    });

    // It is not tried again, and says why.
    ended = new Set();
    const later = await connectTo(t, gateway, "/bad");
    for (const client of later) client.send("m");
    t.deepEqual(
      await Promise.all(later.map((client) => client.next())),
      users.map(() => "one"),
    );
    const { port } = gateway.gateway.addresses.console ?? {};
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/policies/bad`);
    t.regex(
      ((await response.json()) as { problem: { message: string } }).problem.message,
      /taken back at 20% .*faults/,
    );
    t.deepEqual(await readMetric(gateway, "framegate_rollout_share"), []);
    t.true(
      (await readMetric(gateway, "framegate_rollouts_total")).includes(
        '{policy="bad",outcome="taken back"} 1',
      ),
    );
  },
);

test.serial(
  "a version that says otherwise as a shadow of the one before is taken back before anybody meets it",
  async (t) => {
    await gateway.write("differs.ts", good("two"));
    const { version } = await gateway.logged(
      ({ policy, msg }) => policy === "differs" && msg === "policy rollout",
    );
    const answers: string[] = [];
    const takenBack = gateway.logged(({ policy, msg }) => policy === "differs" && /taken back/.test(msg));
    let isOver = false;
    void takenBack.then(() => {
      isOver = true;
    });
    // A session has its shadow from its beginning: those that begin before it runs have none.
    await eventually("it is taken back", async () => {
      if (isOver) return true;
      const client = await connectClient(t, `${gateway.url}/differs`);
      for (let n = 0; n < 4; n++) client.send("m");
      for (let n = 0; n < 4; n++) answers.push(String(await client.next()));
      client.ws.close();
      return isOver;
    });
    t.like(await takenBack, { level: "error", rule: "shadowDiffs", share: "1%", version });
    t.true(answers.length > 0);
    t.true(answers.filter((answer) => answer === "two").length < answers.length / 2);
  },
);

test.serial("a good version comes to all by itself, and the one before is dropped", async (t) => {
  const clients = await connectTo(t, gateway, "/well");
  await gateway.write("well.ts", good("two"));
  await eventually("all have the new version", async () => {
    for (const client of clients) client.send("m");
    const answers = await Promise.all(clients.map((client) => client.next()));
    return answers.every((answer) => answer === "two");
  });
  await gateway.logged(({ policy, msg }) => policy === "well" && msg === "policy rollout finished");
  t.deepEqual(
    rolloutLog(gateway, "well").map(({ msg, share }) => [msg, share]),
    [
      ["policy rollout", "50%"],
      ["policy rollout finished", undefined],
    ],
  );
  t.deepEqual(await readMetric(gateway, "framegate_policy_versions_pinned"), []);
});

test.serial("by hand: a version waits, goes on, is taken back, is tried again and is for all", async (t) => {
  const port = gateway.gateway.addresses.console?.port;
  const status = async () => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/rollouts`);
    const { rollouts } = (await response.json()) as { rollouts: readonly Record<string, unknown>[] };
    return rollouts.find(({ policy }) => policy === "hand");
  };
  const say = async (word: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1/rollouts/hand/${word}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body ?? {}),
    });
    const answer = (await response.json()) as { rollout?: object | null; error?: { message: string } };
    return { status: response.status, ...answer };
  };
  t.is((await say("promote")).status, 404);
  await gateway.write("hand.ts", good("two"));
  await gateway.logged(({ policy, msg }) => policy === "hand" && msg === "policy rollout");
  t.like(await status(), { state: "on its way", share: 0.01, step: 1, steps: [0.01, 0.5] });
  t.like(await say("pause"), { status: 200, rollout: { state: "paused" } });
  t.is((await say("pause")).status, 409);
  t.like(await say("resume"), { rollout: { state: "on its way" } });
  t.like(await say("promote"), { rollout: { share: 0.5, step: 2 } });
  t.regex((await say("promote", { to: "5%" })).error?.message ?? "", /expected a larger share than 50%/);
  t.is((await say("promote", { to: "200%" })).status, 400);
  t.like(await say("abort"), { rollout: { state: "taken back", rule: "operator", share: 0.5 } });
  const command = (...args: readonly string[]) =>
    runCommand(["rollout", ...args, "--gateway", `http://127.0.0.1:${port}`]);
  const { stdout: told } = await command("status", "hand");
  t.regex(told, /^POLICY .* P99\nhand .* taken back +50% +2 +\d+\/\d+ /);
  t.regex(told, /\nhand \S+ was taken back \ds ago \(operator\): an operator said so\.\n$/);
  t.regex((await command("promote", "hand")).stdout, /^hand .* on its way +1% +1\/2 /m);
  t.like(await say("promote", { to: "100%" }), { status: 200, rollout: null });
  t.is(await status(), undefined);
  t.regex(
    (await command("status", "hand")).stdout,
    /^hand \S+ finished \ds ago: it is for all sessions\.\n$/,
  );
  t.regex(
    (await say("abort")).error?.message ?? "",
    /^no version of "hand" is on its way: the last, \S+, finished at [-\d]+T[:.\d]+Z$/,
  );
  t.regex((await command("status", "nobody")).stdout, /^No version is on its way, and none has been /);
  const client = await connectClient(t, `${gateway.url}/hand`);
  client.send("m");
  t.is(await client.next(), "two");
});
