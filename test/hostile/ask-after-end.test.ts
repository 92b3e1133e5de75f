import { heldBroker } from "../sandbox/broker/capabilities.ts";
import { bodyOf, startSandbox } from "../sandbox/support.ts";
import { test } from "../sandbox/transports.ts";
import { eventually } from "../support/eventually.ts";

test("what a hook left running ends with the hook's time, however it goes on", async (t) => {
  const broker = heldBroker();
  const answer = setInterval(() => broker.release("null"), 5);
  t.teardown(() => clearInterval(answer));
  const fixture = await startSandbox(t, { broker, limits: { asyncTimeoutMs: 300 } });
  await fixture.use(
    "leaves",
    `let end = "runs";
    const forever = async () => { try { for (;;) await kv_.get("a"); } catch (error) { end = error.name; } };
    let kv_;
    export const client = ({ content, kv }) => {
      if (content.json() === "leave") { kv_ = kv; forever(); return; }
      return { content: { body: [end] } };
    };`,
  );
  const seat = fixture.seat("leaves");
  await seat.client('"leave"');
  const end = await eventually("what was left running has ended", async () => {
    const [state] = bodyOf(await seat.client("1")) as [string];
    return state !== "runs" && state;
  });
  t.is(end, "TimeoutError");
  const { length } = broker.asks;
  await new Promise((resolve) => setTimeout(resolve, 100));
  t.is(broker.asks.length, length);
});
