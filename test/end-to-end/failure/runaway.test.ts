import test from "ava";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { counter, startFlow } from "../../support/peers/flow.ts";
import { connectClient, openInbox, startServer } from "../../support/peers/peers.ts";

/** Hooks that do not come to an end, and the fault that the message gets. */
const runaways: Readonly<Record<string, readonly [hook: string, reasons: readonly string[]]>> = {
  "loops for ever": ["for (;;);", ["timeout"]],
  "loops after an await": ["return (async () => { await null; for (;;); })();", ["timeout"]],
  "loops in microtasks": [
    "const spin = () => Promise.resolve().then(spin); return spin();",
    ["timeout", "memory", "killed"],
  ],
  "fills an array": [
    "const all = []; for (;;) all.push({ a: all.length });",
    ["memory", "timeout", "killed"],
  ],
  "fills a map, a little at a message": [
    "for (let i = 0; i < 3e5; i++) kept.set(kept.size, 'x' + kept.size); return fill(kept);",
    ["memory", "timeout", "killed"],
  ],
  "doubles a string": ["let s = 'ab'; for (;;) s += s;", ["throw", "memory", "timeout", "killed"]],
  "sorts with a comparison that never ends": ["[2, 1].sort(() => { for (;;); });", ["timeout"]],
  "has a getter that never ends in its verdict": ["return { get content() { for (;;); } };", ["timeout"]],
  "has a regular expression that backtracks": ["/^(a+)+$/.test('a'.repeat(40) + 'b');", ["timeout"]],
};

const policy = (run: string) => `${counter}
  const kept = new Map();
  const fill = (map) => { for (;;) for (let i = 0; i < 1e5; i++) map.set(map.size, "x" + map.size); };
  const run = () => { ${run} };
  export const client = (context) => context.content.body === "run" ? run() : count(context);`;

const routes = (upstream: string) => [
  { path: "/close", upstream, policies: ["run"] },
  { path: "/drop", upstream, policies: ["run"], onError: "drop" as const },
  { path: "/pass", upstream, policies: ["run"], onError: "pass" as const },
  { path: "/other", upstream, policies: ["other"] },
];

for (const [name, [run, reasons]] of Object.entries(runaways)) {
  test.serial(`a policy that ${name}: its message gets onError, nobody else notices`, async (t) => {
    const server = await startServer(t);
    const gateway = await startGateway(t, {
      policies: { "run.ts": policy(run), "other.ts": `${counter}\nexport const client = count;` },
      routes: routes(server.url),
      config: { sandbox: { warmSpare: true, memoryLimit: "32MiB", silence: "10s" } },
    });
    const connect = (path: string) => connectClient(t, gateway.url + path);
    const flows = [
      startFlow(await connect("/close")),
      startFlow(await connect("/drop"), 1),
      startFlow(await connect("/other")),
    ];
    await Promise.all(flows.map((flow) => flow.progress(50)));

    const dropping = await connect("/drop");
    for (const text of ["a", "run", "b"]) dropping.send(text);
    t.deepEqual(await dropping.take(2), ["a 1", "b 2"]);
    await Promise.all(flows.map((flow) => flow.progress(50)));

    const passing = await connect("/pass");
    for (const text of ["a", "run", "b"]) passing.send(text);
    t.deepEqual(await passing.take(3), ["a 1", "run", "b 2"]);
    await Promise.all(flows.map((flow) => flow.progress(50)));

    const closing = await connect("/close");
    closing.send("run");
    t.deepEqual(await closing.closed, { code: 1011, reason: "internal error" });
    await Promise.all(flows.map((flow) => flow.progress(50)));

    for (const flow of flows) t.true((await flow.finish()) >= 200);
    const found = faults(gateway);
    t.is(found.length, 3, JSON.stringify(found));
    for (const reason of found) t.true(reasons.includes(reason), reason);
  });
}

function faults({ log }: TestGateway): string[] {
  return log
    .filter(({ policy, hook }) => policy === "run" && hook !== undefined)
    .map(({ reason }) => String(reason));
}

test.serial("both legs of the connection are told, after what came before", async (t) => {
  const server = await startServer(t, () => {});
  const gateway = await startGateway(t, {
    policies: { "run.ts": policy("for (;;);") },
    routes: routes(server.url),
  });
  const client = await connectClient(t, `${gateway.url}/close`);
  const inbox = openInbox(await server.accept());
  for (const text of ["before", "run", "behind"]) client.send(text);
  t.is(await inbox.next(), "before 1");
  t.deepEqual(await inbox.closed, { code: 1011, reason: "internal error" });
  t.deepEqual(await client.closed, { code: 1011, reason: "internal error" });
  t.deepEqual(inbox.left, []);
});
