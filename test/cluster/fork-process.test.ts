import { once } from "node:events";
import test from "ava";
import { dismissAhead, forkAhead, takeProcess } from "../../core/cluster/fork-process.ts";

test.serial("the process that was forked ahead is taken once, and only while it lives", async (t) => {
  forkAhead();
  const first = takeProcess([]);
  const second = takeProcess([]);
  t.teardown(() => {
    for (const child of [first, second]) child.kill("SIGKILL");
  });
  t.not(first.pid, second.pid);
  t.true(first.connected);

  forkAhead();
  const other = takeProcess(["--no-node-snapshot"]);
  t.teardown(() => other.kill("SIGKILL"));
  t.true(other.spawnargs.includes("--no-node-snapshot"));
  t.false(first.spawnargs.includes("--no-node-snapshot"));
});

test.serial("one that has been dismissed, or has died, is not taken", async (t) => {
  forkAhead();
  dismissAhead();
  dismissAhead();
  const fresh = takeProcess([]);
  t.teardown(() => fresh.kill("SIGKILL"));
  t.false(fresh.killed);

  forkAhead();
  const dead = takeProcess([]);
  dead.kill("SIGKILL");
  t.deepEqual(await once(dead, "exit"), [null, "SIGKILL"]);
});
