import type { Outcome, Seat } from "../../sandbox/contract.ts";
import type { ConnectionPolicies } from "../routes/connection-policies.ts";
import { runsHook } from "../routes/route-runtime.ts";
import { useKey } from "../routes/use-key.ts";
import { decide, firstDecision, type UpgradeDecision } from "./decision.ts";
import type { Routed } from "./exchange.ts";
import type { Refused } from "./refusal.ts";

const NO_CONTEXT = "{}";

/** What one `upgrade` hook did. */
export interface UpgradeStep {
  readonly policy: string;
  readonly version: string;
  readonly action: "passed" | "replaced" | "rejected" | "failed";
  /** From when the request had come to the call. */
  readonly afterMs: number;
  readonly durationMs: number;
  readonly detail: string;
}

/** Takes down what the hooks did, for who wants it. */
export interface HookNotes {
  readonly steps: UpgradeStep[];
  attributes: UpgradeDecision["attributes"];
}

/** What hooks are told of, and by whose rules. */
export interface AskedRequest extends Pick<Routed, "config" | "context"> {
  readonly exchange: Pick<Routed["exchange"], "id" | "elapsedMs">;
}

/** The stage that runs the `upgrade` hooks, in the order of the chain; the first refusal ends it. */
export async function askPolicies(
  { exchange, config, context }: AskedRequest,
  { route: { chain }, sandbox, learn }: Pick<ConnectionPolicies, "learn" | "route" | "sandbox">,
  notes?: HookNotes,
): Promise<UpgradeDecision | Refused> {
  const { id } = exchange;
  let text: string | undefined;
  let decision = firstDecision(config.contentType);
  for (const binding of chain) {
    if (!runsHook(binding, sandbox.exports(binding.policy), "upgrade")) continue;
    text ??= JSON.stringify(context);
    // It has one call, which brings the context along.
    const seat = sandbox.seat(binding, id, NO_CONTEXT, decision.types);
    const startedAt = performance.now();
    const afterMs = exchange.elapsedMs;
    const outcome = await callHook(seat, contextText(id, text, decision));
    const durationMs = performance.now() - startedAt;
    notes?.steps.push({
      policy: seat.policy,
      version: seat.version,
      ...stepOf(outcome),
      afterMs,
      durationMs,
    });
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

/** Of all that a chain's hooks are told only the attributes so far differ: the rest is the text that their seats share. */
function contextText(id: string, context: string, { attributes }: UpgradeDecision): string {
  return `{"id":${JSON.stringify(id)},${context.slice(1, -1)},"attributes":${JSON.stringify(attributes)}}`;
}

function callHook(seat: Seat, context: string): Promise<Outcome> {
  const payload = { binary: false, bytes: Buffer.from(context) };
  return new Promise((settle) => {
    seat.submit({ hook: "upgrade", payload, sequence: 0, time: Date.now(), settle });
  });
}

function stepOf(outcome: Outcome): Pick<UpgradeStep, "action" | "detail"> {
  if (outcome.kind === "fault") return { action: "failed", detail: outcome.fault.message };
  if (outcome.kind !== "upgrade") return { action: "passed", detail: "" };
  const { reject, connect } = outcome.verdict;
  if (reject !== undefined) return { action: "rejected", detail: String(reject.status) };
  return { action: "replaced", detail: connect === undefined ? "" : `connect ${connect}` };
}
