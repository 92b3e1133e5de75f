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
  const outcomes = Array.from({ length: 30 }, () => client({}));
  for (let n = 0; n < 30; n++) t.deepEqual(show(await neighbour.client({})), { drop: true });
  const reasons = (await Promise.all(outcomes)).map((one) =>
    one.kind === "fault" ? one.fault.reason : one.kind,
  );
  // A host that a busy machine keeps from ending them in time is killed: a strike like any other.
  for (const reason of reasons.slice(0, 5)) t.true(reason === "timeout" || reason === "killed", reason);
  // More than a second may pass on a busy machine, and then one of them probes.
  t.true(reasons.slice(5).includes("unavailable"));
  await fixture.use("loops", "export const client = () => ({ drop: true });");
  t.deepEqual(show(await client({})), { drop: true });
});
