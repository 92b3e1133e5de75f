import test from "ava";
import { findCulprits } from "../../../../sandbox/client/policy/culprits.ts";
import { Deployment } from "../../../../sandbox/client/policy/deployment.ts";
import type { HostEnd } from "../../../../sandbox/client/process/watched-host.ts";
import { JOURNAL_STATE } from "../../../../sandbox/wire/journal.ts";
import { bundleOf, instanceOf } from "../client-parts.ts";

const there = [1, 2, 3, 4, 5, 6].map((id) => instanceOf(id, new Deployment(bundleOf(`p${id}`), id)));
const [first, second] = there;

function culprits(reason: HostEnd, state: number, instance = 0, detail = ""): string[] {
  const note = { state, instance, ids: [] };
  return findCulprits({ reason, detail, note }, there).map(({ bundle }) => bundle.name);
}

test("the one that ran, went on or was being loaded has cost the host", (t) => {
  const { run, load, idle } = JOURNAL_STATE;
  t.deepEqual(culprits("silent", run, 2), ["p2"]);
  t.deepEqual(culprits("silent", JOURNAL_STATE.continue, 2), ["p2"]);
  t.deepEqual(culprits("exited", load, 3, "SIGABRT"), ["p3"]);
  t.deepEqual(culprits("silent", idle), []);
});

test("of a host that was killed from outside, nobody has", (t) => {
  t.deepEqual(culprits("exited", JOURNAL_STATE.run, 2, "SIGKILL\nsome words"), []);
  t.deepEqual(culprits("silent", JOURNAL_STATE.run, 2, "SIGKILL"), ["p2"]);
});

test("memory that grew while nothing ran is its who has more than all others", (t) => {
  t.deepEqual(culprits("memory", JOURNAL_STATE.idle), []);
  first?.measure(100);
  second?.measure(90);
  t.deepEqual(culprits("memory", JOURNAL_STATE.idle), ["p1"]);
  second?.measure(100);
  t.deepEqual(culprits("memory", JOURNAL_STATE.idle), []);
});

test("after nonsense it is whose calls were under way, unless they were many", (t) => {
  first?.enter(1);
  second?.enter(1);
  t.deepEqual(culprits("nonsense", JOURNAL_STATE.run, 5), ["p1", "p2"]);
  for (const instance of there) instance.enter(1);
  t.deepEqual(culprits("nonsense", JOURNAL_STATE.run, 5), []);
});
