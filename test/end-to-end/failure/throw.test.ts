import test from "ava";
import { counter, startFlow } from "../../support/peers/flow.ts";
import { listen, startPolicies } from "../../support/policies.ts";

const throwing = `// a line above
import { deep } from "./_deep.ts";

export const client = async ({ content }) => {
  if (content.body === "sync") deep("at once");
  if (content.body === "later") {
    await null;
    deep("later");
  }
  if (content.body === "odd") throw { not: "an error" };
};
export const server = ({ content }) => {
  if (content.body === "server") throw new RangeError("from the server hook");
};
`;
const deep = `export function deep(when: string): never {
  throw new TypeError("broken " + when);
}
`;

async function start(t: Parameters<typeof startPolicies>[0], onError: "close" | "drop" | "pass") {
  return startPolicies(
    t,
    { "boom.ts": throwing, "_deep.ts": deep },
    { route: { onError, policies: ["boom"] }, onConnection: listen },
  );
}

test("the log has the author's files and lines, and nothing of the sandbox's own", async (t) => {
  const { connect, gateway } = await start(t, "pass");
  const client = await connect();
  for (const text of ["sync", "later", "odd"]) client.send(text);
  for (const [when, line] of [
    ["at once", 5],
    ["later", 8],
  ] as const) {
    const record = await gateway.logged(({ msg }) => msg.includes(`broken ${when}`));
    t.like(record, { level: "error", policy: "boom", hook: "client", reason: "throw", route: "/*" });
    const [first, ...frames] = String(record.stack).split("\n");
    t.is(first, `TypeError: broken ${when}`);
    t.regex(frames[0]!, /at deep \(.*\/_deep\.ts:2:9\)$/);
    t.regex(frames[1]!, new RegExp(`/boom\\.ts:${line}:`));
    t.is(frames.length, 2, String(record.stack));
  }
  const odd = await gateway.logged(({ msg }) => msg.includes("which is not an Error"));
  t.regex(odd.msg, /not: "an error"/);
});

test('onError "pass" sends the message on, "drop" does not; the connection stays', async (t) => {
  for (const [onError, expected] of [
    ["pass", ["one", "sync", "later", "odd", "two"]],
    ["drop", ["one", "two"]],
  ] as const) {
    const { connect, arrived } = await start(t, onError);
    const client = await connect();
    const server = await arrived();
    for (const text of ["one", "sync", "later", "odd", "two"]) client.send(text);
    t.deepEqual(await server.take(expected.length), expected);
    for (const text of ["server", "end"]) server.ws.send(text);
    t.is(await client.next(), onError === "pass" ? "server" : "end");
  }
});

test("by default both legs get 1011, whichever side's message it was, and the reason tells nothing", async (t) => {
  const { connect, arrived } = await start(t, "close");
  for (const text of ["sync", "later", "odd", "server"]) {
    const client = await connect();
    const server = await arrived();
    if (text === "server") server.ws.send(text);
    else client.send(text);
    const expected = { code: 1011, reason: "internal error" };
    t.deepEqual(await Promise.all([client.closed, server.closed]), [expected, expected]);
  }
});

test("a policy that throws at every second message costs others nothing, also in its own chain", async (t) => {
  const { connect } = await startPolicies(
    t,
    {
      "boom.ts": "export const client = ({ frame }) => { if (frame.sequence % 2) throw new Error('odd'); };",
      "count.ts": `${counter}\nexport const client = count;`,
    },
    { route: { onError: "pass" } },
  );
  const flows = (await Promise.all([connect(), connect()])).map((client) => startFlow(client));
  await Promise.all(flows.map((flow) => flow.progress(500)));
  for (const flow of flows) t.true((await flow.finish()) >= 500);
});
