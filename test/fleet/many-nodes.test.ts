import test from "ava";
import { startSimulatedNode } from "../../bench/fleet/simulated-node.ts";
import { readPlace } from "../../core/engine/session-place.ts";
import { eventually } from "../support/eventually.ts";
import { has } from "../support/needs.ts";
import { startRedis } from "../support/servers/redis.ts";

const NODES = 10;
const EACH = 300;

test("ten nodes on one Redis: any sees all sessions once, counts them, and closes those that fit", async (t) => {
  if (!has(t, "redis-server")) return;
  const redis = await startRedis();
  t.teardown(() => redis.stop());
  const nodes = await Promise.all(
    Array.from({ length: NODES }, (_, index) =>
      startSimulatedNode({ url: redis.url, node: `node-${index}`, sessions: EACH, patience: 100 }),
    ),
  );
  t.teardown(() => Promise.all(nodes.map((node) => node.close())));
  const [first, last] = [nodes[0]!.fleet, nodes.at(-1)!.fleet];
  await eventually("all know of all", () => nodes.every(({ fleet }) => fleet.nodes() === NODES));

  const seen = new Map<string, string>();
  let count = 0;
  for (let before: ReturnType<typeof readPlace>; ; ) {
    const page = await last.desk.list({ filter: {}, limit: 250, ...(before && { before }) });
    t.deepEqual(page.unanswered, []);
    t.is(page.total, NODES * EACH);
    for (const { id, node } of page.sessions) seen.set(id, node);
    count += page.sessions.length;
    if (page.next === null) break;
    before = readPlace(page.next);
  }
  t.is(count, NODES * EACH);
  t.is(seen.size, NODES * EACH);
  t.true([...seen].every(([id, node]) => id.startsWith(`${node}-`)));

  const filter = { attributes: [{ name: "user", value: "user-7" }] };
  t.is((await first.desk.count(filter)).sessions, NODES);
  const job = await last.desk.steer({
    ...{ what: "close", filter, pace: { overMs: 0, perSecond: 0, jitter: 0 } },
    act: { close: { code: 1001, reason: "" }, grounds: { cause: "admin", detail: "" } },
  });
  t.like(job, { state: "done", sessions: NODES, done: NODES, left: 0, unanswered: [] });
  t.is((await first.desk.count({})).sessions, NODES * (EACH - 1));

  const { nodes: listed } = await first.status();
  t.is(listed.length, NODES);
  t.true(
    listed.every(({ condition, isSelf, node }) => condition === "ready" && isSelf === (node === "node-0")),
  );

  // One that stops has left at once, and nobody waits for it.
  await nodes[4]!.close();
  const rest = await first.desk.count({});
  t.deepEqual(rest, { sessions: (NODES - 1) * (EACH - 1), unanswered: [] });
});
