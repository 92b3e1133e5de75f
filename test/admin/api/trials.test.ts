import test from "ava";
import type { TrialOrder, TrialView } from "../../../core/admin/api/trials/trial-schema.ts";
import type { FrameRecord, TrafficPage } from "../../../core/traffic/records.ts";
import { eventually } from "../../support/eventually.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { connectClient, startServer } from "../../support/peers/peers.ts";

const TOKEN = "a-token-of-an-operator-of-sixteen";
const READER = "a-token-of-a-reader-of-sixteen-or";

const guard = `
export const upgrade = ({ request }) => ({ attributes: { user: request.query.user } });
export const client = async ({ content, session, kv, log, options, websock }) => {
  session.count = (session.count ?? 0) + 1;
  log.info("count " + session.count);
  if (content.body === "throw") throw new TypeError("not this one");
  if (content.body === "hang") for (;;);
  if (content.body === "fetch") await fetch("https://127.0.0.1:1/");
  const { user } = websock.context.attributes;
  return { content: { set: { user, seen: await kv.increment("seen"), word: options.word } } };
};`;

test("a policy runs on a recorded message: what it would do is told, and nothing of traffic or of its stores changes", async (t) => {
  const server = await startServer(t);
  const recording = { payload: "4KiB" } as const;
  const gateway = await startGateway(t, {
    policies: { "guard.ts": guard },
    config: {
      console: { port: 0, token: TOKEN, readerToken: READER },
      grants: { guard: { kv: true, fetch: { hosts: ["127.0.0.1:1"], private: true } } },
    },
    routes: [
      {
        ...{ name: "chat", path: "/chat", upstream: server.url, recording },
        policies: [{ use: "guard", options: { word: "hello" } }],
      },
    ],
  });
  const { port } = gateway.gateway.addresses.console!;
  const ask = async (path: string, body?: object, token = TOKEN) => {
    const response = await fetch(`http://127.0.0.1:${port}/api/v1${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: response.status, value: (await response.json()) as { error?: { message: string } } };
  };
  const run = async (order: TrialOrder) =>
    (await ask("/policies/guard/run", order)).value as unknown as TrialView;
  const client = await connectClient(t, `${gateway.url}/chat?user=ann`);
  client.send('{"a":1,"password":"hunter2"}');
  t.deepEqual(await client.nextJson(), { a: 1, password: "hunter2", user: "ann", seen: 1, word: "hello" });
  const findFrame = async () =>
    ((await ask("/traffic?kind=frame&origin=client")).value as unknown as TrafficPage).records[0] as
      | FrameRecord
      | undefined;
  await eventually("it is recorded", async () => (await findFrame()) !== undefined);
  const { seq } = (await findFrame())!;

  const ran = await run({ seq });
  t.like(ran, { policy: "guard", hook: "client", route: "chat", action: "replaced", close: null });
  t.deepEqual(JSON.parse(ran.after?.data ?? ""), {
    ...{ a: 1, password: JSON.parse(ran.before?.data ?? "").password },
    ...{ user: "ann", seen: 1, word: "hello" },
  });
  t.false(JSON.stringify(ran).includes("hunter2"));
  t.deepEqual(ran.logs, [{ level: "info", text: "count 1" }]);
  t.deepEqual(ran.asks, [{ kind: "kv", ask: "increment seen", answer: "empty", message: "" }]);
  t.true(ran.notes.some((note) => note.startsWith("Secrets of the recorded message are hidden")));

  t.like(await run({ seq, message: { text: "throw" } }), {
    action: "failed",
    detail: "`client` threw TypeError: not this one",
    close: { code: 1011 },
  });
  const [hung, fetched] = await Promise.all([
    run({ message: { text: "hang" } }),
    run({ message: { text: "fetch" } }),
  ]);
  t.like(hung, { action: "failed" });
  t.like(fetched.asks[0], { kind: "fetch", answer: "refused" });
  t.like(await run({ hook: "upgrade", seq }), {
    action: "replaced",
    status: 101,
    verdict: { attributes: { user: "ann" } },
  });

  // Neither its session nor its store has seen any of it.
  client.send('{"b":1}');
  t.like(await client.nextJson(), { b: 1, seen: 2 });

  t.like(await ask("/policies/guard/run", { seq }, READER), {
    status: 403,
    value: { error: { code: "ERR_ROLE" } },
  });
  const refused: readonly (readonly [string, object, number, RegExp])[] = [
    ["gard", { seq }, 404, /no policy "gard"; there are: guard/],
    ["guard", { seq: 99_999 }, 404, /no record 99999 is kept/],
    ["guard", { seq, hook: "server" }, 409, /has no `server` hook; it has: upgrade, client/],
    ["guard", { hook: "client" }, 400, /is for a message: say which/],
    ["guard", { seq, version: "nope" }, 404, /version "nope" of "guard" is not kept/],
    ["guard", { seq, route: "chit" }, 404, /no route "chit"/],
    ["guard", { seq, mesage: {} }, 400, /mesage/],
    ["guard", { seq, message: { text: "half \ud800" } }, 400, /half of one \(a lone surrogate\)/],
  ];
  for (const [name, order, status, words] of refused) {
    const answer = await ask(`/policies/${name}/run`, order);
    t.is(answer.status, status, JSON.stringify(answer.value));
    t.regex(answer.value.error?.message ?? "", words);
  }
  const three = await Promise.all(
    [1, 2, 3].map(() => ask("/policies/guard/run", { message: { text: "{}" } })),
  );
  t.deepEqual(three.map(({ status }) => status).sort(), [200, 200, 503]);
});
