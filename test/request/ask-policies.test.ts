import test from "ava";
import { askPolicies, type HookNotes } from "../../core/request/ask-policies.ts";
import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { HookCall, Sandbox } from "../../sandbox/contract.ts";
import { requestOf, routedOf, runtimeOf } from "./exchanges.ts";

const sets = (attributes: Readonly<Record<string, unknown>>): Outcome => ({
  kind: "upgrade",
  verdict: { attributes },
});

/** A sandbox whose policies answer as they are told, and what it has been asked. */
function startAnswering(
  answers: Readonly<Record<string, Outcome>>,
  hooks: readonly HookName[] = ["upgrade"],
) {
  const asked: { readonly policy: string; readonly text: string }[] = [];
  let open = 0;
  const sandbox: Pick<Sandbox, "exports" | "seat"> = {
    exports: () => ({ hooks }),
    seat({ policy }) {
      open++;
      return {
        policy,
        version: "v",
        submit({ payload, settle }: HookCall) {
          asked.push({ policy, text: Buffer.from(payload.bytes).toString() });
          settle(answers[policy] ?? { kind: "unchanged" });
        },
        matcher: () => undefined,
        skip() {},
        renew() {},
        offer() {},
        end() {},
        close: () => open--,
      };
    },
  };
  return { sandbox, asked, openSeats: () => open };
}

test("each hook of the chain is told what those before it have set, in the contract's order", async (t) => {
  const runtime = runtimeOf({}, ["one", "two", "three"]);
  const { sandbox, asked, openSeats } = startAnswering({ one: sets({ a: 'é"' }), two: sets({ b: 2 }) });
  const routed = routedOf(runtime, requestOf("/x?y=1", { "X-A": '"' }));
  const decision = await askPolicies(routed, { route: runtime, sandbox, learn() {} });
  t.like(decision, { attributes: { a: 'é"', b: 2 } });
  const told = [{}, { a: 'é"' }, { a: 'é"', b: 2 }];
  t.deepEqual(
    asked.map(({ text }) => text),
    told.map((attributes) => JSON.stringify({ id: "id-1", ...routed.context, attributes })),
  );
  t.is(openSeats(), 0);
});

test("what is known of the request becomes text once for a chain", async (t) => {
  const runtime = runtimeOf({}, ["one", "two", "three"]);
  const { sandbox, asked } = startAnswering({ one: sets({ a: 1 }) });
  const routed = routedOf(runtime);
  let times = 0;
  const context = {
    ...routed.context,
    get route() {
      times++;
      return routed.context.route;
    },
  };
  await askPolicies({ ...routed, context }, { route: runtime, sandbox, learn() {} });
  t.is(asked.length, 3);
  t.is(times, 1);
});

test("the first refusal ends it, and what was done is noted", async (t) => {
  const reject = { status: 402, headers: {}, body: "", contentType: "" };
  const runtime = runtimeOf({}, ["one", "two", "three"]);
  const { sandbox, asked, openSeats } = startAnswering({
    one: sets({ a: 1 }),
    two: { kind: "upgrade", verdict: { reject } },
  });
  const notes: HookNotes = { steps: [], attributes: {}, phases: { end() {} } };
  const answer = await askPolicies(routedOf(runtime), { route: runtime, sandbox, learn() {} }, notes);
  t.like(answer, { refusal: { code: "ERR_REJECTED", status: 402 } });
  t.deepEqual(
    asked.map(({ policy }) => policy),
    ["one", "two"],
  );
  t.is(openSeats(), 0);
  t.deepEqual(notes.attributes, { a: 1 });
  t.deepEqual(
    notes.steps.map(({ policy, version, action, detail }) => [policy, version, action, detail]),
    [
      ["one", "v", "replaced", "attributes a"],
      ["two", "v", "rejected", "402"],
    ],
  );
});

test("a policy without the hook has no place, and no id is needed for it but the exchange's", async (t) => {
  const runtime = runtimeOf({}, ["one"]);
  const { sandbox, asked } = startAnswering({}, ["client"]);
  t.like(await askPolicies(routedOf(runtime), { route: runtime, sandbox, learn() {} }), { attributes: {} });
  t.deepEqual(asked, []);
});
