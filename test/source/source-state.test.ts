import test from "ava";
import {
  advanceSource,
  beginSource,
  type SourceCommand,
  type SourceEvent,
  type SourceState,
  waitMs,
} from "../../core/source/source-state.ts";

function play(start: SourceState, ...events: readonly SourceEvent[]) {
  let state = start;
  const said: SourceCommand[] = [];
  for (const event of events) {
    const step = advanceSource(state, event);
    state = step.state;
    said.push(...step.commands);
  }
  return {
    state,
    said: said.map((command) => ("digest" in command ? `${command.type} ${command.digest}` : command.type)),
  };
}

const look = { type: "look" } as const;
const fetched = { type: "fetched" } as const;
const kept = (digest: string) => ({ type: "kept", digest }) as const;
const checked = { type: "checked" } as const;
const activate = (digest: string) => ({ type: "activate", digest }) as const;
const activated = { type: "activated" } as const;
const refused = { type: "refused", message: "bad" } as const;
const failed = { type: "failed", message: "gone" } as const;

test("a new version is fetched, verified, checked and offered; it runs when somebody says so", (t) => {
  const offered = play(beginSource("a"), look, fetched, kept("b"), checked);
  t.deepEqual(offered.said, ["fetch", "verify", "check b", "offer b", "wait"]);
  t.like(offered.state, { phase: "idle", active: "a", offered: "b" });
  const taken = play(offered.state, activate("b"), activated);
  t.deepEqual(taken.said, ["activate b", "wait"]);
  t.like(taken.state, { phase: "idle", active: "b", offered: undefined });
});

test("while one waits for a word, newer ones take its place", (t) => {
  const { state, said } = play(
    beginSource("a"),
    look,
    fetched,
    kept("b"),
    checked,
    look,
    fetched,
    kept("c"),
    checked,
  );
  t.is(said.at(-2), "offer c");
  t.like(state, { active: "a", offered: "c" });
});

test("what is asked for meanwhile is done when nothing else is under way, activation first", (t) => {
  const { said } = play(beginSource("a"), look, look, activate("old"), { type: "unchanged" }, activated, {
    type: "unchanged",
  });
  t.deepEqual(said, ["fetch", "activate old", "fetch", "wait"]);
});

test("what runs is not activated again, also under another name", (t) => {
  t.deepEqual(play(beginSource("a"), activate("a")).said, ["wait"]);
  t.deepEqual(play(beginSource("a"), look, fetched, kept("a")).said, ["fetch", "verify", "wait"]);
});

test("a version that is refused leaves what runs, and its problem until one is taken", (t) => {
  const bad = play(beginSource("a"), look, fetched, kept("b"), refused);
  t.deepEqual(bad.said.slice(-2), ["report", "wait"]);
  t.like(bad.state, {
    phase: "idle",
    active: "a",
    offered: undefined,
    problem: { kind: "refused", message: "bad" },
  });
  t.is(play(bad.state, look, { type: "unchanged" }).state.problem?.kind, "refused");
  t.is(play(bad.state, look, fetched, kept("c"), checked).state.problem, undefined);
  t.like(play(bad.state, look, fetched, kept("c"), checked, activate("c"), refused).state, {
    active: "a",
    offered: undefined,
    problem: { kind: "refused" },
  });
});

test("looks that fail are told once, and counted; the next answer ends it", (t) => {
  const lost = play(beginSource("a"), look, failed, look, failed);
  t.deepEqual(lost.said, ["fetch", "report", "wait", "fetch", "wait"]);
  t.is(lost.state.failures, 2);
  t.like(play(lost.state, look, { type: "unchanged" }).state, { failures: 0, problem: undefined });
});

test("what somebody went back from does not come back by itself, until the source has given another", (t) => {
  const give = (digest: string) => [look, fetched, kept(digest)];
  const take = (digest: string) => [...give(digest), checked, activate(digest), activated];
  const back = play(beginSource("a"), ...take("b"), activate("a"), activated);
  t.like(back.state, { active: "a", turnedAway: "b" });
  for (const start of [back.state, beginSource("a", "b")]) {
    const same = play(start, ...give("b"));
    t.deepEqual(same.said, ["fetch", "verify", "wait"]);
    t.like(same.state, { active: "a", offered: undefined, turnedAway: "b" });
    // Further back.
    t.like(play(same.state, activate("0"), activated).state, { active: "0", turnedAway: "b" });
    t.like(play(same.state, activate("b"), activated).state, { active: "b", turnedAway: undefined });
    const other = play(same.state, ...take("c"), ...take("b"));
    t.like(other.state, { active: "b", turnedAway: undefined });
    t.like(play(same.state, ...give("c"), refused, ...give("b")).state, {
      phase: "checking",
      candidate: "b",
    });
  }
});

test("whatever is under way, what fails or is refused leaves what runs, and the source at rest", (t) => {
  const ways: Readonly<Record<string, readonly SourceEvent[]>> = {
    fetching: [look],
    verifying: [look, fetched],
    checking: [look, fetched, kept("b")],
    activating: [look, fetched, kept("b"), checked, activate("b")],
  };
  for (const [phase, events] of Object.entries(ways)) {
    const { state } = play(beginSource("a"), ...events);
    t.is(state.phase, phase as SourceState["phase"]);
    for (const end of phase === "fetching" ? [failed] : [failed, refused]) {
      const after = play(state, end);
      t.like(after.state, { phase: "idle", active: "a", candidate: undefined, problem: { kind: end.type } });
      t.deepEqual(after.said, ["report", "wait"], `${phase}, ${end.type}`);
    }
  }
});

test("what fails behind the fetch, look by look, is told once and counted too, until it runs or there is nothing new", (t) => {
  const again = [look, fetched, kept("b"), checked, activate("b"), failed];
  const full = play(beginSource("a"), ...again, ...again);
  t.is(full.said.filter((command) => command === "report").length, 1);
  t.is(full.state.failures, 2);
  const over = play(full.state, look, fetched, kept("b"), checked, activate("b"), activated);
  t.like(over.state, { failures: 0, problem: undefined });
  t.like(play(full.state, look, { type: "unchanged" }).state, { failures: 0, problem: undefined });
  t.like(play(full.state, look, fetched, refused).state, { failures: 0, problem: { kind: "refused" } });
});

test("an event that cannot come in a state names both", (t) => {
  t.throws(() => advanceSource(beginSource("a"), checked), {
    message: 'a source that is idle cannot be "checked"',
  });
});

test("the wait: a fifth more or less, twice as long with each failure, ten minutes or `every` at most", (t) => {
  t.is(waitMs(30_000, 0, 0.5), 30_000);
  t.is(waitMs(30_000, 0, 0), 24_000);
  t.is(Math.round(waitMs(30_000, 3, 1)), 288_000);
  t.is(waitMs(30_000, 50, 0.5), 600_000);
  t.is(waitMs(3_600_000, 4, 0.5), 3_600_000);
});
