import { createBreaker } from "../../../../sandbox/client/policy/breaker.ts";
import { show, startSandbox } from "../../support.ts";
import { test } from "../../transports.ts";

test("five strikes in a row open it for a second, then one call probes", (t) => {
  const breaker = createBreaker();
  for (let n = 0; n < 4; n++) breaker.report("timeout", 0);
  breaker.report(undefined, 0);
  for (let n = 0; n < 4; n++) breaker.report("memory", 0);
  t.is(breaker.state(0), "closed");
  breaker.report("killed", 10);
  t.is(breaker.state(1009), "open");
  t.is(breaker.state(1010), "probing");
  breaker.report("timeout", 1020);
  t.is(breaker.state(1030), "open");
  t.is(breaker.state(2020), "probing");
  breaker.report(undefined, 2020);
  t.is(breaker.state(2020), "closed");
});

test("a hook that throws is no strike", (t) => {
  const breaker = createBreaker();
  for (let n = 0; n < 20; n++) breaker.report("throw", 0);
  t.is(breaker.state(0), "closed");
});

test("a policy that loops on every message is cut off, its neighbour is not, and a new version is tried at once", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("loops", "export const client = () => { for (;;); };");
  await fixture.use("fine", "export const client = () => ({ drop: true });");
  const { client } = fixture.seat("loops");
  const neighbour = fixture.seat("fine");
  const reasonOf = async () => {
    const outcome = await client({});
    return outcome.kind === "fault" ? outcome.fault.reason : outcome.kind;
  };
  // One after the other: those that are under way together may all be lost with one host, before it is cut off.
  for (let strike = 0; strike < 5; strike++) {
    const struck = reasonOf();
    for (let n = 0; n < 6; n++) t.deepEqual(show(await neighbour.client({})), { drop: true });
    // A host that a busy machine keeps from ending them in time is killed: a strike like any other.
    const reason = await struck;
    t.true(reason === "timeout" || reason === "killed", reason);
  }
  const reasons = await Promise.all(Array.from({ length: 25 }, reasonOf));
  // More than a second may pass on a busy machine, and then one of them probes.
  t.true(reasons.includes("unavailable"), reasons.join());
  await fixture.use("loops", "export const client = () => ({ drop: true });");
  t.deepEqual(show(await client({})), { drop: true });
});
