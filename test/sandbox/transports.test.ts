import { show, startSandbox } from "./support.ts";
import { test, transportOf } from "./transports.ts";

test("policies are where the transport of their test has them", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("drops", "export const client = () => ({ drop: true });");
  t.deepEqual(show(await fixture.seat("drops").client({})), { drop: true });
  const hasHost = fixture.events.some(({ type }) => type === "host-started");
  t.is(hasHost, transportOf() === "process");
});

test("what came of a call is there no later than in the turn after it was made, inside of the process", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("drops", "export const client = () => ({ drop: true });");
  const { client } = fixture.seat("drops");
  t.deepEqual(show(await client({})), { drop: true });
  let isBack = false;
  const call = client({}).then(() => {
    isBack = true;
  });
  await new Promise(setImmediate);
  if (transportOf() === "worker") t.true(isBack);
  await call;
  t.true(isBack);
});
