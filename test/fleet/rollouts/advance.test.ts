import test from "ava";
import fc from "fast-check";
import type { RolloutConfig } from "../../../core/config/index.ts";
import { advanceShared, openRecord, type SharedEvent } from "../../../core/fleet/rollouts/advance.ts";
import { placeIn } from "../../../core/fleet/rollouts/place.ts";
import {
  type MachineReport,
  readReports,
  readWay,
  type SharedRecord,
} from "../../../core/fleet/rollouts/record.ts";
import { chooseMachines, stagesOf } from "../../../core/fleet/rollouts/stages.ts";
import { followFleet } from "../../../core/rollout/follow.ts";
import type { RolloutState } from "../../../core/rollout/rollout-state.ts";

const config: RolloutConfig = {
  steps: [0.1, 0.5, 1],
  machines: [{ count: 1 }, { share: 0.5 }, { share: 1 }],
  everyMs: 1_000,
  by: { source: "session" },
  minCalls: 10,
  abort: { faults: { share: 0.01, isOver: false } },
};
const nothing = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };
const names = ["a", "b", "c", "d"] as const;
const harm = { rule: "host", detail: "it has cost its sandbox host" } as const;

const isChosen = ({ machines }: SharedRecord, node: string) => machines === null || machines.includes(node);

interface Said {
  readonly calls?: number;
  readonly faults?: number;
  readonly ageMs?: number;
  readonly harm?: typeof harm;
  readonly stage?: number;
}

/** What each machine would say that has come where the record is. */
function reportsOf(record: SharedRecord, said: Readonly<Record<string, Said>> = {}): MachineReport[] {
  return names.map((node) => {
    const { calls = 10, faults = 0, ageMs = 0, stage = record.stage, harm: own = null } = said[node] ?? {};
    const isTakingPart = isChosen(record, node);
    const canary = isTakingPart ? { ...nothing, calls, faults } : nothing;
    return {
      ...{ node, ageMs, round: record.round, stage, isTakingPart, harm: own },
      numbers: { canary, stable: nothing },
    };
  });
}

function play(used: RolloutConfig = config) {
  let now = 0;
  const context = () => ({ policy: "p", version: "v2", config: used, now });
  let record = openRecord(context());
  const say = (event: SharedEvent) => {
    record = advanceShared(record, event, context());
    return record;
  };
  return {
    say,
    /** Later, with what all say then. */
    after(ms: number, said?: Readonly<Record<string, Said>>) {
      now += ms;
      return say({ type: "reports", reports: reportsOf(record, said) });
    },
  };
}

test("first machine after machine, each with the first share of its sessions, then the share on all of them", (t) => {
  t.deepEqual(
    stagesOf(config).map(({ machines, share }) => [machines, share]),
    [
      [{ count: 1 }, 0.1],
      [{ share: 0.5 }, 0.1],
      [undefined, 0.1],
      [undefined, 0.5],
      [undefined, 1],
    ],
  );
  const { after } = play();
  t.deepEqual(after(500).machines, []); // those that come in the first second are all there
  const chosen = after(500);
  t.is(chosen.machines?.length, 1);
  t.like(after(999), { stage: 0 });
  t.like(after(1), { stage: 1, machines: { length: 2, 0: chosen.machines?.[0] } });
  t.like(after(1_000), { stage: 2, machines: null, share: 0.1, step: 0 });
  t.like(after(1_000), { stage: 3, share: 0.5, step: 1 });
  t.like(after(1_000), { state: "finished", share: 1 });
});

test("it goes on when all that take part have come to the step, and with the calls of all of them", (t) => {
  const { after } = play({ ...config, machines: [], steps: [0.1, 1] });
  const few = { calls: 3 };
  t.like(after(5_000, { a: { calls: 1 }, b: few, c: few, d: { calls: 2 } }), { stage: 0 });
  t.like(after(0, { a: { stage: 7 } }), { stage: 0 });
  t.like(after(0, { a: few, b: few, c: few, d: few }), { state: "finished" });
});

test("the health of all decides, and that of one", (t) => {
  const all = () => play({ ...config, machines: [], steps: [0.1, 1], minCalls: 1_000 });
  const few = { calls: 100, faults: 3 };
  t.like(all().after(0, { a: few, b: few, c: few }), { state: "on its way" });
  t.like(all().after(0, { a: few, b: few, c: few, d: few }), {
    state: "taken back",
    harm: { rule: "faults", detail: "12 of 400 calls failed, more than 1%" },
  });
  t.like(all().after(0, { b: { harm } }), {
    harm: { rule: "host", detail: "it has cost its sandbox host (on b)" },
  });
  // What it said before it was lost is not of now.
  t.like(all().after(0, { a: { ...few, ageMs: 9_000 }, b: few, c: few, d: few }), { state: "on its way" });
});

test("a machine that is silent is not waited for, and another one stands in for it", (t) => {
  const { after } = play();
  const [first] = after(1_000).machines ?? [];
  t.truthy(first);
  const silent = { [String(first)]: { ageMs: 6_000 } };
  const both = after(0, silent).machines ?? [];
  t.is(both.length, 2);
  t.is(both[0], first);
  t.like(after(1_000, silent), { stage: 1 });
});

test("operators: what is paused waits, and is taken back when it does harm; what was taken back begins a new round", (t) => {
  const { say, after } = play();
  t.like(after(1_000), { stage: 0, machines: { length: 1 } });
  t.is(say({ type: "pause" }).state, "paused");
  t.like(after(9_000), { stage: 0 });
  t.is(say({ type: "resume" }).state, "on its way");
  t.like(after(0), { stage: 0 });
  t.like(say({ type: "promote" }), { stage: 1, share: 0.1 });
  t.like(say({ type: "promote", to: 0.5 }), { stage: 3, share: 0.5, machines: null });
  const before = say({ type: "promote", to: 0.4 });
  t.like(before, { stage: 3, share: 0.5 });
  t.like(say({ type: "harm", harm }), { state: "taken back", round: 1 });
  t.is(say({ type: "resume" }), say({ type: "harm", harm }));
  t.like(say({ type: "promote" }), { state: "on its way", round: 2, stage: 0, share: 0.1, machines: [] });
  t.like(say({ type: "promote", to: 1 }), { state: "finished", round: 2 });
});

test("machines are chosen alike by all that know the same ones, and each version has others first", (t) => {
  const present = Array.from({ length: 50 }, (_, index) => `node-${index}`);
  const choose = (version: string, nodes: readonly string[]) =>
    chooseMachines({ policy: "p", version, wanted: { share: 0.1 }, chosen: [], present: nodes });
  t.deepEqual(choose("v1", present), choose("v1", present.toReversed()));
  t.is(choose("v1", present).length, 5);
  t.notDeepEqual(choose("v1", present), choose("v2", present));
});

test("what Redis answers is believed when it is what a machine writes", (t) => {
  const record = play().after(1_000);
  t.deepEqual(readWay(JSON.stringify({ ...record, later: 1 })), record);
  for (const text of ["", "{", "[]", JSON.stringify({ ...record, stage: -1 })])
    t.is(readWay(text), undefined, text);
  const { node, ageMs, ...report } = reportsOf(record)[0]!;
  t.deepEqual(readReports([node, `400 ${JSON.stringify(report)}`, "b", "400 {}", "c"], 1_000), [
    { ...report, node, ageMs: 600 },
  ]);
});

type Step =
  | { readonly do: "look" | "write" | "harm"; readonly node: number }
  | { readonly do: "say"; readonly node: number; readonly word: "promote" | "pause" | "resume" }
  | { readonly do: "wait" | "hide"; readonly node: number };

/** Machines look, decide and write in any order; between looking and writing others may have written. */
function simulate(steps: readonly Step[]) {
  const used = { ...config, minCalls: 1 };
  let now = 0;
  let record = openRecord({ policy: "p", version: "v2", config: used, now });
  const history: SharedRecord[] = [record];
  const fresh: RolloutState = {
    stable: "v1",
    canary: {
      ...{ version: "v2", config: used, step: 0, share: 0, since: 0, isPaused: false },
      numbers: { canary: nothing, stable: nothing },
    },
  };
  const states: RolloutState[] = names.map(() => fresh);
  const heard = names.map(() => 0);
  const wanted = new Map<number, { readonly from: number; readonly next: SharedRecord }>();
  const reports = () =>
    states.flatMap(({ canary, takenBack }, index): MachineReport[] => {
      const at = canary?.at ?? takenBack?.at;
      if (canary === undefined && takenBack === undefined) return [];
      const share = canary?.share ?? 0;
      const own = share > 0 ? { ...nothing, calls: 5 } : nothing;
      return [
        {
          ...{ node: names[index]!, round: at?.round ?? 0, stage: at?.stage ?? 0, isTakingPart: share > 0 },
          ...{ ageMs: now - heard[index]!, harm: null, numbers: { canary: own, stable: nothing } },
        },
      ];
    });
  const decide = (node: number, event: SharedEvent) => {
    const next = advanceShared(record, event, { policy: "p", version: "v2", config: used, now });
    if (next !== record) wanted.set(node, { from: record.revision, next });
  };
  for (const step of steps) {
    const { node } = step;
    switch (step.do) {
      case "wait":
        now += 700;
        break;
      case "hide":
        heard[node] = now - 6_000;
        break;
      case "look": {
        heard[node] = now;
        const place = placeIn(record, names[node]!);
        states[node] = followFleet(states[node]!, { version: "v2", place, config: used, now }).state;
        decide(node, { type: "reports", reports: reports() });
        break;
      }
      case "harm":
        decide(node, { type: "harm", harm });
        break;
      case "say":
        decide(node, { type: step.word });
        break;
      case "write": {
        const own = wanted.get(node);
        wanted.delete(node);
        if (own?.from !== record.revision) break;
        record = own.next;
        history.push(record);
        break;
      }
    }
  }
  return { history, states };
}

const anyNode = fc.integer({ min: 0, max: names.length - 1 });
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("look" as const), node: anyNode }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant("write" as const), node: anyNode }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("wait" as const), node: anyNode }) },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant("say" as const),
      node: anyNode,
      word: fc.constantFrom("promote" as const, "pause" as const, "resume" as const),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constantFrom("harm" as const, "hide" as const), node: anyNode }),
  },
);

const each = (what: "look" | "write") => names.map((_, node) => ({ do: what, node }) as const);
const wait = { do: "wait", node: 0 } as const;
/** Everybody is heard, again and again. */
const fair: readonly Step[] = [
  // What was decided before, and can be written yet.
  ...each("write"),
  ...([
    { do: "say", node: 0, word: "resume" },
    { do: "write", node: 0 },
  ] as const),
  ...Array.from({ length: 12 }, () => [wait, wait, ...each("look"), ...each("write")]).flat(),
  ...each("look"),
];

test("in whatever order machines look and write: one step at a time, nobody has it who was not chosen, and it ends on all alike", (t) => {
  const ends = new Set<string>();
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 120 }), (steps) => {
      const { history, states } = simulate(steps);
      for (const [index, record] of history.entries()) {
        const before = history[index - 1];
        if (before === undefined) continue;
        t.is(record.revision, before.revision + 1);
        // What was finished stays so; what was taken back begins in a new round only.
        t.not(before.state, "finished");
        if (before.state === "taken back") t.is(record.round, before.round + 1);
        if (record.round !== before.round) continue;
        t.true(record.stage - before.stage <= 1 && record.stage >= before.stage);
        t.true(record.share >= before.share);
        if (before.machines === null) t.is(record.machines, null);
        for (const node of before.machines ?? []) t.true(isChosen(record, node));
      }
      // Whoever has it was chosen by a record of the round that it last heard of.
      for (const [index, { canary, stable }] of states.entries()) {
        const chosen = history.filter((record) => isChosen(record, names[index]!));
        if (canary !== undefined && canary.share > 0)
          t.true(chosen.some(({ round, share }) => round === canary.at?.round && share === canary.share));
        if (stable === "v2") t.is(history.at(-1)?.state, "finished");
      }
      // Once all are heard it ends, and on all of them alike.
      const later = simulate([...steps, ...fair]);
      const end = later.history.at(-1)?.state ?? "";
      ends.add(end);
      for (const { stable, canary } of later.states) {
        t.is(stable, end === "finished" ? "v2" : "v1");
        t.is(canary, undefined);
      }
    }),
  );
  t.deepEqual([...ends].sort(), ["finished", "taken back"]);
});
