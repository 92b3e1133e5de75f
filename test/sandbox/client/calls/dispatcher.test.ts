import { mock } from "node:test";
import { setTimeout as delay, setImmediate as nextTurn } from "node:timers/promises";
import test from "ava";
import fc from "fast-check";
import { createDispatcher } from "../../../../sandbox/client/calls/dispatcher.ts";
import { ClientSeat } from "../../../../sandbox/client/calls/seat.ts";
import type { Task, TaskSeat } from "../../../../sandbox/client/calls/task.ts";
import { createInstances } from "../../../../sandbox/client/policy/instances.ts";
import type { Followed } from "../../../../sandbox/client/policy/track.ts";
import { createVersions } from "../../../../sandbox/client/policy/versions.ts";
import type { HookName } from "../../../../sandbox/contract/hooks.ts";
import type { HookStats } from "../../../../sandbox/contract/stats.ts";
import type { Outcome } from "../../../../sandbox/contract/verdicts.ts";
import type { PinnedPolicies, SandboxEvent } from "../../../../sandbox/contract.ts";
import { DEFAULT_POLICY_LIMITS } from "../../../../sandbox/defaults.ts";
import type { LoadResult } from "../../../../sandbox/wire/guest-entry.ts";
import { HOOK_NUMBER } from "../../../../sandbox/wire/hooks.ts";
import { JOURNAL_STATE } from "../../../../sandbox/wire/journal.ts";
import { HostNonsense } from "../../../../sandbox/wire/nonsense.ts";
import { RESULT_KIND, type ResultKind } from "../../../../sandbox/wire/result-record.ts";
import { eventually } from "../../../support/eventually.ts";
import { show } from "../../support.ts";
import { bundleOf, callOf } from "../client-parts.ts";
import { FakeHost, type SentCall } from "../fake-host.ts";

const LOADED: LoadResult = { ok: true, hooks: ["client", "server"] };
/** Of the texts that tests submit, which are their numbers. */
const forCallsWith = (includes: string): LoadResult => ({ ...LOADED, when: { client: { includes } } });
const NOT_LOADED: LoadResult = { ok: false, failure: { reason: "throw", message: "", stack: "" } };
const CONTEXT = "{}";
const TYPES = {
  client: { text: "text/plain", binary: "text/plain" },
  server: { text: "text/plain", binary: "text/plain" },
};

/** The worker's side of a sandbox, as `createSandbox` wires it, before a host that does what a test wants. */
class World {
  readonly events: SandboxEvent[] = [];
  readonly seats: TaskSeat[] = [];
  /** What settled, as `seat hook number: outcome`, in order. */
  readonly settled: string[] = [];
  readonly unseated: string[] = [];
  readonly closed = new Set<TaskSeat>();
  /** Of hosts that have gone. */
  readonly complaints: string[] = [];
  /** Of the two groups that a policy may be in. */
  readonly hosts = { together: new FakeHost(), apart: new FakeHost() };
  group: "together" | "apart" = "together";
  /** Policies whose host says nothing of their calls. */
  readonly overdue: string[] = [];
  /** Policies that made some. */
  readonly nonsense: string[] = [];
  submitted = 0;
  goneSeats = 0;
  #versions = 0;

  readonly instances = createInstances({
    groupOf: () => this.group,
    runsOneByOne: () => this.group === "apart",
    hostOf: (group) => this.hosts[group as "together" | "apart"],
    standbyOf: () => undefined,
  });
  readonly dispatcher = createDispatcher({
    limits: DEFAULT_POLICY_LIMITS,
    instances: this.instances,
    onSeatGone: (seat) => {
      this.goneSeats++;
      seat.followed.leave();
    },
    areTimed: true,
    onOverdue: ({ deployment }) => this.overdue.push(deployment.bundle.name),
    onNonsense: ({ bundle }) => this.nonsense.push(bundle.name),
    emit: (event) => this.events.push(event),
  });
  readonly versions = createVersions({
    forget: this.instances.forget,
    wake: this.dispatcher.wake,
    seat: (followed, binding) => {
      this.#take(followed, binding.policy);
      const { policy } = binding;
      return {
        policy,
        version: "",
        context: "{}",
        submit() {},
        matcher: () => undefined,
        skip() {},
        renew() {},
        offer() {},
        end() {},
        close() {},
      };
    },
    onLog() {},
    onUnseated: (policy) => this.unseated.push(policy),
  });

  constructor() {
    this.instances.attach({
      onServing: (deployment) => this.dispatcher.wake(this.versions.trackOf(deployment)),
      onUnserved: (deployment) => this.versions.trackOf(deployment).breaker.trip(Date.now()),
      onReplaced: (policy, reason) => this.events.push({ type: "isolate-replaced", policy, reason }),
      onGone() {},
    });
  }

  get host(): FakeHost {
    return this.hosts.together;
  }

  /** Not answered, in whichever host. */
  get calls(): readonly SentCall[] {
    return [...this.host.calls, ...this.hosts.apart.calls];
  }

  /** The host that this instance is in. */
  hostOf(instance: number): FakeHost {
    return this.hosts.apart.open.has(instance) ? this.hosts.apart : this.host;
  }

  move(): void {
    this.group = this.group === "apart" ? "together" : "apart";
    this.instances.relocate();
  }

  /** Load a version, and make it the newest. */
  use(policy: string, result = LOADED): void {
    const deployment = this.instances.deploy(bundleOf(policy, String(++this.#versions)), ({ ok }) => {
      if (ok) this.versions.replace(policy, deployment);
    });
    this.load(result);
  }

  seat(policy: string): TaskSeat {
    return this.#take(this.versions.follow(policy), policy);
  }

  pinnedSeat(pin: PinnedPolicies, policy: string): void {
    pin.seat({ policy, route: "/", options: {} }, "", CONTEXT, TYPES);
  }

  #take(followed: Followed<Task>, policy: string): TaskSeat {
    const index = this.seats.length + 1;
    const binding = { policy, route: "/", options: {} };
    const seat: TaskSeat = new ClientSeat({
      ...{ index, followed, binding },
      id: "",
      context: "{}",
      types: TYPES,
    });
    this.seats.push(seat);
    return seat;
  }

  submit(seat: TaskSeat, hook: HookName = "client"): void {
    const number = ++this.submitted;
    const settle = (outcome: Outcome) =>
      this.settled.push(
        `${seat.index} ${hook} ${number}: ${outcome.kind === "fault" ? show(outcome) : outcome.kind}`,
      );
    this.dispatcher.submit(seat, callOf(settle, hook, String(number)));
  }

  /** Of the hook `client`. */
  policyCounts(policy: string): Pick<HookStats, "calls" | "skipped" | "unchanged"> {
    const { calls, skipped, unchanged } = this.versions.policy(policy).counts.of("/")[HOOK_NUMBER.client];
    return { calls, skipped, unchanged };
  }

  close(seat: TaskSeat): void {
    this.closed.add(seat);
    this.dispatcher.closeSeat(seat);
  }

  /** Everything that the host was told to load is there, or none of it could be loaded. */
  load(result = LOADED): void {
    for (const host of Object.values(this.hosts)) {
      for (const id of host.takeLoads()) {
        if (result.ok) host.load(id);
        this.instances.onLoaded(id, result);
      }
    }
  }

  /** The call is answered, or turns out to be pending. */
  answer(call: SentCall, kind: ResultKind = RESULT_KIND.unchanged, text = ""): void {
    const host = this.hostOf(call.instance);
    if (kind === RESULT_KIND.pending) call.isPending = true;
    else host.calls.splice(host.calls.indexOf(call), 1);
    this.dispatcher.onResults(host, ...host.answer(call, kind, text));
  }

  /** Of several that have begun, none is known to be to blame. */
  loseInstance(id: number): void {
    const begun = this.hostOf(id)
      .lose(id)
      .map((call) => call.id);
    const loss = {
      type: "lost",
      instance: id,
      reason: "timeout",
      begun,
      starved: false,
      spentUs: 0,
    } as const;
    this.instances.onLost(loss, (instance) => this.dispatcher.onInstanceLost(instance, loss));
  }

  /** @param ids Calls that ran when it died. */
  loseHost(instance: number, ids: readonly number[]): void {
    const lost = this.hostOf(instance);
    this.complaints.push(...lost.complaints);
    this.hosts[lost === this.host ? "together" : "apart"] = new FakeHost();
    const note = { state: ids.length > 0 ? JOURNAL_STATE.run : JOURNAL_STATE.idle, instance, ids };
    const loss = { reason: "silent", detail: "", note } as const;
    this.instances.onHostLost(lost, note, () => this.dispatcher.onHostLost({ host: lost, ...loss }));
  }

  /** It sent what makes no sense: nobody can tell whose doing it was. */
  loseHostToNonsense(): void {
    const lost = this.host;
    this.hosts.together = new FakeHost();
    const loss = {
      reason: "nonsense",
      detail: "",
      note: { state: JOURNAL_STATE.idle, instance: 0, ids: [] },
    } as const;
    this.instances.onHostLost(lost, undefined, () => this.dispatcher.onHostLost({ host: lost, ...loss }));
  }

  /** Answer whatever comes, until nothing does. */
  async drain(): Promise<void> {
    for (let turn = 0; turn < 1000; turn++) {
      await nextTurn();
      this.load();
      const [call] = this.calls;
      if (call !== undefined) this.answer(call);
      else if (this.settled.length === this.submitted) return;
    }
    throw new Error(`${this.submitted - this.settled.length} calls never settled`);
  }
}

async function start(): Promise<World> {
  const world = new World();
  world.use("p");
  await nextTurn();
  return world;
}

test("calls of one turn go together, and their seat is opened before its first", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  world.submit(seat);
  world.submit(seat, "server");
  t.deepEqual(world.host.calls, []);
  await nextTurn();
  t.deepEqual(
    world.host.calls.map(({ text }) => text),
    ["1", "2"],
  );
  await world.drain();
  t.deepEqual(world.settled, ["1 client 1: unchanged", "1 server 2: unchanged"]);
  t.deepEqual(world.host.complaints, []);
});

test("a call that comes alone is sent before the turn ends: there is nothing that it could wait for", async (t) => {
  const world = new World();
  world.use("a");
  const seat = world.seat("a");
  // Not right behind what loading has sent.
  await delay(2);
  world.submit(seat);
  await new Promise<void>((resolve) => process.nextTick(resolve));
  t.is(world.host.calls.length, 1);
});

test("outcomes settle in the order of their calls, each lane by itself", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  for (const hook of ["client", "client", "server"] as const) world.submit(seat, hook);
  await nextTurn();
  const [first, second, other] = [...world.host.calls] as [SentCall, SentCall, SentCall];
  world.answer(second);
  t.deepEqual(world.settled, []);
  world.answer(other);
  world.answer(first);
  t.deepEqual(world.settled, ["1 server 3: unchanged", "1 client 1: unchanged", "1 client 2: unchanged"]);
});

test("a host that answers what it was not asked is broken, and changes nothing", async (t) => {
  const world = await start();
  world.submit(world.seat("p"));
  await nextTurn();
  const [call] = world.host.calls as [SentCall];
  const error = { instanceOf: HostNonsense, message: "the host answered a call that it was not sent" };
  const say = (answered: Pick<SentCall, "id" | "instance">, kind: 0 | 7 = RESULT_KIND.unchanged) =>
    world.dispatcher.onResults(world.host, ...world.host.answer(answered, kind));
  t.throws(() => world.dispatcher.onResults(new FakeHost(), ...world.host.answer(call, 0)), error);
  t.throws(() => say({ ...call, id: call.id + 1 }), error);
  t.throws(() => say({ ...call, id: -1 }), { instanceOf: HostNonsense });
  t.throws(() => say({ ...call, instance: call.instance + 1 }), error);
  t.throws(() => say({ ...call, id: 99 }, RESULT_KIND.pending), error);
  t.deepEqual(world.settled, []);
  say(call, RESULT_KIND.pending);
  say(call, RESULT_KIND.pending);
  say(call);
  t.throws(() => say(call), error);
  t.deepEqual(world.settled, ["1 client 1: unchanged"]);
});

// Serial, and before all others: their intervals must not be moved on.
test.serial(
  "a call that a host never answers has failed, and the host is told of; calls behind it have their time",
  async (t) => {
    mock.timers.enable({ apis: ["setInterval"] });
    t.teardown(() => mock.timers.reset());
    const world = await start();
    world.submit(world.seat("p"));
    world.submit(world.seat("p"));
    await nextTurn();
    mock.timers.tick(30_000);
    t.deepEqual([world.settled, world.overdue], [[], []]);
    mock.timers.tick(3_000);
    t.is(world.settled.length, 1);
    t.regex(String(world.settled[0]), /^1 client 1: killed: /);
    t.deepEqual(world.overdue, ["p"]);
    world.answer(world.host.calls[1] as SentCall);
    t.is(world.settled[1], "2 client 2: unchanged");
    mock.timers.tick(60_000);
    t.deepEqual(world.overdue, ["p"]);
  },
);

test("a result that is none is a fault of its own call, and the others go on", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  for (let i = 0; i < 5; i++) world.submit(seat);
  await nextTurn();
  const [first, second, third, fourth, fifth] = [...world.host.calls] as [
    SentCall,
    ...[SentCall, SentCall, SentCall, SentCall],
  ];
  world.answer(first, RESULT_KIND.message, "nonsense");
  world.answer(second, RESULT_KIND.upgrade, "{}");
  world.answer(third, RESULT_KIND.fault, '{"reason":"throw","message":5,"stack":""}');
  const stack = JSON.stringify("E\n    at f (framegate-policy:p:0:1)");
  world.answer(fourth, RESULT_KIND.fault, `{"reason":"throw","message":"no","stack":${stack}}`);
  world.answer(fifth);
  const seen = world.settled.map((one) => one.replace(/: what the sandbox.*/, ""));
  t.deepEqual(seen, [
    ...[1, 2, 3].map((number) => `1 client ${number}: nonsense: \`client\``),
    "1 client 4: throw: no",
    "1 client 5: unchanged",
  ]);
  t.is(world.events.filter(({ type }) => type === "fault").length, 4);
});

test("calls of a host that sends nonsense are sent again, each alone, and not for ever", async (t) => {
  const world = await start();
  const [one, other] = [world.seat("p"), world.seat("p")];
  world.submit(one);
  world.submit(other);
  let hosts = 0;
  for (; world.settled.length < 2 && hosts < 20; hosts++) {
    await nextTurn();
    world.load();
    await nextTurn();
    world.loseHostToNonsense();
  }
  t.true(hosts < 8, `${hosts} hosts`);
  t.true(world.settled.every((outcome) => outcome.includes(": nonsense: ")));
});

test("a call that is lost again and again, and never known to be to blame, ends", async (t) => {
  const world = await start();
  world.submit(world.seat("p"));
  let hosts = 0;
  for (; world.settled.length < 1 && hosts < 40; hosts++) {
    await nextTurn();
    world.load();
    await nextTurn();
    world.loseHost(0, []);
  }
  t.is(hosts, 16);
  t.regex(world.settled[0] ?? "", /^1 client 1: killed/);
});

test("a call that may have brought its isolate down is sent alone, and one that did it twice is at fault", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  world.submit(seat);
  world.submit(seat);
  await nextTurn();
  world.loseInstance(1);
  world.load();
  await nextTurn();
  t.deepEqual(
    world.host.calls.map(({ text }) => text),
    ["1"],
  );
  world.loseInstance(world.host.calls[0]?.instance ?? 0);
  t.regex(world.settled[0] ?? "", /^1 client 1: timeout/);
  await world.drain();
  t.is(world.settled[1], "1 client 2: unchanged");
});

test("a message that `when` is not for is skipped, in its place among the calls of its seat", async (t) => {
  const world = new World();
  world.use("p", forCallsWith("2"));
  const seat = world.seat("p");
  for (let i = 0; i < 3; i++) world.submit(seat);
  world.submit(seat, "server");
  t.deepEqual(world.settled, ["1 client 1: skipped"]);
  await nextTurn();
  t.deepEqual(
    world.host.calls.map(({ text }) => text),
    ["2", "4"],
  );
  await world.drain();
  const inOrder = ["1 client 1: skipped", "1 client 2: unchanged", "1 client 3: skipped"];
  t.deepEqual(
    world.settled.filter((one) => one.includes(" client ")),
    inOrder,
  );
  t.deepEqual(world.policyCounts("p"), { calls: 1, skipped: 2, unchanged: 1 });
});

test("a message goes by the `when` of the version that it comes to, though it was submitted before", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  for (let i = 0; i < 11; i++) world.submit(seat);
  t.deepEqual(world.settled, []);
  world.use("p", forCallsWith("1"));
  await world.drain();
  const seen = world.settled.map((one) => one.replace("1 client ", ""));
  const skipped = [2, 3, 4, 5, 6, 7, 8, 9].map((number) => `${number}: skipped`);
  t.deepEqual(seen, ["1: unchanged", ...skipped, "10: unchanged", "11: unchanged"]);
  t.deepEqual(world.policyCounts("p"), { calls: 3, skipped: 8, unchanged: 3 });
});

test("a body that `when` withholds stays here, also when its host is lost, until a version wants it", async (t) => {
  const world = new World();
  const withheld: LoadResult = { ...LOADED, when: { client: { body: false } } };
  world.use("p", withheld);
  const seat = world.seat("p");
  world.submit(seat);
  world.submit(seat, "server");
  await nextTurn();
  const sent = () => world.host.calls.map(({ text, size }) => ({ text, size }));
  const withoutBody = [
    { text: "", size: 1 },
    { text: "2", size: 1 },
  ];
  t.deepEqual(sent(), withoutBody);
  world.loseHost(1, []);
  await nextTurn();
  world.load(withheld);
  await nextTurn();
  t.deepEqual(sent(), withoutBody);
  world.loseHost(2, []);
  world.use("p");
  await nextTurn();
  t.deepEqual(sent(), [
    { text: "1", size: 1 },
    { text: "2", size: 1 },
  ]);
  await world.drain();
  t.deepEqual(world.policyCounts("p"), { calls: 1, skipped: 0, unchanged: 1 });
});

test("without a version nothing is skipped", async (t) => {
  const world = new World();
  world.use("p", forCallsWith("none"));
  world.versions.replace("p", undefined);
  world.submit(world.seat("p"));
  await nextTurn();
  t.regex(world.settled[0] ?? "", /unavailable/);
});

test("a retiring instance keeps its calls, and is dropped after the last", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  world.submit(seat);
  await nextTurn();
  world.use("p");
  world.submit(seat);
  await nextTurn();
  // The newer call waits for the older one, which is in the old version.
  t.is(world.host.calls.length, 1);
  t.true(world.host.open.has(1));
  await world.drain();
  t.deepEqual([...world.host.open.keys()], [2]);
  t.deepEqual(world.settled, ["1 client 1: unchanged", "1 client 2: unchanged"]);
  t.deepEqual(world.host.complaints, []);
});

test("without a version calls are unavailable, with one that cannot be loaded again too", async (t) => {
  const world = await start();
  world.submit(world.seat("nowhere"));
  await nextTurn();
  t.regex(world.settled[0] ?? "", /unavailable/);
  world.loseInstance(1);
  world.submit(world.seat("p"));
  world.load(NOT_LOADED);
  await nextTurn();
  t.regex(world.settled[1] ?? "", /unavailable/);
});

test("a policy is in use until its last seat is closed and has no call left", async (t) => {
  const world = await start();
  const [one, other] = [world.seat("p"), world.seat("p")];
  world.submit(one);
  world.dispatcher.closeSeat(one);
  world.dispatcher.closeSeat(other);
  world.dispatcher.closeSeat(other);
  t.true(world.versions.isSeated("p"));
  t.deepEqual(world.unseated, []);
  await world.drain();
  t.false(world.versions.isSeated("p"));
  t.deepEqual(world.unseated, ["p"]);
});

test("seats are closed along with the next calls, in one batch; where none come, or many have gone, by themselves", async (t) => {
  const world = await start();
  const visit = async (count: number): Promise<void> => {
    const seats = Array.from({ length: count }, () => world.seat("p"));
    for (const seat of seats) world.submit(seat);
    await world.drain();
    for (const seat of seats) world.close(seat);
    await nextTurn();
  };
  const openSeats = () => world.host.open.get(1)?.size;
  await visit(2);
  t.deepEqual([openSeats(), world.host.batches], [2, 1]);
  await visit(1);
  t.deepEqual([openSeats(), world.host.batches], [1, 2]);
  await eventually("the last one is closed", () => openSeats() === 0);
  t.is(world.host.batches, 3);

  await visit(70);
  t.is(openSeats(), 0);
  t.deepEqual(world.host.complaints, []);
});

test("a seat that has moved is closed in time where it was, if that stays", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  world.submit(seat);
  await world.drain();
  const pin = world.versions.pin(["p"]);
  world.use("p");
  world.submit(seat);
  await world.drain();
  t.is(world.host.open.get(2)?.size, 1);
  await eventually("it is closed in the older version", () => world.host.open.get(1)?.size === 0);
  pin.release();
  t.deepEqual(world.host.complaints, []);
});

test("at the end everything settles as killed, what is submitted later too", async (t) => {
  const world = await start();
  const seat = world.seat("p");
  world.submit(seat);
  await nextTurn();
  world.submit(seat);
  world.dispatcher.close(world.versions.tracks());
  world.submit(seat);
  await nextTurn();
  t.deepEqual(
    world.settled.map((text) => text.split(":")[0]),
    ["1 client 1", "1 client 2", "1 client 3"],
  );
  t.true(world.settled.every((text) => text.includes("killed")));
  t.is(world.dispatcher.pendingBytes(), 0);
});

type Step = readonly [
  (
    | "submit"
    | "turn"
    | "answer"
    | "wait"
    | "lose"
    | "lose-host"
    | "tired"
    | "move"
    | "use"
    | "remove"
    | "close"
    | "pin"
    | "release"
  ),
  number,
];

/** One event. `pick` chooses what it comes to. */
async function carryOut(world: World, pins: PinnedPolicies[], [type, pick]: Step): Promise<void> {
  const { calls, seats } = world;
  const openSeats = seats.filter((seat) => !world.closed.has(seat));
  const seat = openSeats[pick % Math.max(1, openSeats.length)];
  const call = calls[pick % Math.max(1, calls.length)];
  const loaded = Object.values(world.hosts).flatMap(({ open }) => [...open.keys()]);
  const instance = loaded[pick % Math.max(1, loaded.length)];
  switch (type) {
    case "submit":
      if (seat !== undefined) world.submit(seat, pick % 2 === 0 ? "client" : "server");
      break;
    case "turn":
      await nextTurn();
      world.load(pick % 7 === 0 ? NOT_LOADED : LOADED);
      break;
    case "answer":
      if (call !== undefined) world.answer(call);
      break;
    case "wait":
      if (call !== undefined) world.answer(call, RESULT_KIND.pending);
      break;
    case "lose":
      if (instance !== undefined) world.loseInstance(instance);
      break;
    case "lose-host":
      world.loseHost(call?.instance ?? 0, call === undefined ? [] : [call.id]);
      break;
    case "tired":
      if (instance !== undefined) world.instances.onTired(instance);
      break;
    case "move":
      world.move();
      break;
    case "use":
      world.use("p");
      break;
    case "remove":
      world.versions.replace("p", undefined);
      break;
    case "close":
      if (seat !== undefined) world.close(seat);
      break;
    case "pin": {
      const pin = world.versions.pin(["p"]);
      pins.push(pin);
      world.pinnedSeat(pin, "p");
      break;
    }
    case "release":
      pins[pick % Math.max(1, pins.length)]?.release();
  }
}

const types = fc.constantFrom<Step[0]>(
  ...([
    "submit",
    "submit",
    "submit",
    "turn",
    "turn",
    "answer",
    "answer",
    "wait",
    "lose",
    "lose-host",
  ] as const),
  ...(["tired", "move", "use", "remove", "close", "pin", "release"] as const),
);
const script = fc.array(fc.tuple(types, fc.nat(1000)), { maxLength: 60 });

test("property: in any order each call settles once, in the order of its lane, and the books are empty at the end", async (t) => {
  await fc.assert(
    fc.asyncProperty(script, async (steps) => {
      const world = await start();
      for (let n = 0; n < 3; n++) world.seat("p");
      const pins: PinnedPolicies[] = [];
      for (const step of steps) await carryOut(world, pins, step);
      await world.drain();

      const keys = world.settled.map((text) => text.split(":")[0] ?? "");
      t.is(new Set(keys).size, world.submitted);
      for (const lane of new Set(keys.map((key) => key.replace(/ \d+$/, "")))) {
        const numbers = keys
          .filter((key) => key.startsWith(`${lane} `))
          .map((key) => Number(key.split(" ")[2]));
        t.deepEqual(
          numbers,
          numbers.toSorted((a, b) => a - b),
        );
      }

      for (const seat of world.seats) world.close(seat);
      for (const pin of pins) pin.release();
      await nextTurn();
      world.load();
      t.is(world.dispatcher.pendingBytes(), 0);
      t.is(world.goneSeats, world.seats.length);
      t.false(world.versions.isSeated("p"));
      t.is(world.versions.pinned().size, 0);
      for (const { window, queue } of world.versions.tracks())
        t.deepEqual([window.calls, window.bytes, window.running, queue.length], [0, 0, 0, 0]);
      // What is loaded serves the newest version; nothing retiring is left.
      const { current } = world.versions.policy("p").track;
      t.deepEqual(
        [...world.instances.all()].map(({ id, inFlight }) => [id, inFlight]),
        current === undefined || current.serving === 0 ? [] : [[current.serving, 0]],
      );
      for (const { complaints } of Object.values(world.hosts)) t.deepEqual(complaints, []);
      t.deepEqual(world.complaints, []);
    }),
    { numRuns: 200 },
  );
});
