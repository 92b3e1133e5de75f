import type { CheckedUnavailableVerdict, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { PolicyBinding } from "../../sandbox/contract.ts";
import type { ServerFailure } from "../../sandbox/policy-api.ts";
import type { ConnectionPolicies } from "../routes/connection-policies.ts";
import { runsHook } from "../routes/route-runtime.ts";
import type { AskedRequest, HookNotes } from "./ask-policies.ts";
import type { UpgradeDecision } from "./decision.ts";
import { callRequestHook, requestHookContext, type UpgradeStep } from "./request-hook.ts";

/** What a policy has decided on. */
export interface UnavailableWord {
  readonly policy: string;
  readonly verdict: CheckedUnavailableVerdict;
}

export interface UnavailableQuestion {
  readonly asked: AskedRequest;
  readonly policies: Pick<ConnectionPolicies, "route" | "sandbox">;
  readonly decision: Pick<UpgradeDecision, "attributes" | "types">;
  readonly notes: Pick<HookNotes, "steps"> | undefined;
}

/** The `unavailable` hooks of a chain, each asked once at most, in its order. */
export class UnavailableHooks {
  readonly #question: UnavailableQuestion;
  readonly #left: PolicyBinding[];
  /** What was asked for, as JSON. */
  #text: string | undefined;

  constructor(question: UnavailableQuestion) {
    const { route, sandbox } = question.policies;
    this.#question = question;
    this.#left = route.chain.filter((binding) =>
      runsHook(binding, sandbox.exports(binding.policy), "unavailable"),
    );
  }

  /** The word of the first that decides; undefined: none is left that does, or one of them has failed. */
  async ask(failure: ServerFailure): Promise<UnavailableWord | undefined> {
    const { asked, policies, decision, notes } = this.#question;
    const { id } = asked.exchange;
    const { attributes, types } = decision;
    let context: string | undefined;
    for (let binding = this.#left.shift(); binding !== undefined; binding = this.#left.shift()) {
      this.#text ??= JSON.stringify(asked.context);
      context ??= requestHookContext(id, this.#text, { attributes, failure });
      const hook = "unavailable";
      const called = { binding, hook, id, types, context } as const;
      const afterMs = asked.exchange.elapsedMs;
      const { seat, outcome, durationMs } = await callRequestHook(policies.sandbox, called);
      const { policy, version } = seat;
      notes?.steps.push({ policy, version, hook, ...stepOf(outcome, failure), afterMs, durationMs });
      if (outcome.kind === "unavailable" && outcome.verdict.reject !== undefined) seat.end();
      seat.close();
      if (outcome.kind === "unavailable") return { policy, verdict: outcome.verdict };
      if (outcome.kind === "fault" && asked.config.onError !== "pass") return undefined;
    }
    return undefined;
  }
}

function stepOf(outcome: Outcome, { kind }: ServerFailure): Pick<UpgradeStep, "action" | "detail"> {
  if (outcome.kind === "fault") return { action: "failed", detail: outcome.fault.message };
  if (outcome.kind !== "unavailable") return { action: "passed", detail: `server ${kind}` };
  const { reject, connect, hold } = outcome.verdict;
  if (reject !== undefined) return { action: "rejected", detail: `server ${kind}: ${reject.status}` };
  const to = connect === undefined ? "" : ` connect ${connect}`;
  if (hold === undefined) return { action: "replaced", detail: `server ${kind}:${to}` };
  return { action: "held", detail: `server ${kind}: hold ${hold.forMs} ms${to}` };
}
