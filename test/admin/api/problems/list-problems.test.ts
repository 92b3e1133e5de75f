import test from "ava";
import type { PolicyView } from "../../../../core/admin/api/api-schema.ts";
import { listProblems, type ProblemFacts } from "../../../../core/admin/api/problems/list-problems.ts";
import { makePolicies } from "../../../support/stand-in/inventory.ts";

const DAY = 86_400_000;
const well: ProblemFacts = {
  ...{ policies: [], folder: "", routes: [], source: undefined, fleet: undefined, traffic: "", sandbox: "" },
  ...{ isReadElsewhere: false, sinks: [], certificates: [], now: 100 * DAY },
};
const kinds = (facts: Partial<ProblemFacts>) =>
  listProblems({ ...well, ...facts }).map(({ kind, tone, name }) => `${tone} ${kind} ${name}`);
const policy = (more: Partial<PolicyView>): PolicyView => ({ ...makePolicies(0)[0]!, ...more });

const use = { file: "/gate.yaml", option: "routes[0].policies[0]", route: "/chat", policy: "auht" };

test("a route that is in the way of its connections is told in the words of the log", (t) => {
  const routes = [{ code: "unknown-policy", ...use, known: ["auth"], isKept: false } as const];
  t.like(listProblems({ ...well, routes }), [
    {
      text: "names a policy that is not there: its connections are refused",
      detail:
        '/gate.yaml: route "/chat" names the policy "auht", which is not there (did you mean "auth"?); its connections are refused',
    },
  ]);
  t.deepEqual(kinds({ routes: [{ code: "policy-gone", ...use }] }), []);
});

test("what is well is no problem; each thing that is not is one, the worst first", (t) => {
  t.deepEqual(kinds({ policies: [policy({})] }), []);
  const rows: readonly (readonly [Partial<ProblemFacts>, string])[] = [
    [{ policies: [policy({ state: "failed" })] }, "bad policy-failed auth"],
    [{ policies: [policy({ state: "stale" })] }, "bad policy-stale auth"],
    [{ policies: [policy({ state: "gone" })] }, "warn policy-gone auth"],
    [{ policies: [policy({ breaker: "open", recentFaults: 9 })] }, "bad policy-breaker auth"],
    [{ policies: [policy({ recentFaults: 1 })] }, "bad policy-failing auth"],
    [{ policies: [policy({ quarantine: { reason: "hang", until: 0 } })] }, "warn policy-quarantine auth"],
    [{ folder: "not there" }, "bad policies-folder Policies folder"],
    [{ routes: [{ code: "unknown-policy", ...use, known: [], isKept: false }] }, "bad route /chat"],
    [{ routes: [{ code: "unknown-policy", ...use, known: [], isKept: true }] }, "warn route /chat"],
    [{ routes: [{ code: "wrong-options", ...use, message: "x", isKept: false }] }, "bad route /chat"],
    [{ routes: [{ code: "wrong-options", ...use, message: "x", isKept: true }] }, "warn route /chat"],
    [{ routes: [{ code: "no-hooks", ...use, policyFile: "/p/a.ts" }] }, "warn route /chat"],
    [
      { routes: [{ code: "invalid-route", file: "/p/a.ts", message: "x", details: [] }] },
      "bad route /p/a.ts",
    ],
    [{ source: { kind: "refused", message: "x" } }, "bad source-refused Source"],
    [{ source: { kind: "failed", message: "x" } }, "warn source-silent Source"],
    [{ fleet: { kind: "lost", message: "x" } }, "bad fleet-lost Fleet"],
    [{ fleet: { kind: "name", message: "x" } }, "bad fleet-name Fleet"],
    [{ traffic: "the disk is full" }, "bad traffic-store Recorded traffic"],
    [{ traffic: "refused", isReadElsewhere: true }, "bad traffic-unreadable Recorded traffic"],
    [{ sinks: [{ sink: "audit", queuedBytes: 1, problem: "refused" }] }, "bad sink audit"],
    [{ sandbox: "bubblewrap is missing" }, "warn sandbox Sandbox"],
  ];
  for (const [facts, expected] of rows) t.deepEqual(kinds(facts), [expected]);
  t.deepEqual(kinds({ sandbox: "no walls", traffic: "full" }), [
    "bad traffic-store Recorded traffic",
    "warn sandbox Sandbox",
  ]);
});

test("a certificate is said in the last part of its time, and when that is over", (t) => {
  const ends = (days: number, lived: number) =>
    listProblems({
      ...well,
      certificates: [{ name: "a.example", startsAt: well.now - lived * DAY, endsAt: well.now + days * DAY }],
    }).map(({ tone, text }) => `${tone} ${text}`);
  t.deepEqual(ends(30, 60), []);
  t.deepEqual(ends(5, 85), ["warn its certificate ends in 5 days, and nothing has renewed it"]);
  t.deepEqual(ends(2, 4), []);
  t.deepEqual(ends(0.5, 5.5), ["warn its certificate ends today, and nothing has renewed it"]);
  t.deepEqual(ends(-1, 90), ["bad its certificate has ended: clients refuse it"]);
});
