import test from "ava";
import { createInstances, type LoadOutcome } from "../../../../sandbox/client/policy/instances.ts";
import type { InstanceLoss } from "../../../../sandbox/wire/control.ts";
import { JOURNAL_STATE } from "../../../../sandbox/wire/journal.ts";
import { bundleOf } from "../client-parts.ts";
import { FakeHost } from "../fake-host.ts";

const LOADED = { ok: true, hooks: ["client"] } as const;
const IDLE = { state: JOURNAL_STATE.idle, instance: 0, ids: [] };

const lossOf = (instance: number): InstanceLoss => ({
  type: "lost",
  instance,
  reason: "timeout",
  begun: [],
  starved: false,
  spentUs: 0,
});

/** Instances in a host, and what comes of them. */
function start() {
  const host = new FakeHost();
  const instances = createInstances(() => host);
  const told: string[] = [];
  instances.attach({
    onServing: ({ bundle }) => told.push(`serving ${bundle.name}`),
    onUnserved: ({ bundle }) => told.push(`unserved ${bundle.name}`),
    onReplaced: (policy, reason) => told.push(`replaced ${policy}: ${reason}`),
  });
  const outcomes: LoadOutcome[] = [];
  const deploy = () => instances.deploy(bundleOf("p"), (outcome) => outcomes.push(outcome));
  return { host, instances, told, outcomes, deploy };
}

test("a version is loaded once, and takes calls when it is there", (t) => {
  const { host, instances, outcomes, deploy } = start();
  const deployment = deploy();
  t.deepEqual(host.takeLoads(), [1]);
  t.true(instances.isLoading());
  t.is(instances.ready(deployment), undefined);
  instances.onLoaded(1, LOADED);
  instances.onLoaded(1, LOADED);
  t.false(instances.isLoading());
  t.is(instances.ready(deployment)?.id, 1);
  t.deepEqual(outcomes, [LOADED]);
  t.deepEqual(host.takeLoads(), []);
});

test("what is lost gives its calls back, is gone, and is replaced by one that the host is told to load", (t) => {
  const { host, instances, told, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  told.length = 0;
  const blamed: string[] = [];
  instances.onLost(lossOf(1), ({ id, state }) => blamed.push(`${id} ${state}`));
  instances.onLost(lossOf(1), () => t.fail("it has been lost already"));
  t.deepEqual(blamed, ["1 gone"]);
  t.is(instances.get(1), undefined);
  const [next = 0] = host.takeLoads();
  t.true(next > 1);
  instances.onLoaded(next, LOADED);
  t.is(instances.ready(deployment)?.id, next);
  t.deepEqual(told, ["replaced p: timeout", "serving p"]);
});

test("a tired one takes calls until its successor is there, and is dropped after its last", (t) => {
  const { host, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  const tired = instances.ready(deployment);
  tired?.enter();
  instances.onTired(1);
  const [next = 0] = host.takeLoads();
  t.is(instances.ready(deployment), tired);
  instances.onLoaded(next, LOADED);
  t.is(instances.ready(deployment)?.id, next);
  t.is(instances.get(1)?.state, "retiring");
  if (tired !== undefined) instances.onIdle(tired);
  t.is(instances.get(1), undefined);
});

test("a host that is lost takes all with it, and the next one is told to load them", (t) => {
  const { host, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  let blamed = 0;
  instances.onHostLost(IDLE, () => blamed++);
  t.is(blamed, 1);
  t.is(instances.ready(deployment), undefined);
  const [next = 0] = host.takeLoads();
  instances.onLoaded(next, LOADED);
  t.is(instances.ready(deployment)?.id, next);
});

test("a load that the host did not survive is told as such, and not tried again", (t) => {
  const { host, instances, outcomes, deploy } = start();
  deploy();
  host.takeLoads();
  instances.onHostLost({ state: JOURNAL_STATE.load, instance: 1, ids: [] }, () => {});
  t.like(outcomes, [{ ok: false, failure: { reason: "killed" } }]);
  t.deepEqual([...instances.all()], []);
  t.deepEqual(host.takeLoads(), []);
});

test("a load that hosts never survive, and say nothing of, is given up", (t) => {
  const { host, instances, outcomes, deploy } = start();
  deploy();
  let hosts = 0;
  for (; outcomes.length === 0 && hosts < 20; hosts++) {
    t.deepEqual(host.takeLoads(), [1]);
    instances.onHostLost(undefined, () => {});
  }
  t.is(hosts, 8);
  t.like(outcomes, [{ ok: false, failure: { reason: "killed" } }]);
  t.deepEqual(host.takeLoads(), []);
});
