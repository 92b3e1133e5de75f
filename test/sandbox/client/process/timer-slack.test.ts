import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import test from "ava";
import { withSlackTimers } from "../../../../sandbox/client/process/timer-slack.ts";

const FILE = "/proc/self/timerslack_ns";
const linuxTest = existsSync(FILE) ? test : test.skip;
const ownSlack = () => Number(readFileSync(FILE, "latin1"));

linuxTest(
  "what is started within may wake up a millisecond late, and this process goes on as before",
  (t) => {
    const before = ownSlack();
    const started = withSlackTimers(() => spawnSync("cat", [FILE], { encoding: "latin1" }).stdout);
    t.is(Number(started), 1_000_000);
    t.is(ownSlack(), before);
  },
);

linuxTest("it goes on as before also when nothing could be started", (t) => {
  const before = ownSlack();
  t.throws(() => withSlackTimers(() => JSON.parse("{")));
  t.is(ownSlack(), before);
});
