import { createPrivateKey, verify } from "node:crypto";
import test from "ava";
import { readAccountKey } from "../../core/acme/account-key.ts";
import { makePrivateKey } from "../../core/acme/certificate-folder.ts";
import { renewalTime, retryDelay } from "../../core/acme/renewal-time.ts";
import { type ConfigInput, resolveConfig } from "../../core/config/index.ts";
import { createFleetChallenges } from "../../core/fleet/challenges.ts";
import type { FleetStore } from "../../core/fleet/store.ts";
import { askPatiently } from "../../core/listen/challenges/ask-patiently.ts";
import { challengeToken } from "../../core/listen/challenges/challenges.ts";
import type { ListenerPlan } from "../../core/listen/listener-plan.ts";
import { withFleet } from "../../core/listen/listener-planning.ts";

test("a certificate is renewed with about a third of its life left, not all at once", (t) => {
  const life = { notBefore: 0, notAfter: 90 };
  t.deepEqual(
    [0, 1].map((random) => renewalTime(life, random)),
    [60, 57],
  );
});

test("a failure is tried again later each time, and every few hours at the latest", (t) => {
  const minutes = [1, 2, 3, 4, 20, 2000].map((failures) => retryDelay(failures, 0) / 60_000);
  t.deepEqual(minutes, [5, 10, 20, 40, 360, 360]);
  t.is(retryDelay(1, 1) / 60_000, 2.5);
});

test("an account is known by its key: what it signs, another can verify", (t) => {
  const pem = makePrivateKey();
  const account = readAccountKey(pem);
  const jws = JSON.parse(account.sign({ nonce: "n", url: "u" }, undefined));
  t.deepEqual(JSON.parse(Buffer.from(jws.protected, "base64url").toString()), {
    alg: "ES256",
    nonce: "n",
    url: "u",
  });
  t.is(jws.payload, "");
  const key = { key: createPrivateKey(pem), dsaEncoding: "ieee-p1363" } as const;
  const signature = Buffer.from(jws.signature, "base64url");
  t.true(verify("sha256", Buffer.from(`${jws.protected}.`), key, signature));
  // RFC 7638, 3.3: members in the order of their names.
  t.deepEqual(Object.keys(account.jwk), ["crv", "kty", "x", "y"]);
});

const TOKEN = "t".repeat(43);
const ANSWER = `${TOKEN}.${"p".repeat(43)}`;

test("only what authorities ask for is looked for elsewhere", (t) => {
  const path = "/.well-known/acme-challenge/";
  const tokenOf = (url: string, method = "GET") => challengeToken({ method, url });
  t.is(tokenOf(path + TOKEN), TOKEN);
  t.is(tokenOf(`${path}${"-_".repeat(11)}`), "-_".repeat(11));
  const others = [
    "t".repeat(21),
    "t".repeat(129),
    `${TOKEN}?a`,
    `${TOKEN}/`,
    `${TOKEN}:x`,
    `${TOKEN}%20`,
    "",
    "..",
    `${TOKEN}\n`,
  ];
  for (const other of others) t.is(tokenOf(path + other), undefined, other);
  t.is(tokenOf(path + TOKEN, "POST"), undefined);
  t.is(tokenOf(`/a${path}${TOKEN}`), undefined);
});

test("the fleet is asked where a certificate is ordered, and by listeners without TLS only", (t) => {
  const tls = { acme: { domains: ["a.example"] } };
  const plansOf = (...listen: NonNullable<ConfigInput["listen"]>) =>
    resolveConfig({ listen, routes: [] }, { dir: "/" }).listen.map((config) => ({ config }));
  const asks = (plans: readonly ListenerPlan[]) => withFleet(plans).map(({ asksFleet }) => asksFleet);
  t.deepEqual(asks(plansOf({ port: 80 }, { port: 443, tls }, { port: 8080 })), [true, undefined, true]);
  const others = plansOf({ port: 80 }, { port: 443, tls: { certificates: [{ cert: "c", key: "k" }] } });
  t.deepEqual(asks(others), [undefined, undefined]);
});

test("the fleet is told what is answered now, once more where it was not heard; what else stands there is not said", async (t) => {
  const kept = new Map<string, string>();
  const commands: string[][] = [];
  let failures = 1;
  const store: Pick<FleetStore, "key" | "run"> = {
    key: (tag, ...rest) => [tag, ...rest].join(":"),
    async run(command) {
      const [name, key = "", value = ""] = command;
      commands.push([...command]);
      if (name === "GET") return kept.get(key) ?? null;
      if (failures-- > 0) throw new Error("no connection");
      if (name === "SET") kept.set(key, value);
      else kept.delete(key);
      return "OK";
    },
  };
  // What waits to try again keeps no process alive.
  const alive = setInterval(() => {}, 1_000);
  t.teardown(() => clearInterval(alive));
  const challenges = createFleetChallenges(store, 0);
  await challenges.share({ [TOKEN]: ANSWER });
  t.deepEqual(commands, Array(2).fill(["SET", `acme:${TOKEN}`, ANSWER, "PX", "3600000"]));
  t.is(await challenges.find(TOKEN), ANSWER);
  await challenges.share({});
  t.is(await challenges.find(TOKEN), undefined);
  for (const nonsense of [
    "",
    "<script>",
    TOKEN,
    `${TOKEN}.`,
    `${ANSWER}p`,
    ANSWER.replace("t", "u"),
    `${ANSWER}\n`,
  ]) {
    kept.set(`acme:${TOKEN}`, nonsense);
    t.is(await challenges.find(TOKEN), undefined, nonsense);
  }
  failures = 5;
  await t.throwsAsync(challenges.share({ [TOKEN]: ANSWER }), { message: "no connection" });
  const lost = createFleetChallenges({ ...store, run: () => Promise.reject(new Error("no connection")) });
  t.is(await lost.find(TOKEN), undefined);
});

test("whoever asks for tokens costs the fleet a bounded number of questions", async (t) => {
  let asked = 0;
  let now = 0;
  const count = async () => String(++asked);
  const ask = askPatiently(count, () => now);
  for (let index = 0; index < 300; index++) await ask(TOKEN);
  t.is(asked, 200);
  now += 50;
  t.is(await ask(TOKEN), "201");
  const silent = askPatiently(
    () => {
      asked++;
      return new Promise(() => {});
    },
    () => now,
  );
  asked = 0;
  const waiting = Array.from({ length: 150 }, () => silent(TOKEN));
  t.is(await waiting.at(-1), undefined);
  t.is(asked, 100);
});
