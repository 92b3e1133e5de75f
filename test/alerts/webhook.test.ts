import { createHmac } from "node:crypto";
import test, { type ExecutionContext } from "ava";
import type { Alert, CountedAlert } from "../../core/alerts/alert.ts";
import { createAlertLimit } from "../../core/alerts/alert-limit.ts";
import { MAX_DIFFERENT, Repeats } from "../../core/alerts/repeats.ts";
import { webhookFields } from "../../core/alerts/signature.ts";
import { createWebhook, MAX_QUEUED, type WebhookOptions } from "../../core/alerts/webhook.ts";
import { resolveConfig } from "../../core/config/index.ts";
import { readSecrets } from "../../core/secrets.ts";
import { eventually } from "../support/eventually.ts";
import { startReceiver } from "./receiver.ts";

async function start(t: ExecutionContext, options: Partial<WebhookOptions> = {}) {
  const receiver = await startReceiver(t);
  const counted = { sent: 0, dropped: 0 };
  const states: (string | undefined)[] = [];
  const webhook = createWebhook({
    ...{ url: receiver.url, headers: {}, secret: undefined, timeoutMs: 60_000, firstBackoffMs: 1 },
    count: (outcome) => counted[outcome]++,
    onState: (problem) => states.push(problem),
    ...options,
  });
  t.teardown(() => webhook.close());
  return { receiver, counted, states, webhook };
}

const message = (id: string, isOfPolicy = false) => ({ id, body: `{"event":"${id}"}`, isOfPolicy });

test("what is sent is signed as Standard Webhooks has it", (t) => {
  // The example of the specification's own libraries.
  const fields = webhookFields(
    { id: "msg_p5jXN8AQM9LWM0D4loKWxJek", body: '{"test": 2432232314}' },
    1_614_265_330,
    "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  );
  t.is(fields["Webhook-Signature"], "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  const own = webhookFields({ id: "a", body: "{}" }, 1, "any text");
  t.is(own["Webhook-Signature"], `v1,${createHmac("sha256", "any text").update("a.1.{}").digest("base64")}`);
  t.deepEqual(Object.keys(webhookFields({ id: "a", body: "{}" }, 1, undefined)), [
    "Webhook-Id",
    "Webhook-Timestamp",
  ]);
});

test("a key that is none, or too short, is refused before anything is signed with it, and not told", (t) => {
  const read = (key: string) => {
    process.env.ALERTS_KEY = key;
    const alerts = [{ webhook: "https://a.test/", secret: "KEY" }];
    return readSecrets(resolveConfig({ alerts, secrets: { KEY: { env: "ALERTS_KEY" } } }, { dir: "/" }));
  };
  const short = Buffer.alloc(23, 7).toString("base64");
  for (const key of ["whsec_", "whsec_!!!", `whsec_${short}`, `whsec_${"!".repeat(40)}`]) {
    const error = t.throws(() => read(key), {
      message: /secrets\.KEY: expected the base64 of at least 24 bytes/,
    });
    t.false(error?.message.includes(key.slice(6) || "no value"));
  }
  const enough = `whsec_${Buffer.alloc(24, 7).toString("base64")}`;
  for (const key of [enough, "any text"]) t.deepEqual(read(key), { KEY: key });
});

test("what the receiver cannot take now is sent again under the same id, in its turn", async (t) => {
  const { receiver, counted, states, webhook } = await start(t, { headers: { "X-Team": "edge" } });
  receiver.status = 503;
  webhook.add(message("first"));
  webhook.add(message("second"));
  await eventually("a second try", () => receiver.requests.length > 1);
  receiver.status = 200;
  await eventually("both", () => counted.sent === 2);
  t.like(receiver.requests.at(-1), { path: "/alerts", text: '{"event":"second"}' });
  const before = receiver.requests.slice(0, -1);
  t.true(before.every(({ headers }) => headers["webhook-id"] === "first" && headers["x-team"] === "edge"));
  t.deepEqual(states, ["it answered 503", undefined]);
});

test("a redirect is not followed, and what is refused for good is dropped", async (t) => {
  const { receiver, counted, states, webhook } = await start(t);
  const elsewhere = await startReceiver(t);
  receiver.status = 307;
  receiver.fields = { Location: elsewhere.url };
  webhook.add(message("a"));
  await eventually("the end of it", () => counted.dropped === 1);
  t.is(elsewhere.requests.length, 0);
  t.is(receiver.requests.length, 1);
  t.deepEqual(states, ["it answered 307"]);
});

test("a receiver that never answers costs no more than the queue; the rest is counted, and the end does not wait", async (t) => {
  const { receiver, counted, webhook } = await start(t);
  receiver.status = 0;
  for (let n = 0; n < MAX_QUEUED + 5; n++) webhook.add(message(`${n}`));
  t.is(counted.dropped, 5);
  await receiver.next();
  await webhook.close();
  t.deepEqual(counted, { sent: 0, dropped: MAX_QUEUED + 5 });
});

test("what waits at the end is tried once more", async (t) => {
  const { receiver, counted, webhook } = await start(t, { firstBackoffMs: 60_000 });
  receiver.status = 500;
  webhook.add(message("a"));
  await receiver.next();
  receiver.status = 200;
  await webhook.close();
  t.deepEqual(counted, { sent: 1, dropped: 0 });
});

const alert = (name: string, event: Alert["event"] = "policy.failed"): Alert => ({
  ...{ event, summary: name, details: {} },
  subject: { policy: "a", name },
});

test("the first of equal alerts is told at once, those after it together", async (t) => {
  const told: CountedAlert[] = [];
  let time = 1000;
  const repeats = new Repeats({
    ...{ everyMs: 20, onOverflow() {}, now: () => time++ },
    tell: (counted) => told.push(counted),
  });
  repeats.add(alert("a"));
  for (let n = 0; n < 3; n++) repeats.add(alert("a"));
  repeats.add(alert("b"));
  t.deepEqual(
    told.map(({ alert, count }) => [alert.summary, count]),
    [
      ["a", 1],
      ["b", 1],
    ],
  );
  await eventually("the others", () => told.length === 3);
  t.like(told[2], { alert: { summary: "a" }, count: 3, since: 1001, time: 1003 });
  repeats.add(alert("a"));
  repeats.close();
  repeats.add(alert("c"));
  t.like(told[3], { alert: { summary: "a" }, count: 1 });
  t.is(told.length, 4);
});

test("of too many different alerts the rest is counted", (t) => {
  let [told, lost] = [0, 0];
  const repeats = new Repeats({ everyMs: 60_000, tell: () => told++, onOverflow: () => lost++ });
  for (let n = 0; n < MAX_DIFFERENT + 7; n++) repeats.add(alert(`${n}`));
  t.deepEqual([told, lost], [MAX_DIFFERENT, 7]);
  repeats.close();
});

test("what policies raise has half of the room: the gateway's own finds the other", async (t) => {
  let [told, lost] = [0, 0];
  const repeats = new Repeats({ everyMs: 20, tell: () => told++, onOverflow: () => lost++ });
  for (let n = 0; n < MAX_DIFFERENT; n++) repeats.add(alert(`${n}`, "policy.alert"));
  for (let n = 0; n < 10; n++) repeats.add(alert(`own ${n}`));
  t.deepEqual([told, lost], [MAX_DIFFERENT / 2 + 10, MAX_DIFFERENT / 2]);
  // Their windows end, and there is room again.
  await eventually("room", () => {
    const before = lost;
    repeats.add(alert("more", "policy.alert"));
    return lost === before;
  });
  repeats.close();

  const { receiver, counted, webhook } = await start(t);
  receiver.status = 0;
  for (let n = 0; n < MAX_QUEUED; n++) webhook.add(message(`${n}`, true));
  webhook.add(message("own"));
  t.is(counted.dropped, MAX_QUEUED / 2);
});

test("each policy may raise so many, and what is lost of it is said", (t) => {
  let now = 0;
  const lost: [string, number][] = [];
  const limit = createAlertLimit(
    (policy, count) => lost.push([policy, count]),
    () => now,
  );
  const passes = (policy: string, tries: number) =>
    Array.from({ length: tries }, () => limit.pass(policy)).filter((isIn) => isIn).length;
  t.is(passes("loud", 100), 20);
  t.is(passes("other", 1), 1);
  t.deepEqual(lost, [["loud", 1]]);
  now += 3000;
  t.is(passes("loud", 100), 1);
});
