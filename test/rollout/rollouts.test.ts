import test from "ava";
import { resolveConfig } from "../../core/config/index.ts";
import { type FoundRollout, findRollout } from "../../core/rollout/find-rollout.ts";
import { createRollouts } from "../../core/rollout/rollouts.ts";
import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import { planTable } from "../routes/plan.ts";
import { bundlePolicy } from "../sandbox/support.ts";

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
