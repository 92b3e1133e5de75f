import test from "ava";
import { createInstances, type LoadOutcome } from "../../../../sandbox/client/policy/instances.ts";
import type { InstanceLoss } from "../../../../sandbox/wire/control.ts";
import { JOURNAL_STATE } from "../../../../sandbox/wire/journal.ts";
import { at } from "../../../support/at.ts";
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
  let current = host;
  const [apart, standby] = [new FakeHost(), new FakeHost()];
  const groups = new Set<string>();
  const instances = createInstances({
    groupOf: ({ name }) => (groups.has(name) ? "apart" : ""),
    runsOneByOne: ({ name }) => groups.has(name),
    hostOf: (group) => (group === "apart" ? apart : current),
    standbyOf: (group) => (group === "apart" ? undefined : standby),
  });
  const told: string[] = [];
  instances.attach({
    onServing: ({ bundle }) => told.push(`serving ${bundle.name}`),
    onUnserved: ({ bundle }) => told.push(`unserved ${bundle.name}`),
    onReplaced: (policy, reason) => told.push(`replaced ${policy}: ${reason}`),
    onGone() {},
  });
  const outcomes: LoadOutcome[] = [];
  const deploy = (name = "p") => instances.deploy(bundleOf(name), (outcome) => outcomes.push(outcome));
  /** Hosts are lost one after the other, and the one that stands by serves. */
  const promote = (): void => {
    current = standby;
  };
  return { host, apart, standby, promote, groups, instances, told, outcomes, deploy };
}

test("a version is loaded once, and takes calls when it is there", (t) => {
  const { host, instances, outcomes, deploy } = start();
  const deployment = deploy();
  t.deepEqual(host.takeLoads(), [1]);
  t.true(instances.isLoading(host));
  t.not(instances.serving(deployment)?.state, "ready");
  instances.onLoaded(1, LOADED);
  instances.onLoaded(1, LOADED);
  t.false(instances.isLoading(host));
  t.is(instances.serving(deployment)?.id, 1);
  t.deepEqual(outcomes, [LOADED]);
  t.deepEqual(host.takeLoads(), []);
});

test("a host that says otherwise of a version than the one before it is not believed, and the version does not serve", (t) => {
  const { host, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, { ...LOADED, when: { client: { minLength: 9 } } });
  instances.onLost(lossOf(1), () => {});
  const [, next = 0] = host.takeLoads();
  instances.onLoaded(next, LOADED);
  t.not(instances.get(next)?.state, "ready");
  t.deepEqual(deployment.exports.when, { client: { minLength: 9 } });
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
  t.is(instances.serving(deployment)?.id, next);
  t.deepEqual(told, ["replaced p: timeout", "serving p"]);
});

test("a tired one takes calls until its successor is there, and is dropped after its last", (t) => {
  const { host, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  const tired = instances.serving(deployment);
  tired?.enter(1);
  instances.onTired(1);
  const [next = 0] = host.takeLoads();
  t.is(instances.serving(deployment), tired);
  instances.onLoaded(next, LOADED);
  t.is(instances.serving(deployment)?.id, next);
  t.is(instances.get(1)?.state, "retiring");
  if (tired !== undefined) instances.onIdle(tired);
  t.is(instances.get(1), undefined);
});

test("a host that is lost takes all with it, and the next one is told to load what is needed", (t) => {
  const { host, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  let blamed = 0;
  instances.onHostLost(host, IDLE, () => blamed++);
  t.is(blamed, 1);
  t.deepEqual(host.takeLoads(), []);
  t.not(instances.serving(deployment)?.state, "ready");
  const [next = 0] = host.takeLoads();
  instances.onLoaded(next, LOADED);
  t.is(instances.serving(deployment)?.id, next);
});

test("a load that the host did not survive is told as such, and not tried again", (t) => {
  const { host, instances, outcomes, deploy } = start();
  deploy();
  host.takeLoads();
  instances.onHostLost(host, { state: JOURNAL_STATE.load, instance: 1, ids: [] }, () => {});
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
    instances.onHostLost(host, undefined, () => {});
  }
  t.is(hosts, 8);
  t.like(outcomes, [{ ok: false, failure: { reason: "killed" } }]);
  t.deepEqual(host.takeLoads(), []);
});

test("what belongs into another host is loaded there, and serves from there when it is", (t) => {
  const { host, apart, groups, instances, told, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  groups.add("p");
  instances.relocate();
  instances.relocate();
  t.deepEqual(host.takeLoads(), []);
  t.deepEqual(apart.takeLoads(), [2]);
  t.is(instances.serving(deployment)?.id, 1);
  instances.onLoaded(2, LOADED);
  t.is(instances.serving(deployment)?.host, apart);
  t.deepEqual([...instances.groups()], ["apart"]);
  t.deepEqual(told, ["serving p"]);
  // The host that it has left may go: it is not there.
  instances.onHostLost(host, IDLE, () => {});
  t.is(instances.serving(deployment)?.id, 2);
});

test("where a version belongs when it is there counts, not where it belonged when it was sent", (t) => {
  const { apart, groups, instances, deploy } = start();
  deploy();
  groups.add("p");
  instances.onLoaded(1, LOADED);
  t.deepEqual(apart.takeLoads(), [2]);
});

test("of a group whose host does not start, what is loaded for the first time has failed", (t) => {
  const { instances, outcomes, deploy } = start();
  deploy();
  instances.onNoHost("apart", "no memory");
  t.deepEqual(outcomes, []);
  instances.onNoHost("", "no memory");
  t.like(outcomes, [{ ok: false, failure: { reason: "no-host", message: "no memory" } }]);
});

test("after the loss of a host those whose calls wait are loaded first, the others one at a time", (t) => {
  const { host, groups, instances, deploy } = start();
  const names = ["a", "b", "busy", "c", "forgotten", "moved"];
  const deployments = names.map((name) => deploy(name));
  for (const id of host.takeLoads()) instances.onLoaded(id, LOADED);
  instances.onHostLost(host, IDLE, () => {});
  t.deepEqual([...instances.groups()], [""]);
  const named = (name: string) => at(deployments, names.indexOf(name));
  instances.serving(named("busy"));
  instances.forget(named("forgotten"));
  groups.add("moved");
  const takeLoads = () => {
    const loads = host.takeLoads();
    const loaded = loads.map((id) => instances.get(id)?.deployment.bundle.name);
    instances.restock("");
    t.deepEqual(host.takeLoads(), [], "nothing while something is being loaded");
    for (const id of loads) instances.onLoaded(id, LOADED);
    return loaded;
  };
  t.deepEqual(takeLoads(), ["busy"]);
  instances.restock("");
  t.deepEqual(takeLoads(), ["a"]);
  instances.restock("");
  t.deepEqual(takeLoads(), ["b"]);
  instances.restock("apart");
  t.deepEqual(host.takeLoads(), []);
  instances.restock("");
  t.deepEqual(takeLoads(), ["c"]);
  instances.restock("");
  t.deepEqual(host.takeLoads(), []);
});

test("what is loaded ahead serves at once when the host is lost, or as soon as it is there", (t) => {
  const { host, standby, promote, instances, told, deploy } = start();
  const [first, second] = [deploy("first"), deploy("second")];
  for (const id of host.takeLoads()) instances.onLoaded(id, LOADED);
  instances.stockUp("");
  const [ahead = 0] = standby.takeLoads();
  instances.onLoaded(ahead, LOADED);
  instances.stockUp("");
  instances.stockUp("");
  const [late = 0, ...more] = standby.takeLoads();
  t.deepEqual(more, []);
  t.deepEqual(
    [first, second].map((one) => instances.serving(one)?.host),
    [host, host],
  );
  told.length = 0;
  promote();
  instances.onHostLost(host, IDLE, () => {});
  t.deepEqual([...host.takeLoads(), ...standby.takeLoads()], []);
  t.deepEqual(
    [first, second].map((one) => instances.serving(one)?.state),
    ["ready", "loading"],
  );
  instances.onLoaded(late, LOADED);
  t.deepEqual(
    [first, second].map((one) => instances.serving(one)?.id),
    [ahead, late],
  );
  t.deepEqual(told, ["serving first", "serving second", "serving second"]);
});

test("those whose calls came last are loaded ahead first, one at a time, and none while something is being loaded", (t) => {
  const { host, standby, instances, deploy } = start();
  const names = ["a", "b", "c", "d", "e", "f"];
  const deployments = names.map((name) => deploy(name));
  instances.stockUp("");
  t.deepEqual(standby.takeLoads(), []);
  for (const id of host.takeLoads()) instances.onLoaded(id, LOADED);
  for (const order of [4, 2, 5]) {
    const deployment = deployments[order];
    if (deployment !== undefined) instances.serving(deployment)?.enter(10 + order);
  }
  const loaded: unknown[] = [];
  for (let beat = 0; beat < 8; beat++) {
    instances.stockUp("");
    const loads = standby.takeLoads();
    instances.stockUp("");
    t.deepEqual(standby.takeLoads(), []);
    loaded.push(...loads.map((id) => instances.get(id)?.deployment.bundle.name));
    for (const id of loads) instances.onLoaded(id, LOADED);
  }
  t.deepEqual(loaded, ["f", "e", "c", "a", "b", "d"]);
});

test("what cannot be loaded ahead is not tried again, and serves on", (t) => {
  const { host, standby, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  instances.stockUp("");
  const [ahead = 0] = standby.takeLoads();
  instances.onLoaded(ahead, { ok: false, failure: { reason: "throw", message: "", stack: "" } });
  instances.stockUp("");
  t.deepEqual(standby.takeLoads(), []);
  t.is(instances.serving(deployment)?.id, 1);
});

test("what has moved is not served from where it was loaded ahead, and is loaded when a call needs it", (t) => {
  const { host, apart, standby, promote, groups, instances, deploy } = start();
  const deployment = deploy();
  instances.onLoaded(1, LOADED);
  host.takeLoads();
  instances.stockUp("");
  const [ahead = 0] = standby.takeLoads();
  standby.load(ahead);
  instances.onLoaded(ahead, LOADED);
  groups.add("p");
  promote();
  instances.onHostLost(host, IDLE, () => {});
  t.deepEqual([...standby.open.keys()], []);
  t.deepEqual(apart.takeLoads(), []);
  t.is(instances.serving(deployment)?.host, apart);
  t.is(apart.takeLoads().length, 1);
});

test("the loss of the one that stands by is no loss of those that serve", (t) => {
  const { host, standby, instances, deploy } = start();
  const [ready, waiting] = [deploy("ready"), deploy("waiting")];
  for (const id of host.takeLoads()) instances.onLoaded(id, LOADED);
  instances.stockUp("");
  const [ahead = 0] = standby.takeLoads();
  instances.onLoaded(ahead, LOADED);
  instances.stockUp("");
  t.is(standby.takeLoads().length, 1);
  instances.onHostLost(standby, IDLE, () => {});
  t.deepEqual([...host.takeLoads(), ...standby.takeLoads()], []);
  t.deepEqual(
    [ready, waiting].map((one) => instances.serving(one)?.host),
    [host, host],
  );
  for (let beat = 0; beat < 2; beat++) {
    instances.stockUp("");
    const [again = 0, ...more] = standby.takeLoads();
    t.deepEqual(more, []);
    instances.onLoaded(again, LOADED);
  }
  instances.stockUp("");
  t.deepEqual(standby.takeLoads(), []);
});
