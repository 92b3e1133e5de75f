import test from "ava";
import { createReplayBroker } from "../../core/replay/recorded-answers.ts";

test("the same question gets the recorded answers in their order, however many there are", async (t) => {
  const count = 60_000;
  const events = Array.from({ length: count }, (_, index) => ({
    type: "capability" as const,
    time: 1,
    policy: "a",
    kind: "kv" as const,
    ask: "get k",
    answer: { text: String(index) },
    line: index + 2,
  }));
  const broker = createReplayBroker(
    events,
    () => undefined,
    () => 0,
  );
  const text = JSON.stringify({ op: "get", key: "k" });
  const asked = { policy: "a", version: "v1", kind: "kv" as const, text, binary: undefined };
  const { signal } = new AbortController();
  for (let index = 0; index < count; index++) {
    const answer = await broker.carryOut({ ...asked, signal });
    if (answer.text !== String(index)) t.fail(`${answer.text} in the place of ${index}`);
  }
  t.deepEqual(await broker.carryOut({ ...asked, signal }), { text: "null" });
  const rate = JSON.stringify({ key: "k", limit: 1, per: 1000, burst: 1, onStoreLoss: "local" });
  const take = async () => (await broker.carryOut({ ...asked, kind: "rate", text: rate, signal })).text;
  t.deepEqual(
    [await take(), await take()],
    [
      '{"allowed":true,"retryAfterMs":0,"remaining":0}',
      '{"allowed":false,"retryAfterMs":1000,"remaining":0}',
    ],
    "what is not recorded begins full, and fills by the clock of the recording",
  );
});
