import { createPrivateKey, verify } from "node:crypto";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { readAccountKey } from "../../core/acme/account-key.ts";
import { requireUsable } from "../../core/acme/certificate-check.ts";
import { makePrivateKey } from "../../core/acme/certificate-folder.ts";
import { createCertificateRenewals } from "../../core/acme/certificate-renewals.ts";
import { mergeAnswers } from "../../core/acme/merged-answers.ts";
import { lookDelay, renewalTime, retryDelay } from "../../core/acme/renewal-time.ts";
import { type ConfigInput, resolveConfig } from "../../core/config/index.ts";
import { createFleetChallenges } from "../../core/fleet/challenges.ts";
import type { FleetStore } from "../../core/fleet/store.ts";
import { askPatiently } from "../../core/listen/challenges/ask-patiently.ts";
import { challengeToken } from "../../core/listen/challenges/challenges.ts";
import type { ListenerPlan } from "../../core/listen/listener-plan.ts";
import { withFleet } from "../../core/listen/listener-planning.ts";
import { createLogger } from "../../core/log.ts";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";
import { createCertificate } from "../support/servers/certificate.ts";

test("a certificate is renewed with about a third of its life left, not all at once", (t) => {
  const life = { notBefore: 0, notAfter: 90 };
  t.deepEqual(
    [0, 1].map((random) => renewalTime(life, random)),
    [60, 57],
  );
});

test("a certificate with a short life is looked at before it ends, others twice a day", (t) => {
  const minutes = [-1, 0, 60_000, 20 * 60_000, 1e9].map((dueMs) => lookDelay(dueMs) / 60_000);
  t.deepEqual(minutes, [5, 5, 5, 20, 720]);
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

test("what an authority gives must be a certificate for the key and the names, and not have ended", (t) => {
  const names = ["a.example", "b.example"];
  const { key, cert } = createCertificate({ names });
  const check = (rest: object) => () =>
    requireUsable({ chain: cert, key, domains: names, ...rest }, Date.now());
  t.notThrows(check({}));
  const wrong = [
    [{ chain: "<html>502 try later</html>" }, /cannot be used: /],
    [{ chain: createCertificate({ names }).cert }, /key values mismatch/],
    [{ domains: [...names, "c.example"] }, /it is not for c\.example$/],
  ] as const;
  for (const [rest, message] of wrong) t.throws(check(rest), { code: "ERR_ACME_REFUSED", message });
  const ended = createCertificate({ names, until: "20200201000000Z" });
  t.throws(check({ chain: ended.cert, key: ended.key }), { message: /it ended Feb {2}1 .* 2020 GMT$/ });
});

test("an authority that answers with nonsense: the certificate that is there stays, and the log says what is wrong", async (t) => {
  const authority = await startAuthority(t);
  const { lines, renewals, acme } = await openRenewals(t);
  const a = acme("a.example", authority);
  const soon = createCertificate({ names: ["a.example"], until: "20200201000000Z" });
  await writeFile(a.file, soon.key + soon.cert);
  renewals.follow([a]);
  await eventually("the reason", () => lines.some((line) => line.includes("cannot be used")));
  t.is(await readFile(a.file, "utf8"), soon.key + soon.cert);
  const nobody = await startAuthority(t, { "/order": (send) => send("null") });
  renewals.follow([acme("b.example", nobody)]);
  await eventually("the reason", () =>
    lines.some((line) => line.includes("/order answers as no authority does")),
  );
  t.false(lines.some((line) => line.includes("certificate renewed")));
});

test("a config that is put right is taken at once, and what is under way for the old one is given up", async (t) => {
  const [authority, silent] = [await startAuthority(t), await startAuthority(t, { "/dir": () => {} })];
  const { lines, renewals, acme } = await openRenewals(t);
  const { ca, ...wrong } = acme("a.example", authority);
  renewals.follow([wrong]);
  await eventually("the reason", () => lines.some((line) => line.includes("self-signed certificate")));
  renewals.follow([{ ...wrong, ca }]);
  await eventually("an order", () => authority.asked.includes("/order"));
  const waiting = acme("b.example", silent);
  renewals.follow([waiting]);
  await eventually("a question", () => silent.asked.length > 0);
  renewals.follow([{ ...waiting, email: "ops@example.org" }]);
  await silent.left;
  await eventually("another question", () => silent.asked.length === 2);
  t.false(lines.some((line) => line.includes("b.example")));
});

test("an authority that says nothing holds up no other, and is given up in time", async (t) => {
  const [authority, silent] = [await startAuthority(t), await startAuthority(t, { "/dir": () => {} })];
  const { lines, renewals, acme } = await openRenewals(t);
  renewals.follow([acme("a.example", silent), acme("b.example", authority)]);
  await eventually("an order", () => authority.asked.includes("/cert"));
  t.false(lines.some((line) => line.includes("a.example")));
  const hasty = await openRenewals(t, { orderMs: 200 });
  hasty.renewals.follow([hasty.acme("a.example", silent)]);
  await eventually("the reason", () =>
    hasty.lines.some((line) => line.includes("the order has not come to an end within 0.2 s")),
  );
});

test("what is answered is what all orders say, and no more than that", async (t) => {
  const told: object[] = [];
  const answerFor = mergeAnswers(async (answers) => void told.push(answers));
  const [one, other] = [answerFor(), answerFor()];
  await Promise.all([one({ a: "1", b: "2" }), other({ c: "3" }), one({}), other({})]);
  t.deepEqual(told.at(-1), {});
  await one({ a: "1" });
  await other({ c: "3" });
  await one({});
  t.deepEqual(told.slice(-3), [{ a: "1" }, { a: "1", c: "3" }, { c: "3" }]);
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

type Send = (body: string, headers?: Readonly<Record<string, string>>) => void;

interface FakeAuthority {
  readonly directory: string;
  readonly cert: string;
  readonly asked: string[];
  /** Settles when somebody who has asked has gone. */
  readonly left: Promise<unknown>;
}

/** One that has nothing to ask for names, and gives no certificate. */
async function startAuthority(
  t: ExecutionContext,
  other: Readonly<Record<string, (send: Send) => void>> = {},
): Promise<FakeAuthority> {
  const { key, cert } = createCertificate();
  const asked: string[] = [];
  const left = Promise.withResolvers<unknown>();
  let nonces = 0;
  const server = createServer({ key, cert }, ({ url = "" }, response) => {
    asked.push(url);
    response.on("close", () => response.writableFinished || left.resolve(undefined));
    const send: Send = (body, headers = {}) =>
      void response.writeHead(200, { "Replay-Nonce": `n${++nonces}`, ...headers }).end(body);
    const order = { authorizations: [], finalize: `${base}/fin`, certificate: `${base}/cert` };
    const usual: typeof other = {
      "/dir": () =>
        send(
          JSON.stringify({ newNonce: `${base}/nonce`, newAccount: `${base}/me`, newOrder: `${base}/order` }),
        ),
      "/me": () => send("{}", { Location: `${base}/me/1` }),
      "/order": () => send(JSON.stringify({ ...order, status: "ready" }), { Location: `${base}/order/1` }),
      "/order/1": () => send(JSON.stringify({ ...order, status: "valid" })),
      "/cert": () => send("<html>502 try later</html>"),
    };
    (other[url] ?? usual[url] ?? (() => send("{}")))(send);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const base = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { directory: `${base}/dir`, cert, asked, left: left.promise };
}

async function openRenewals(t: ExecutionContext, rest: { readonly orderMs?: number } = {}) {
  const lines: string[] = [];
  const logger = createLogger({
    level: "info",
    destination: { write: (line) => void lines.push(line) },
  });
  const renewals = createCertificateRenewals({ answer: async () => {}, logger, ...rest });
  t.teardown(() => renewals.close());
  const folder = await makeFolder(t, {});
  const acme = (domain: string, { directory, cert }: FakeAuthority) => {
    const ca = join(folder, `${domain}-ca.pem`);
    writeFileSync(ca, cert);
    return { directory, domains: [domain], folder, file: join(folder, `${domain}.pem`), ca };
  };
  return { lines, renewals, acme };
}
