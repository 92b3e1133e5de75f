import test from "ava";
import { createRandom, type Fault } from "../../../bench/faults/deck.ts";
import { runFaults } from "../../../bench/faults/run.ts";

/** One of each kind, hosts more often; `bench/faults.ts` does it two hundred times. */
const faults: readonly Fault[] = [
  { target: "esbuild", blow: "kill" },
  { target: "host", blow: "kill" },
  { target: "probe", blow: "kill" },
  { target: "host", blow: "pause" },
  { target: "worker", blow: "kill" },
  { target: "host", blow: "kill" },
  { target: "host", blow: "stop" },
  { target: "worker", blow: "stop" },
  { target: "host", blow: "kill" },
];

test("children killed and stopped under load: of sessions that outlive it nothing is lost or out of order, saves are live", async (t) => {
  const report = await runFaults({ faults, sessions: 4, paceMs: 200, random: createRandom(1) });
  t.deepEqual(report.broken, [], report.log.join("\n"));
  t.is(report.waits.length, faults.length);
  t.true(report.endedWithWorker > 0);
  t.true(report.messages > 0);
});
