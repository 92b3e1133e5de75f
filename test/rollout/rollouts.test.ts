import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { type FoundRollout, findRollout } from "../../core/rollout/find-rollout.ts";
import { createRollouts } from "../../core/rollout/rollouts.ts";
import type { OwnWay, SharedPlace } from "../../core/rollout/shared-way.ts";
import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import { planTable } from "../routes/plan.ts";
import { bundlePolicy } from "../sandbox/support.ts";
import { eventually } from "../support/eventually.ts";

const nothing = { calls: 0, faults: 0, sessions: 0, closes: 0, latency: [] };
const upstream = "http://localhost:1";
const first = await bundlePolicy("a", "export const client = () => {};");
const second = await bundlePolicy("a", "export const client = () => ({ drop: true });");

function snapshot(bundle: typeof first): PolicySnapshot {
  const current = { bundle: { ...bundle, inputs: [] }, exports: { hooks: ["client"] }, loadedAt: 0 } as const;
  const rest = { versions: [], isPinned: false, deleted: false };
  return { policies: [{ name: "a", file: "/p/a.ts", current, ...rest }] };
}

test("a version on its way waits while no route has its policy, and while it is paused no config brings it to all", async (t) => {
  let said: FoundRollout = resolveConfig({ rollout: {}, routes: [{ path: "/a", upstream }] }, { dir: "/" })
    .routes[0]?.rollout;
  t.truthy(said);
  const rollouts = createRollouts({
    configOf: () => said,
    ask: async () => [],
    async replan() {
      settle(second);
    },
    onNews: () => {},
  });
  t.teardown(rollouts.close);
  function settle(bundle: typeof first): string {
    const { policies, canaries } = rollouts.settle(snapshot(bundle));
    return `${policies.policies[0]?.current?.bundle.version} ${canaries[0]?.version}`;
  }
  settle(first);
  const onItsWay = settle(second);
  t.is(onItsWay, `${first.version} ${second.version}`);
  said = undefined;
  t.is(settle(second), onItsWay);
  await rollouts.tell("a", { type: "pause" });
  said = false;
  t.is(settle(second), onItsWay);
  await rollouts.tell("a", { type: "resume" });
  t.is(settle(second), `${second.version} undefined`);
});

test("in a fleet nobody has a version before the others are heard; what was taken back here stays so until a new round", async (t) => {
  const config = resolveConfig({ rollout: {}, routes: [{ path: "/a", upstream }] }, { dir: "/" });
  const news: string[] = [];
  const reports: OwnWay[] = [];
  let place: SharedPlace | undefined;
  let wake = () => {};
  const rollouts = createRollouts({
    configOf: () => config.routes[0]?.rollout,
    ask: async () => [],
    async replan() {
      settle(second);
    },
    onNews: (_, { what }) => news.push(what),
    shared: {
      async report(own) {
        reports.push(own);
        return place;
      },
      tell: async () => place,
      overview: async () => undefined,
      leave: () => {},
      onMove: (listener) => {
        wake = listener;
      },
    },
  });
  t.teardown(rollouts.close);
  function settle(bundle: typeof first): string {
    const { policies, canaries } = rollouts.settle(snapshot(bundle));
    return `${policies.policies[0]?.current?.bundle.version} ${canaries[0]?.version}`;
  }
  const heard = async () => {
    const before = reports.length;
    wake();
    // Two: what the first was told has been done then.
    await eventually("the others are told", () => reports.length > before + 1);
    return settle(second);
  };
  const [alone, both] = [`${first.version} undefined`, `${first.version} ${second.version}`];
  settle(first);
  t.is(settle(second), alone);
  t.is(await heard(), alone);
  const harm = { rule: "operator", detail: "" } as const;
  place = { ...{ round: 1, stage: 0, state: "on its way", step: 0, share: 0.05, harm }, isTakingPart: false };
  t.is(await heard(), alone);
  place = { ...place, isTakingPart: true };
  t.is(await heard(), both);
  rollouts.onOffence("a", second.version, { rule: "host", detail: "it hung" });
  t.is(settle(second), alone);
  // The others have not heard of it yet.
  t.is(await heard(), alone);
  t.like(reports.at(-1), { harm: { rule: "host", detail: "it hung" }, at: { round: 1 } });
  place = { ...place, round: 2 };
  t.is(await rollouts.tell("a", { type: "promote" }), "done");
  t.is(settle(second), both);
  place = { ...place, state: "taken back" };
  t.is(await rollouts.tell("a", { type: "pause" }), "done");
  t.is(settle(second), alone);
  t.deepEqual(news, ["begun", "taken back", "begun", "taken back"]);
});

test("a machine that starts with a version that the others have taken back says so, once they can be reached", async (t) => {
  const config = resolveConfig({ rollout: {}, routes: [{ path: "/a", upstream }] }, { dir: "/" });
  const harm = { rule: "host", detail: "it hung (on b)" } as const;
  const place = {
    ...{ round: 1, stage: 0, step: 0, share: 1, isTakingPart: false, harm },
    state: "taken back",
  } as const;
  const strays: string[] = [];
  let asked = 0;
  const rollouts = createRollouts({
    configOf: () => config.routes[0]?.rollout,
    ask: async () => [],
    replan: async () => {},
    onNews: () => {},
    onStray: ({ version }) => strays.push(version),
    shared: {
      report: async () => undefined,
      tell: async () => undefined,
      async overview() {
        if (asked++ === 0) throw new Error("no connection to Redis");
        return { place, machines: [], numbers: { canary: nothing, stable: nothing } };
      },
      leave: () => {},
      onMove: () => {},
    },
  });
  t.teardown(rollouts.close);
  rollouts.settle(snapshot(first));
  await eventually("it is known", () => strays.length > 0);
  t.deepEqual(strays, [first.version]);
  const { policies } = rollouts.settle(snapshot(first));
  t.regex(
    policies.policies[0]?.problem?.message ?? "",
    /^the other machines have taken version .* back, .*: it hung \(on b\)/,
  );
  t.is(rollouts.settle(snapshot(second)).policies.policies[0]?.current?.bundle.version, first.version);
});

test("what routes say of a policy's rollout: the first that has one, that there is none, or nothing when none has the policy", (t) => {
  const known = [{ name: "a", file: "/p/a.ts" }];
  const said = (policies: readonly string[], rollout: false | object) => {
    const route = { upstream, policies };
    const config = resolveConfig(
      {
        routes: [
          { path: "/none", ...route, rollout: false },
          { path: "/a", ...route, rollout },
        ],
      },
      { dir: "/" },
    );
    return findRollout({ config, table: planTable(config, known) }, "a");
  };
  t.like(said(["a"], { minCalls: 7 }), { minCalls: 7 });
  t.is(said(["a"], false), false);
  t.is(said([], {}), undefined);
});
