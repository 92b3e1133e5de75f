import test from "ava";
import { suspectsOf } from "../../core/rollout/suspects.ts";
import type { PolicyState } from "../../policies/reload/policy-state.ts";
import { WORKER_GROUP } from "../../sandbox/index.ts";
import { bundlePolicy } from "../sandbox/support.ts";

test("a worker that dies is held against the versions on their way that run in it, and against no other", async (t) => {
  const bundle = { ...(await bundlePolicy("a", "export const client = () => {};")), inputs: [] };
  const version = { bundle, exports: { hooks: [] }, loadedAt: 0 };
  const policy = (name: string, more?: Partial<PolicyState>): PolicyState => {
    const rest = { versions: [], isPinned: false, deleted: false };
    return { name, file: `/p/${name}.ts`, current: version, ...rest, ...more };
  };
  const policies = [
    policy("inside", { canary: version }),
    policy("apart", { canary: version }),
    policy("still"),
  ];
  const groups = ["inside", "still"].map((name) => [name, WORKER_GROUP] as const);
  t.deepEqual(suspectsOf({ policies: { policies }, table: { groups } }), [
    { policy: "inside", version: bundle.version },
  ]);
  t.deepEqual(suspectsOf({ policies: { policies }, table: undefined }), []);
});
