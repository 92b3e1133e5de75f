import { once } from "node:events";
import test, { type ExecutionContext } from "ava";
import { dismissAhead, forkAhead, nursery, takeProcess } from "../../core/workers/fork-process.ts";

function take(t: ExecutionContext, flags: readonly string[] = []) {
  const taken = takeProcess(flags);
  t.teardown(() => taken.kill("SIGKILL"));
  return taken;
}

test.serial("the process that was forked ahead is taken, and once", async (t) => {
  const ahead = forkAhead();
  t.is(take(t), ahead);
  t.not(take(t), ahead);
  t.true(ahead.connected);
});

test.serial("where a process needs flags of its own the one that was forked ahead ends", async (t) => {
  const ahead = forkAhead();
  const taken = take(t, ["--no-node-snapshot"]);
  t.true(taken.spawnargs.includes("--no-node-snapshot"));
  t.deepEqual(await once(ahead, "exit"), [null, "SIGKILL"]);
});

test.serial("one that has been dismissed, or has died, is not taken", async (t) => {
  const dismissed = forkAhead();
  dismissAhead();
  dismissAhead();
  t.not(take(t), dismissed);

  const dead = forkAhead();
  dead.kill("SIGKILL");
  await once(dead, "exit");
  t.not(take(t), dead);
});

test("a young generation of another size is left to whoever has given it", (t) => {
  const ours = nursery();
  t.is(ours.length, 1);
  t.deepEqual(nursery("--max-old-space-size=512", ["--no-warnings"]), ours);
  t.deepEqual(nursery("--trace-gc --max-semi-space-size=64"), []);
  t.deepEqual(nursery("", ["--max_semi_space_size=2"]), []);
});
