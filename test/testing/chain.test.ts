import { join } from "node:path";
import test, { type ExecutionContext } from "ava";
import { type ChainLoadOptions, type ChainUse, loadChain, loadPolicy } from "../../testing/index.ts";
import { makeFolder } from "../config/folder.ts";

type Uses = Readonly<Record<string, string | (Omit<ChainUse, "use"> & { readonly code: string })>>;

/** @param uses code by the name of the policy, in the order of the chain */
async function load(t: ExecutionContext, uses: Uses, options?: ChainLoadOptions) {
  const whole = Object.entries(uses).map(([name, use]) => ({
    name,
    ...(typeof use === "string" ? { code: use } : use),
  }));
  const dir = await makeFolder(t, Object.fromEntries(whole.map(({ name, code }) => [`${name}.ts`, code])));
  return loadChain(
    whole.map(({ name, code: _, ...use }) => ({ ...use, use: join(dir, `${name}.ts`) })),
    options,
  );
}

const auth = `
export const upgrade = ({ request }) =>
  request.query.user === undefined ? { reject: { status: 401, body: "who?" } } : { attributes: { user: request.query.user } };
export const client = ({ content, session, websock }) => {
  session.count = (session.count ?? 0) + 1;
  return { content: { set: { from: websock.context.attributes.user, count: session.count } } };
};
export const server = ({ content }) => ({ content: { body: { ...content.json(), by: [...(content.json().by ?? []), "auth"] } } });`;

const limit = `
export const upgrade = ({ attributes }) => ({ attributes: { seen: attributes.user, limit: 3 }, headers: { "x-user": attributes.user } });
export const client = ({ content }) => {
  const { count, text } = content.json();
  if (text === "secret") return { drop: true, reply: [{ error: "no" }] };
  if (count > 2) return { close: { code: 1008, reason: "too many" } };
  return { append: [{ count }] };
};
export const server = ({ content }) => ({ content: { body: { ...content.json(), by: ["limit"] } } });`;

test("what one policy sets the next reads; server hooks run the other way round; drop, reply, append and close are the gateway's", async (t) => {
  const chain = await load(t, { auth, limit });
  const connection = chain.connection();
  t.like(await connection.upgrade({ url: "/?user=ann" }), {
    ...{ accepted: true, status: 101, headers: { "x-user": "ann" } },
    attributes: { user: "ann", seen: "ann", limit: 3 },
  });
  const first = await connection.client({ text: "hi" });
  t.deepEqual(first.json(), { text: "hi", from: "ann", count: 1 });
  t.deepEqual(first.appended.json(), [{ count: 1 }]);
  t.deepEqual(first.steps, [
    { policy: "auth", action: "replaced" },
    { policy: "limit", action: "appended" },
  ]);
  const dropped = await connection.client({ text: "secret" });
  t.true(dropped.isDropped);
  t.deepEqual(dropped.replies.json(), [{ error: "no" }]);
  t.deepEqual([...dropped.replies], ['{"error":"no"}']);
  t.deepEqual((await connection.server({ a: 1 })).json(), { a: 1, by: ["limit", "auth"] });
  t.like(await connection.client({ text: "again" }), {
    isDropped: true,
    close: { code: 1008, reason: "too many" },
  });
  await t.throwsAsync(connection.client("x"), { message: /was closed with 1008 too many: .*only `close`/ });
  await t.notThrowsAsync(connection.close());

  const refused = chain.connection();
  t.like(await refused.upgrade({ url: "/" }), { accepted: false, status: 401, body: "who?", attributes: {} });
  await t.throwsAsync(refused.client("x"), { message: /was refused with 401/ });
  t.deepEqual((await chain.connection({ attributes: { user: "bob" } }).client({})).json(), {
    from: "bob",
    count: 1,
  });
});

test("a hook that a use leaves out does not run, and each policy has its own options, kv and logs", async (t) => {
  const code = `
export const client = async ({ options, kv, log }) => {
  log.info(options.word);
  return { content: { set: { [options.word]: await kv.increment("n") } } };
};`;
  const chain = await load(t, {
    one: { code, options: { word: "first" } },
    two: { code, options: { word: "second" } },
    three: { code, options: { word: "third" }, hooks: ["server"] },
  });
  const result = await chain.client({});
  t.deepEqual(result.json(), { first: 1, second: 1 });
  t.deepEqual(
    chain.logs().map(({ policy, text }) => [policy, text]),
    [
      ["one", "first"],
      ["two", "second"],
    ],
  );
  t.is(await chain.policies[1]?.kv.get("n"), 1);
});

test("a fault rejects the call, or does what the route's `onError` says", async (t) => {
  const uses = {
    broken: `export const client = () => { throw new RangeError("not so"); };`,
    mark: `export const client = () => ({ content: { set: { marked: true } } });`,
  };
  const seen = await load(t, uses);
  await t.throwsAsync(seen.client({}), { name: "RangeError", message: "not so" });
  const passing = await load(t, uses, { onError: "pass" });
  t.deepEqual((await passing.client({})).json(), { marked: true });
  const dropping = await load(t, uses, { onError: "drop" });
  t.like(await dropping.client({}), { isDropped: true, close: undefined });
  const closing = await load(t, uses, { onError: "close" });
  t.like(await closing.client({}), { isDropped: true, close: { code: 1011 } });
});

test("tick and renew: what a hook sends passes the rest of the chain, and all read what it has set", async (t) => {
  const outer = `
export const server = ({ content }) => ({ content: { set: { outer: true } } });
export const client = ({ websock }) => ({ content: { body: websock.context.attributes } });`;
  const inner = `
export const when = { tick: { every: 1000 } };
export const client = ({ content }) => content.body === "renew" ? { renew: { level: 2 } } : undefined;
export const tick = () => ({ toClient: [{ at: Date.now() }], toServer: ["ping"] });
export const renew = ({ reason, data }) => ({ attributes: { why: reason, ...data }, toClient: [{ reason }] });
export const close = ({ initiator, code, log }) => { log.info(initiator + " " + code); };`;
  const chain = await load(t, { outer, inner }, { now: 5000 });
  const connection = chain.connection();
  await chain.clock.advance(1000);
  const ticked = await connection.tick();
  t.deepEqual(ticked.toClient.json(), [{ at: 6000, outer: true }]);
  t.deepEqual([...ticked.toServer], ["ping"]);
  await t.throwsAsync(connection.tick({ policy: "outer" }), {
    message: 'No policy "outer" of this chain has a `tick` hook; those that have one: inner.',
  });
  const renewed = await connection.renew();
  t.deepEqual(renewed.attributes, { why: "request" });
  t.deepEqual(renewed.toClient.json(), [{ reason: "request", outer: true }]);
  t.deepEqual((await connection.client("x")).json(), { why: "request" });
  await connection.close({ code: 4000, initiator: "server" });
  t.deepEqual(
    chain.logs().map(({ text }) => text),
    ["server 4000"],
  );
});

test("replies of one policy have json, too", async (t) => {
  const dir = await makeFolder(t, {
    "p.ts": `export const client = () => ({ drop: true, reply: [{ a: 1 }, "[2]"] });`,
  });
  const { replies, appended } = await (await loadPolicy(join(dir, "p.ts"))).client("x");
  t.deepEqual(replies.json(), [{ a: 1 }, [2]]);
  t.deepEqual(appended.json(), []);
  t.deepEqual([...replies], ['{"a":1}', "[2]"]);
});
