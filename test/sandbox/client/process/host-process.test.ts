import test from "ava";
import { findBundles } from "../../../../sandbox/bundles.ts";
import { findJail } from "../../../../sandbox/client/jail/jail.ts";
import { spawnHost } from "../../../../sandbox/client/process/host-process.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/index.ts";
import { eventually } from "../../../support/eventually.ts";

test("what one host is in is not taken for what another is in, which has entered nothing yet", async (t) => {
  const { guest, hostMain } = await findBundles();
  const jail = await findJail("auto");
  const settings = { ...DEFAULT_POLICY_LIMITS, loadTimeoutMs: 60_000, guest };
  const [busy, fresh] = [spawnHost(hostMain, settings, jail), spawnHost(hostMain, settings, jail)];
  t.teardown(() => {
    for (const host of [busy, fresh]) host.kill();
  });
  busy.send({ type: "load", instance: 1, code: "for (;;);", filename: "framegate-policy:busy" });
  await eventually("the host says what it is in", () => busy.peek().entry > 0);
  t.deepEqual(fresh.peek(), { entry: 0, limitMs: 0 });
});
