import test, { type ExecutionContext } from "ava";
import { type LiveMessage, liveMessageSchema } from "../../../core/admin/api/api-schema.ts";
import { createArrayStore } from "../../support/array-store.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { startConsole } from "../console.ts";

async function listen(t: ExecutionContext, url: string) {
  const client = await connectClient(t, `${url}/api/v1/live`);
  return {
    ...client,
    ask: (request: object) => client.send(JSON.stringify(request)),
    /** The next message of a type; pulses and others are passed over. */
    async next<Type extends LiveMessage["type"]>(type: Type): Promise<Extract<LiveMessage, { type: Type }>> {
      for (;;) {
        const message = liveMessageSchema.parse(await client.nextJson());
        if (message.type === type) return message as Extract<LiveMessage, { type: Type }>;
      }
    },
  };
}

test("it begins with hello, then each second has its pulse, and changes are told", async (t) => {
  const { admin, url } = await startConsole(t);
  const feed = await listen(t, url);
  const { info } = await feed.next("hello");
  t.like(info, { role: "admin", version: "1.2.3" });
  const first = await feed.next("pulse");
  const second = await feed.next("pulse");
  t.true(second.pulse.time > first.pulse.time);
  admin.changed("routes");
  t.is((await feed.next("changed")).what, "routes");
  const late = await listen(t, url);
  t.true((await late.next("hello")).pulses.length >= 2);
});

test("a subscription gets what fits and what comes from then on, or from where it says", async (t) => {
  const traffic = createArrayStore();
  const { url } = await startConsole(t, traffic);
  traffic.add({ route: "/old" }, { route: "/a" });
  const feed = await listen(t, url);
  feed.ask({ type: "traffic", id: 1, filter: { route: "/a" } });
  feed.ask({ type: "traffic", id: 2, filter: {}, after: 0 });
  const past = await feed.next("traffic");
  t.is(past.id, 2);
  t.deepEqual(
    past.records.map(({ seq }) => seq),
    [1, 2],
  );

  traffic.add({ route: "/b" }, { route: "/a" });
  const pushes = [await feed.next("traffic"), await feed.next("traffic")];
  const seqs = (id: number) =>
    pushes.filter((push) => push.id === id).flatMap(({ records }) => records.map(({ seq }) => seq));
  t.deepEqual(seqs(1), [4]);
  t.deepEqual(seqs(2), [3, 4]);

  feed.ask({ type: "stop", id: 2 });
  feed.ask({ type: "traffic", id: 1, filter: { origin: "server" }, after: 4 });
  traffic.add({ origin: "client" }, { origin: "server" });
  let last = await feed.next("traffic");
  // What was on its way before the stop was heard.
  while (last.id !== 1) last = await feed.next("traffic");
  t.deepEqual(
    last.records.map(({ seq }) => seq),
    [6],
  );
});

test("of more than 200 at once the rest is counted and left out, and what follows comes", async (t) => {
  const traffic = createArrayStore();
  const { url } = await startConsole(t, traffic);
  for (let i = 0; i < 5000; i++) traffic.add({ route: i % 2 === 0 ? "/even" : "/odd" });
  const feed = await listen(t, url);
  feed.ask({ type: "traffic", id: 1, filter: {}, after: 0 });
  const all = await feed.next("traffic");
  t.is(all.records.length, 200);
  t.is(all.skipped, 4800);
  feed.ask({ type: "traffic", id: 2, filter: { route: "/odd" }, after: 4000 });
  const odd = await feed.next("traffic");
  t.is(odd.records.length, 200);
  t.is(odd.skipped, 300);
  traffic.add({});
  const next = await feed.next("traffic");
  t.deepEqual(
    next.records.map(({ seq }) => seq),
    [5001],
  );
});

test("a listener that takes nothing is sent nothing more and told what it missed; the others go on", async (t) => {
  const traffic = createArrayStore();
  const { url } = await startConsole(t, traffic);
  const slow = await listen(t, url);
  const feed = await listen(t, url);
  for (const each of [slow, feed]) each.ask({ type: "traffic", id: 1, filter: {}, after: 0 });
  await slow.next("hello");
  slow.socket.pause();
  const data = "x".repeat(100_000);
  const payload = { encoding: "text" as const, data, length: data.length, isCut: false, redactions: 0 };
  let seen = 0;
  while (seen < 400) {
    traffic.add(...Array.from({ length: 20 }, () => ({ payload })));
    seen += (await feed.next("traffic")).records.length;
  }
  slow.socket.resume();
  let taken = 0;
  for (;;) {
    const { records, skipped } = await slow.next("traffic");
    taken += records.length + skipped;
    if (records.at(-1)?.seq === traffic.stats().newestSeq) break;
    // Whatever it missed, it hears of what is new.
    traffic.add({});
  }
  t.is(taken, traffic.stats().newestSeq);
});

test("what is not understood ends the connection with the reason", async (t) => {
  const { url } = await startConsole(t);
  for (const request of [
    "nonsense",
    '{"type":"traffic"}',
    '{"type":"traffic","id":1,"filter":{"opcode":"x"}}',
    '{"type":"traffic","id":1,"filter":{"filter":"(a"}}',
  ]) {
    const client = await connectClient(t, `${url}/api/v1/live`);
    client.send(request);
    t.is((await client.closed).code, 1008);
  }
  const feed = await listen(t, url);
  for (let id = 0; id < 9; id++) feed.ask({ type: "traffic", id, filter: {} });
  t.deepEqual(await feed.closed, { code: 1008, reason: "at most 8 subscriptions" });
});

test("a console that closes says so to those who listen", async (t) => {
  const { admin, url } = await startConsole(t);
  const feed = await listen(t, url);
  admin.close();
  t.is((await feed.closed).code, 1001);
});
