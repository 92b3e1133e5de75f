import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import test from "ava";
import { type ShadowView, shadowsSchema } from "../../../core/admin/api/shadow-schema.ts";
import { type ConfigInput, resolveConfig } from "../../../core/config/index.ts";
import { findChildren } from "../../support/child-processes.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { readMetric } from "../../support/metrics.ts";
import { connectClient, echo, startServer, type TestClient } from "../../support/peers/peers.ts";

const teardowns: (() => unknown)[] = [];
const scope = { teardown: (end: () => unknown) => teardowns.push(end) };
let gateway: TestGateway;
/** Where the shadows are. */
let next = "";
/** Requests that policies have sent. */
const fetched: string[] = [];

const price = (times: number) => `
  export const client = ({ content }) => {
    const order = content.json();
    return { content: { body: JSON.stringify({ ...order, price: order.price * ${times} }) } };
  };`;
const chain = (tier: string, third: string) => `
  export const upgrade = () => ({ attributes: { tier: "${tier}" } });
  export const client = ({ content, websock, session }) => {
    session.n = (session.n ?? 0) + 1;
    if (session.n === 3) ${third}
    return { content: { body: content.body + session.n + websock.context.attributes.tier } };
  };
  export const close = ({ log }) => log.info("closed by ${tier}");`;
const timed = (mark: string) => `
  export const when = { tick: { every: 100 } };
  export const tick = ({ session }) => {
    session.n = (session.n ?? 0) + 1;
    return session.n === 1 ? { toClient: ["${mark}"] } : {};
  };
  export const client = ({ content, websock }) =>
    content.body === "who?" ? { content: { body: String(websock.context.attributes.by) } } : { drop: true, renew: true };
  export const renew = () => ({ attributes: { by: "${mark}" }, toClient: ["renewed"] });`;
const fetching = (host: string) => `
  export const client = async ({ content }) => {
    try { await fetch("http://${host}/" + content.body); } catch (error) { return { content: { body: error.name } }; }
  };`;

const policies = {
  "price.ts": price(2),
  "chain.ts": chain("gold", "return;"),
  "other.ts": "export const server = () => {};",
  "count.ts": `export const client = async ({ content, kv }) => {
    if (content.body === "read") return { content: { body: String(await kv.get("count")) } };
    return { content: { body: String(await kv.increment("count", 1)) } };
  };`,
  "hostile.ts": "export const client = ({ content }) => ({ content: { body: content.body + '!' } });",
  "slow.ts": "export const client = ({ content }) => ({ content: { body: content.body + '!' } });",
  "timed.ts": timed("one"),
  "sampled.ts": "export const client = () => {};",
  "broken.ts": "export const client = () => ({ content: { body: 'fine' } });",
};
const shadows = {
  "price.ts": price(2),
  "branch/chain.ts": chain(
    "lead",
    "return { close: { code: 4000, reason: websock.context.attributes.tier } };",
  ),
  "count.ts": `export const client = async ({ kv }) => {
    const before = await kv.get("count");
    await kv.set("count", 1000);
    await kv.compareAndSet("name", null, "shadow");
    await kv.delete("kept");
    return { content: { body: before + " " + (await kv.increment("count", 1)) } };
  };`,
  "hostile.ts": `const kept = [];
    export const client = ({ content }) => {
      const [what] = content.body.split(" ");
      if (what === "hang") for (;;);
      if (what === "throw") throw new Error("always");
      if (what === "eat") for (;;) kept.push(new Array(1e5).fill(kept.length));
      if (what === "flood") return { reply: Array.from({ length: 100 }, () => "y".repeat(10000)) };
      return { content: { body: content.body + '!' } };
    };`,
  "slow.ts": "export const client = () => new Promise(() => {});",
  "timed.ts": timed("two"),
  "sampled.ts":
    "export const client = async ({ secrets, log }) => { log.info('it is ' + (await secrets.get('key'))); };",
  "broken.ts": "export const client = (",
};

test.before("one gateway, with a route, a policy and a shadow for each story", async () => {
  const { url: upstream } = await startServer(scope, echo);
  const http = createServer((request, response) => {
    fetched.push(request.url ?? "");
    response.end("{}");
  });
  await new Promise<void>((listening) => http.listen(0, "127.0.0.1", listening));
  scope.teardown(() => http.close());
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  next = await mkdtemp(join(tmpdir(), "framegate-shadow-"));
  scope.teardown(() => rm(next, { recursive: true, force: true }));
  await mkdir(join(next, "branch"));
  await writeFile(join(next, "key"), "open-sesame");
  const fetches = { "fetches.ts": fetching(host), "allowed.ts": fetching(host) };
  for (const [name, source] of Object.entries({ ...shadows, ...fetches }))
    await writeFile(join(next, name), source);

  const route = { upstream, contentType: "text/plain" } as const;
  const shadowed = (name: string) => [{ use: name, shadow: join(next, `${name}.ts`) }];
  gateway = await startGateway(scope, {
    policies: { ...policies, ...fetches },
    routes: [
      { path: "/price", ...route, contentType: "application/json", policies: shadowed("price") },
      { path: "/chain", ...route, policies: ["chain", "other"], shadow: join(next, "branch") },
      { path: "/count", ...route, policies: shadowed("count") },
      { path: "/fetches", ...route, policies: shadowed("fetches") },
      {
        path: "/allowed",
        ...route,
        policies: [{ use: "allowed", shadow: { from: join(next, "allowed.ts"), fetch: true } }],
      },
      { path: "/hostile", ...route, policies: shadowed("hostile") },
      { path: "/slow", ...route, policies: shadowed("slow") },
      {
        path: "/sampled",
        ...route,
        policies: [{ use: "sampled", shadow: { from: join(next, "sampled.ts"), sample: "50%" } }],
      },
      { path: "/timed", ...route, policies: shadowed("timed") },
      { path: "/broken", ...route, policies: shadowed("broken") },
      { path: "/none", ...route, policies: [{ use: "other", shadow: join(next, "nothing.ts") }] },
    ],
    config: {
      console: { port: 0, token: false },
      secrets: { key: { file: join(next, "key") } },
      grants: {
        count: { kv: true },
        sampled: { secrets: ["key"] },
        "*": { fetch: { hosts: [host], private: true } },
      },
    },
  });
});

test.after.always(async () => {
  for (const end of teardowns.reverse()) await end();
});

async function readShadow(policy: string): Promise<ShadowView> {
  const [found] = await readShadows(gateway, policy);
  if (found === undefined) throw new Error(`no shadow of ${policy}`);
  return found;
}

async function readShadows(of: TestGateway, policy: string): Promise<readonly ShadowView[]> {
  const { port } = of.gateway.addresses.console ?? {};
  const response = await fetch(`http://127.0.0.1:${port}/api/v1/shadows?policy=${policy}`);
  return shadowsSchema.parse(await response.json()).shadows;
}

/** Sessions have it from now on. */
const shadowRuns = (policy: string) =>
  eventually(`a shadow of ${policy} runs`, async () => (await readShadow(policy)).version !== "");

/** What a hook of it has done, when it has settled so many calls. */
const countsOf = (policy: string, hook: string, calls: number) =>
  eventually(`${calls} calls of the shadow of ${policy}`, async () => {
    const counts = (await readShadow(policy)).hooks.find((each) => each.hook === hook);
    if (counts === undefined) return false;
    const { same, differs, failed, lost, kinds } = counts;
    return same + differs + failed + lost >= calls && { same, differs, failed, lost, kinds };
  });

async function say(client: TestClient, ...texts: readonly string[]): Promise<unknown[]> {
  const answers: unknown[] = [];
  for (const text of texts) {
    client.send(text);
    answers.push(await client.next());
  }
  return answers;
}

test("what a shadow says otherwise is counted by kind and sampled with both results, redacted, and nobody sees anything of it", async (t) => {
  await shadowRuns("price");
  const client = await connectClient(t, `${gateway.url}/price`);
  t.deepEqual(await say(client, '{"price":1}', '{"price":2}'), ['{"price":2}', '{"price":4}']);
  t.deepEqual(await countsOf("price", "client", 2), { same: 2, differs: 0, failed: 0, lost: 0, kinds: [] });

  // Its file is followed: the sessions that are open have the new version, as on any reload.
  const { version } = await readShadow("price");
  await writeFile(join(next, "price.ts"), price(3));
  await eventually("the shadow is another", async () => (await readShadow("price")).version !== version);
  t.deepEqual(await say(client, '{"price":5,"password":"hunter2"}'), ['{"price":10,"password":"hunter2"}']);
  t.deepEqual(await countsOf("price", "client", 3), {
    ...{ same: 2, differs: 1, failed: 0, lost: 0 },
    kinds: [{ kind: "message", count: 1 }],
  });
  const {
    samples: [sample],
  } = await readShadow("price");
  t.like(sample, {
    ...{ hook: "client", route: "/price", sequence: 3, kinds: ["message"] },
    input: { json: { price: 5, password: "[redacted]" } },
    real: { message: { json: { price: 10, password: "[redacted]" } } },
    shadow: { message: { json: { price: 15 } } },
    changes: [{ path: "message.json.price", before: 10, after: 15 }],
  });
  const news = await gateway.logged(({ msg, policy }) => policy === "price" && /says otherwise/.test(msg));
  t.like(news, { level: "warn", hook: "client", kinds: ["message"], from: join(next, "price.ts") });
  t.true(
    (await readMetric(gateway, "framegate_shadow_differences_total")).some((line) =>
      /policy="price",.*hook="client",kind="message"\} 1$/.test(line),
    ),
  );
  t.deepEqual(
    (await readMetric(gateway, "framegate_policy_calls_total")).filter((line) => line.includes("price")),
    ['{route="/price",policy="price",hook="client"} 3'],
  );
});

test("a folder shadows a whole chain, in all hooks, with the attributes that count and a `session` of its own", async (t) => {
  await shadowRuns("chain");
  const client = await connectClient(t, `${gateway.url}/chain`);
  t.deepEqual(await say(client, "a", "b", "c", "d"), ["a1gold", "b2gold", "c", "d4gold"]);
  t.deepEqual(await countsOf("chain", "client", 4), {
    ...{ same: 3, differs: 1, failed: 0, lost: 0 },
    kinds: [{ kind: "close", count: 1 }],
  });
  t.like((await countsOf("chain", "upgrade", 1)).kinds, [{ kind: "attributes", count: 1 }]);
  client.ws.close(1000);
  t.is((await countsOf("chain", "close", 1)).same, 1);
  const line = await gateway.logged(({ msg }) => msg === "closed by lead");
  t.is(line.policy, `chain (shadow: ${join(next, "branch")})`);
  const { samples } = await readShadow("chain");
  const [closing] = samples.filter(({ hook }) => hook === "client");
  t.like(closing, { real: {}, shadow: { close: { code: 4000, reason: "gold" } } });
  const [upgrading] = samples.filter(({ hook }) => hook === "upgrade");
  t.like(upgrading, { input: null, changes: [{ path: "attributes.tier", before: "gold", after: "lead" }] });
});

test("ticks and renewals are copied too, and a renewal counts for the shadow as the policy has made it", async (t) => {
  await shadowRuns("timed");
  const client = await connectClient(t, `${gateway.url}/timed`);
  t.is(await client.next(), "one");
  t.deepEqual((await countsOf("timed", "tick", 3)).kinds, [{ kind: "toClient", count: 1 }]);
  t.deepEqual(await say(client, "renew", "who?"), ["renewed", "one"]);
  t.deepEqual(await countsOf("timed", "client", 2), {
    ...{ same: 1, differs: 1, failed: 0, lost: 0 },
    kinds: [{ kind: "renewal", count: 1 }],
  });
});

test("a share of the sessions has a shadow, whose log hides the policy's secrets", async (t) => {
  await shadowRuns("sampled");
  const clients = await Promise.all(
    Array.from({ length: 40 }, () => connectClient(t, `${gateway.url}/sampled`)),
  );
  for (const client of clients) t.deepEqual(await say(client, "a", "b"), ["a", "b"]);
  const { same } = await eventually("those that have one have settled", async () => {
    const counts = await countsOf("sampled", "client", 2);
    return counts.same % 2 === 0 && counts;
  });
  t.true(same < 80, `${same}`);
  const { msg } = await gateway.logged(({ policy }) => String(policy).startsWith("sampled (shadow"));
  t.is(msg, "it is [redacted]");
});

test("what a shadow writes into kv stays in its overlay; fetch is off, unless its use says that it is not", async (t) => {
  for (const policy of ["count", "fetches", "allowed"]) await shadowRuns(policy);
  const counting = await connectClient(t, `${gateway.url}/count`);
  t.deepEqual(await say(counting, "a"), ["1"]);
  await countsOf("count", "client", 1);
  t.deepEqual(await say(counting, "b", "read"), ["2", "2"]);
  await countsOf("count", "client", 3);
  const { samples } = await readShadow("count");
  t.deepEqual(
    samples.map(({ shadow }) => (shadow as { message: { text: string } }).message.text).toReversed()[0],
    "1 1001",
  );

  const off = await connectClient(t, `${gateway.url}/fetches`);
  t.deepEqual(await say(off, "off"), ["off"]);
  t.deepEqual((await countsOf("fetches", "client", 1)).kinds, [{ kind: "message", count: 1 }]);
  t.like((await readShadow("fetches")).samples[0]?.shadow, { message: { text: "NotGrantedError" } });
  const on = await connectClient(t, `${gateway.url}/allowed`);
  t.deepEqual(await say(on, "on"), ["on"]);
  t.is((await countsOf("allowed", "client", 1)).same, 1);
  t.deepEqual(fetched.toSorted(), ["/off", "/on", "/on"]);
});

test("a shadow that hangs, throws, floods or eats its memory changes nothing of the traffic", async (t) => {
  await shadowRuns("hostile");
  const client = await connectClient(t, `${gateway.url}/hostile`);
  const texts = ["throw", "flood", "hang", "eat", "ok"].flatMap((what) =>
    [1, 2, 3].map((n) => `${what} ${n}`),
  );
  t.deepEqual(
    await say(client, ...texts),
    texts.map((text) => `${text}!`),
  );
  const { failed, kinds } = await countsOf("hostile", "client", texts.length);
  t.true(failed >= 6);
  t.is(kinds.find(({ kind }) => kind === "fault")?.count, 3);
  t.is(kinds.find(({ kind }) => kind === "reply")?.count, 3);
  await gateway.logged(({ msg, policy }) => policy === "hostile" && /a shadow fails/.test(msg));
  t.deepEqual(await readMetric(gateway, "framegate_policy_faults_total"), []);
});

// Before the others: what comes while the traffic itself waits is lost by all shadows.
test.serial(
  "a shadow that does not keep up loses calls, which are counted, and the traffic loses nothing",
  async (t) => {
    await shadowRuns("slow");
    const client = await connectClient(t, `${gateway.url}/slow`);
    const bodies = Array.from({ length: 24 }, (_, index) => `${index} ${"x".repeat(1024 * 1024)}`);
    for (const body of bodies) client.send(body);
    for (const body of bodies) t.is(await client.next(), `${body}!`);
    const lost = await eventually("lost calls are counted", async () => {
      const [counts] = (await readShadow("slow")).hooks;
      return counts !== undefined && counts.lost > 0 && counts.lost;
    });
    // A message and its verdict are 2 MiB, of which one shadow may keep 8.
    t.true(lost >= 24 - 4);
    t.true(
      (await readMetric(gateway, "framegate_shadow_calls_total")).some((line) =>
        new RegExp(`policy="slow",.*result="lost"\\} ${lost}$`).test(line),
      ),
    );
    // The session has no shadow any more, and others have theirs.
    t.deepEqual(await say(client, "a"), ["a!"]);
    t.is((await readShadow("slow")).hooks[0]?.lost, lost + 1);
  },
);

test("one that cannot be loaded, or is not there, is loud and harms nothing", async (t) => {
  const record = await gateway.logged(({ policy, shadow }) => policy === "broken" && shadow === next);
  t.is(record.level, "error");
  const client = await connectClient(t, `${gateway.url}/broken`);
  t.deepEqual(await say(client, "m"), ["fine"]);
  t.like(await readShadow("broken"), { version: "", hooks: [] });
  t.regex((await readShadow("broken")).problem, /broken\.ts/);
  await gateway.logged(({ msg }) =>
    /route "\/none", policy "other", its shadow .*there is no such file/.test(msg),
  );
});

test("all workers have it, a new one too; the config takes it away and brings it back", async (t) => {
  const { url: upstream } = await startServer(t, echo);
  const route = { path: "/", upstream, contentType: "text/plain", policies: ["chain"] } as const;
  const config: ConfigInput = {
    listen: [{ host: "127.0.0.1", port: 0 }],
    console: { port: 0, token: false },
    workers: 2,
  };
  const several = await startGateway(t, {
    policies: { "chain.ts": policies["chain.ts"] },
    routes: [{ ...route, shadow: join(next, "branch") }],
    config,
  });
  /** Of the workers that have run it: ids of sessions begin with that of theirs. */
  const workersOf = async () => {
    const client = await connectClient(t, several.url);
    client.send("a");
    await client.next();
    client.ws.close();
    const [shadow] = await readShadows(several, "chain");
    return new Set(shadow?.samples.map(({ session }) => session.split("-")[0]));
  };
  await eventually("both workers run it", async () => (await workersOf()).size === 2);
  const [victim] = findChildren(process.pid, "worker-process");
  if (victim === undefined) return t.fail("there is no worker");
  process.kill(victim, "SIGKILL");
  const before = await workersOf();
  await eventually("a new worker runs it", async () =>
    [...(await workersOf())].some((id) => !before.has(id)),
  );

  const resolved = (more: object) =>
    resolveConfig({ ...config, policies: several.dir, routes: [{ ...route, ...more }] }, { dir: "/" });
  await several.gateway.reload(resolved({}));
  t.deepEqual(await readShadows(several, "chain"), []);
  await several.gateway.reload(
    resolved({ policies: [{ use: "chain", shadow: join(next, "branch/chain.ts") }] }),
  );
  await eventually("it runs again", async () => {
    await workersOf();
    return (await readShadows(several, "chain"))[0]?.hooks.some(({ hook }) => hook === "client");
  });
});
