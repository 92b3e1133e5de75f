import { setTimeout as delay } from "node:timers/promises";
import test from "ava";
import { findBundles } from "../../../../sandbox/bundles.ts";
import { findJail } from "../../../../sandbox/client/jail/jail.ts";
import { spawnHost } from "../../../../sandbox/client/process/host-process.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/index.ts";
import { eventually } from "../../../support/eventually.ts";

const settingsOf = (guest: string) => ({ ...DEFAULT_POLICY_LIMITS, loadTimeoutMs: 60_000, guest });

test("what one host is in is not taken for what another is in, which has entered nothing yet", async (t) => {
  const { guest, hostMain } = await findBundles();
  const jail = await findJail("auto");
  const settings = settingsOf(guest);
  const [busy, fresh] = [spawnHost(hostMain, settings, jail), spawnHost(hostMain, settings, jail)];
  t.teardown(() => {
    for (const host of [busy, fresh]) host.kill();
  });
  busy.send({ type: "load", instance: 1, code: "for (;;);", filename: "framegate-policy:busy" });
  await eventually("the host says what it is in", () => busy.peek().entry > 0);
  t.deepEqual(fresh.peek(), { entry: 0, limitMs: 0 });
});

test("how Node has ended is told behind a wall, too, which ends a moment later", async (t) => {
  const { guest, hostMain } = await findBundles();
  const open = await findJail("off");
  const wall = '"$0" "$@" & wait $!; code=$?; sleep 0.05; exit $code';
  const host = spawnHost(hostMain, settingsOf(guest), {
    ...open,
    launch: ({ node, args }) => ({ file: "/bin/sh", args: ["-c", wall, node, ...args] }),
  });
  t.teardown(() => host.kill());
  const { promise: isReady, resolve: ready } = Promise.withResolvers<void>();
  const { promise: ending, resolve: ended } = Promise.withResolvers<string>();
  host.attach({
    onMessage: ({ type }) => type === "ready" && ready(),
    onExit: (detail) => ended(detail),
    ...{ onWork() {}, onResults() {}, onAsk() {} },
  });
  await isReady;
  process.kill(host.nodePid, "SIGKILL");
  t.is((await ending).split("\n")[0], "SIGKILL");
});

test("a host that is killed while it starts leaves no process behind", async (t) => {
  const { guest, hostMain } = await findBundles();
  const jail = await findJail("auto");
  const groups: number[] = [];
  for (let moment = 0; moment < 24; moment++) {
    const host = spawnHost(hostMain, settingsOf(guest), jail);
    await delay(moment / 2);
    host.kill();
    await host.exited;
    groups.push(host.pid);
  }
  await eventually("all that was started to end", () => !groups.some(hasMembers));
  t.pass();
});

function hasMembers(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
