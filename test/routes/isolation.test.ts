import test from "ava";
import { type ConfigInput, resolveConfig } from "../../core/config/index.ts";
import { limitsBeyondSilence } from "../../core/routes/isolation.ts";
import { planTable } from "./plan.ts";

const upstream = "http://127.0.0.1:1";
const hooks = ["client"] as const;

/** The groups of a config's policies, all of which there are. */
function groupsOf(routes: readonly object[], config: ConfigInput = {}): Record<string, string> {
  const named = routes.map((route, index) => ({ upstream, path: `/${index}`, ...route })) as never;
  const resolved = resolveConfig({ ...config, routes: named }, { dir: "/" });
  const names = ["one", "two", "@acme/guard/redact", "@acme/guard/count", "@framegate/standard/jwt"];
  const policies = names.map((name) => ({ name, file: `/p/${name}.ts`, current: { exports: { hooks } } }));
  return Object.fromEntries(planTable(resolved, policies).groups);
}

test("policies of the folder share a host, those of a pack share another, and the standard pack is the gateway's own", (t) => {
  const policies = ["one", "two", "@acme/guard/redact", "@acme/guard/count", "@framegate/standard/jwt"];
  t.deepEqual(groupsOf([{ policies }]), {
    "@acme/guard/redact": "pack:@acme/guard",
    "@acme/guard/count": "pack:@acme/guard",
  });
});

test("a use says it, else its route, else the config", (t) => {
  const policies = [{ use: "one", isolation: "shared" }, "two"];
  t.deepEqual(groupsOf([{ policies, isolation: "own" }]), { two: "own:two" });
  const sandbox = { isolation: "own" } as const;
  t.deepEqual(groupsOf([{ policies }], { sandbox }), { two: "own:two" });
  t.deepEqual(groupsOf([{ policies, isolation: "shared" }], { sandbox }), {});
  t.deepEqual(groupsOf([{ policies: "*", isolation: "own" }]), { one: "own:one", two: "own:two" });
});

test("the strictest use of a policy counts, and none that is switched off", (t) => {
  const own = { use: "one", isolation: "own" };
  t.deepEqual(groupsOf([{ policies: ["one"] }, { policies: [own] }, { policies: ["one"] }]), {
    one: "own:one",
  });
  t.deepEqual(groupsOf([{ policies: ["one"] }, { policies: [{ ...own, enabled: false }] }]), {});
});

test("a policy runs in the worker only when all of its uses say so", (t) => {
  const worker = { use: "one", isolation: "worker" };
  t.deepEqual(groupsOf([{ policies: [worker] }, { policies: [worker] }]), { one: "worker" });
  t.deepEqual(groupsOf([{ policies: [worker] }, { policies: ["one"] }]), {});
  t.deepEqual(groupsOf([{ policies: ["one"] }, { policies: [worker] }]), {});
  t.deepEqual(groupsOf([{ policies: [worker] }, { policies: [{ use: "one", isolation: "own" }] }]), {
    one: "own:one",
  });
});

test("a route or the config puts the folder's policies into the worker, and a pack's only its own use", (t) => {
  const use = "@acme/guard/redact";
  const policies = ["one", use, "@framegate/standard/jwt"];
  const groups = { one: "worker", [use]: "pack:@acme/guard", "@framegate/standard/jwt": "worker" };
  t.deepEqual(groupsOf([{ policies, isolation: "worker" }]), groups);
  t.deepEqual(groupsOf([{ policies }], { sandbox: { isolation: "worker" } }), groups);
  t.deepEqual(groupsOf([{ policies: [{ use, isolation: "worker" }] }]), { [use]: "worker" });
  t.throws(() => groupsOf([{ policies }], { packs: { isolation: "worker" as never } }), {
    message: /packs\.isolation: expected one of "shared", "pack", "own", got "worker"/,
  });
});

test("a pack's policy comes to the folder's when its use or `packs.isolation` says so, and not by its route", (t) => {
  const use = "@acme/guard/redact";
  const group = { [use]: "pack:@acme/guard" };
  t.deepEqual(groupsOf([{ policies: [use], isolation: "shared" }]), group);
  t.deepEqual(groupsOf([{ policies: [{ use, isolation: "shared" }] }]), {});
  t.deepEqual(groupsOf([{ policies: [use] }], { packs: { isolation: "shared" } }), {});
  t.deepEqual(groupsOf([{ policies: [use] }], { packs: { isolation: "own" } }), { [use]: `own:${use}` });
  t.deepEqual(groupsOf([{ policies: [use], isolation: "own" }]), { [use]: `own:${use}` });
});

test("limits that a worker does not outlive are told where policies run inside of it", (t) => {
  const beyond = (config: ConfigInput) =>
    limitsBeyondSilence(resolveConfig({ ...config, routes: [{ path: "/", upstream }] }, { dir: "/" }));
  const sandbox = { isolation: "worker", messageTimeout: "3s", loadTimeout: "1500ms" } as const;
  t.deepEqual(beyond({ sandbox, workerSilence: "3s" }), ["sandbox.messageTimeout", "sandbox.loadTimeout"]);
  t.deepEqual(beyond({ sandbox }), []);
  t.deepEqual(beyond({ sandbox, workerSilence: 0 }), []);
  t.deepEqual(beyond({ sandbox: { ...sandbox, isolation: "own" }, workerSilence: "3s" }), []);
});
