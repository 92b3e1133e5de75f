import type { CheckedUpgradeVerdict, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { Soon } from "../leases/caps/soon.ts";
import type { ConnectionPolicies } from "../routes/connection-policies.ts";
import { runsHook } from "../routes/route-runtime.ts";
import { useKey } from "../routes/use-key.ts";
import { decide, firstDecision, type UpgradeDecision } from "./decision.ts";
import type { Routed } from "./exchange.ts";
import type { PhaseLog } from "./notes/phase-log.ts";
import type { Refused } from "./refusal.ts";
import { callRequestHook, requestHookContext, type UpgradeStep } from "./request-hook.ts";

/** Takes down what the hooks did, for who wants it. */
export interface HookNotes {
  readonly steps: UpgradeStep[];
  attributes: UpgradeDecision["attributes"];
  readonly phases: Pick<PhaseLog, "end">;
}

/** What hooks are told of, and by whose rules. */
export interface AskedRequest extends Pick<Routed, "context"> {
  readonly exchange: Pick<Routed["exchange"], "id" | "elapsedMs">;
  readonly config: Pick<Routed["config"], "contentType" | "onError">;
  /** Attributes that are there before the first hook; absent: none. */
  readonly attributes?: UpgradeDecision["attributes"];
}

/** The stage that runs the `upgrade` hooks, in the order of the chain; the first refusal ends it. */
export function askPolicies(
  request: AskedRequest,
  policies: AskedOfRequest,
  notes?: HookNotes,
): Soon<UpgradeDecision | Refused> {
  const first = firstDecision(request.config.contentType, request.attributes);
  notes?.phases.end();
  return policies.route.chain.length === 0 ? first : askChain(first, request, policies, notes);
}

type AskedOfRequest = Pick<ConnectionPolicies, "learn" | "route" | "sandbox">;

async function askChain(
  first: UpgradeDecision,
  { exchange, config, context }: AskedRequest,
  { route: { chain }, sandbox, learn }: AskedOfRequest,
  notes: HookNotes | undefined,
): Promise<UpgradeDecision | Refused> {
  const { id } = exchange;
  let text: string | undefined;
  let decision = first;
  for (const binding of chain) {
    if (!runsHook(binding, sandbox.exports(binding.policy), "upgrade")) continue;
    // Of all that a chain's hooks are told only the attributes so far differ.
    text ??= JSON.stringify(context);
    const { attributes, types } = decision;
    const told = requestHookContext(id, text, { attributes });
    const called = { binding, hook: "upgrade", id, types, context: told } as const;
    const afterMs = exchange.elapsedMs;
    const { seat, outcome, durationMs } = await callRequestHook(sandbox, called);
    const { policy, version } = seat;
    notes?.steps.push({ policy, version, ...stepOf(outcome), afterMs, durationMs });
    const decided = decide(decision, outcome, {
      policy: binding.policy,
      use: useKey(binding),
      onError: config.onError,
    });
    const isRefused = "refusal" in decided;
    if (isRefused) seat.end();
    seat.close();
    if (isRefused) return decided;
    decision = decided;
    learn(decision.attributes);
    if (notes !== undefined) notes.attributes = decision.attributes;
  }
  return decision;
}

function stepOf(outcome: Outcome): Pick<UpgradeStep, "action" | "detail"> {
  if (outcome.kind === "fault") return { action: "failed", detail: outcome.fault.message };
  if (outcome.kind !== "upgrade") return { action: "passed", detail: "" };
  const { reject } = outcome.verdict;
  if (reject !== undefined) return { action: "rejected", detail: String(reject.status) };
  return { action: "replaced", detail: wordsOf(outcome.verdict) };
}

/** What it has said, by name: values are in the record of the upgrade, with their secrets hidden. */
function wordsOf(verdict: CheckedUpgradeVerdict): string {
  const { connect, attributes, headers, responseHeaders, subprotocol, contentType, expires } = verdict;
  const named = (what: string, values: object = {}) => {
    const names = Object.keys(values);
    return names.length === 0 ? "" : `${what} ${names.join(", ")}`;
  };
  return [
    connect === undefined ? "" : `connect ${connect}`,
    named("attributes", attributes),
    named("headers", headers),
    named("responseHeaders", responseHeaders),
    subprotocol === undefined ? "" : `subprotocol ${subprotocol}`,
    contentType === undefined ? "" : `contentType ${contentType}`,
    expires === undefined ? "" : `expires ${new Date(expires).toISOString()}`,
  ]
    .filter((each) => each !== "")
    .join("; ");
}
