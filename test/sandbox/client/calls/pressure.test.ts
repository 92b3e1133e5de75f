import { createPressureGauge } from "../../../../sandbox/client/calls/pressure.ts";
import { startSandbox } from "../../support.ts";
import { test } from "../../transports.ts";

const MIB = 1024 * 1024;

test("a high tide is told when half of it has gone, once", (t) => {
  let drained = 0;
  const gauge = createPressureGauge(() => drained++);
  gauge.add(20 * MIB);
  gauge.remove(20 * MIB);
  t.is(drained, 0);
  gauge.add(40 * MIB);
  gauge.remove(20 * MIB);
  t.is(drained, 0);
  gauge.remove(1);
  t.is(drained, 1);
  gauge.remove(20 * MIB - 1);
  t.is(drained, 1);
  t.is(gauge.bytes(), 0);
});

test("a sandbox tells what it has in its books", async (t) => {
  const fixture = await startSandbox(t);
  await fixture.use("quiet", "export const client = () => {};");
  const { client } = fixture.seat("quiet");
  const body = new Uint8Array(MIB);
  const calls = Array.from({ length: 40 }, () => fixture.seat("quiet").call("client", body));
  t.is(fixture.sandbox.pendingBytes, 40 * MIB);
  await fixture.event("drained");
  await Promise.all([...calls, client("")]);
  t.is(fixture.sandbox.pendingBytes, 0);
});
