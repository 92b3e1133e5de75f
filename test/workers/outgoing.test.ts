import { once } from "node:events";
import test from "ava";
import type { FromWorker } from "../../core/workers/messages.ts";
import { Outgoing } from "../../core/workers/outgoing.ts";

const reply: FromWorker = { type: "reply", id: 1, value: undefined };
const said: FromWorker = { type: "event", event: { type: "host-started", pid: 1 } };

function turnedAway(client: string): FromWorker {
  const { listener, code, detail } = { listener: "", code: "ERR_NO_ROOM", detail: "" } as const;
  return { type: "event", event: { type: "connection-refused", client, listener, code, detail } };
}

test("what can wait goes along with what cannot, in the order in which it was said", (t) => {
  const writes: (readonly FromWorker[])[] = [];
  const outgoing = new Outgoing((messages) => writes.push(messages));
  const [first, second, third] = ["a", "b", "c"].map(turnedAway) as [FromWorker, FromWorker, FromWorker];
  for (const message of [said, first, second, reply, third, said]) outgoing.send(message);
  t.deepEqual(writes, [[said], [first, second, reply], [third, said]]);
});

test("what can wait goes by itself, all of it in one write, and again the next time", async (t) => {
  const news = new EventTarget();
  const writes: (readonly FromWorker[])[] = [];
  const outgoing = new Outgoing((messages) => {
    writes.push(messages);
    news.dispatchEvent(new Event("write"));
  });
  for (const names of [["a", "b"], ["c"]]) {
    const written = once(news, "write");
    for (const name of names) outgoing.send(turnedAway(name));
    t.is(writes.length, names.length === 2 ? 0 : 1, "nothing goes at once");
    await written;
  }
  t.deepEqual(writes, [[turnedAway("a"), turnedAway("b")], [turnedAway("c")]]);
});
