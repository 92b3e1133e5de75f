import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type LoadOptions, loadPolicy } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";

async function load(t: ExecutionContext, code: string, options?: LoadOptions) {
  const dir = await makeFolder(t, { "policy.ts": code });
  return loadPolicy(join(dir, "policy.ts"), options);
}

const count = `export const client = async ({ kv }) => ({
  content: { body: await kv.increment("seen", 1, { expires: 60_000 }) },
});`;

test("kv: in memory, its expiry by the clock of the test, open to the test", async (t) => {
  const policy = await load(t, count);
  t.is((await policy.client("x")).json(), 1);
  t.is((await policy.client("x")).json(), 2);
  t.is(await policy.kv.get("seen"), 2);
  await policy.kv.set("seen", 10);
  t.is((await policy.client("x")).json(), 11);
  await policy.kv.delete("seen");
  t.is((await policy.client("x")).json(), 1);
  await policy.clock.advance(60_000);
  t.is((await policy.client("x")).json(), 1);
});

test("kv: shared by two policies, or not granted", async (t) => {
  const first = await load(t, count);
  const second = await load(t, count, { kv: first.kv });
  await first.client("x");
  t.is((await second.client("x")).json(), 2);
  const refused = await load(t, count, { kv: false });
  await t.throwsAsync(refused.client("x"), {
    message: /kv is not granted: add grants: \{ "policy": \{ kv: true/,
  });
});

const paced = `export const client = async ({ rates }) => ({
  content: { body: await rates.take("all", { limit: 2, per: 1000 }) },
});`;

test("rates: buckets in memory that fill by the clock of the test, or not granted", async (t) => {
  const policy = await load(t, paced);
  const take = async () => (await policy.client("x")).json();
  t.deepEqual(await take(), { allowed: true, retryAfterMs: 0, remaining: 1 });
  t.like(await take(), { allowed: true, remaining: 0 });
  t.deepEqual(await take(), { allowed: false, retryAfterMs: 500, remaining: 0 });
  await policy.clock.advance(500);
  t.like(await take(), { allowed: true });
  t.like(await take(), { allowed: false });
  const refused = await load(t, paced, { rates: false, kv: false });
  await t.throwsAsync(refused.client("x"), { message: /rates is not granted: add grants: .*rates: true/ });
});

const ask = `export const client = async ({ content, secrets }) => {
  const headers = { authorization: "Bearer " + (await secrets.get("TOKEN")) };
  const response = await fetch("https://api.example/check", { method: "POST", headers, body: content.body });
  return { content: { body: { status: response.status, answer: await response.json() } } };
};`;

test("fetch and secrets: the stub sees the request, the policy the answer", async (t) => {
  const policy = await load(t, ask, {
    secrets: { TOKEN: "abc" },
    fetch: async (request) => ({
      status: 201,
      body: [request.method, request.url, request.headers.get("authorization"), await request.text()],
    }),
  });
  t.deepEqual((await policy.client("hi")).json(), {
    status: 201,
    answer: ["POST", "https://api.example/check", "Bearer abc", "hi"],
  });
});

test("fetch: a Response is one too; what the stub throws is a network error", async (t) => {
  const policy = await load(t, ask, { secrets: { TOKEN: "a" }, fetch: () => Response.json({ ok: true }) });
  t.deepEqual((await policy.client("x")).json(), { status: 200, answer: { ok: true } });
  const down = await load(t, ask, {
    secrets: { TOKEN: "a" },
    fetch() {
      throw new Error("down");
    },
  });
  await t.throwsAsync(down.client("x"), { name: "TypeError", message: "down" });
});

test("what is not granted fails in the gateway's words", async (t) => {
  await t.throwsAsync((await load(t, ask)).client("x"), { message: /the secret "TOKEN" is not granted/ });
  const policy = await load(t, ask, { secrets: { TOKEN: "a" } });
  await t.throwsAsync(policy.client("x"), { message: /fetch is not granted.*api\.example/ });
});

const wait = `const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
export const client = async () => {
  const times = [Date.now()];
  for (const ms of [100, 200, 0]) {
    await sleep(ms);
    times.push(Date.now());
  }
  return { content: { body: times } };
};`;

test("timers run when the clock comes to them, each at its time", async (t) => {
  const policy = await load(t, wait, { now: 1000 });
  const answer = policy.client("x");
  await policy.clock.advance(250);
  await policy.clock.advance(250);
  t.deepEqual((await answer).json(), [1000, 1100, 1300, 1300]);
});

test("a policy that waits for a timer says that the clock stands still", async (t) => {
  const policy = await load(t, wait, { limits: { asyncTimeoutMs: 100 } });
  await t.throwsAsync(policy.client("x"), { message: /still pending.*clock\.advance/ });
});
