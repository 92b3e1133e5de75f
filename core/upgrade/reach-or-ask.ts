import type { CheckedHold } from "../../sandbox/contract/verdicts.ts";
import { UnavailableHooks } from "../request/ask-unavailable.ts";
import { rejection, type UpgradeDecision } from "../request/decision.ts";
import { REFUSAL_STATUS, type Refusal, type Refused, refusalOfError } from "../request/refusal.ts";
import type { ConnectionPolicies } from "../routes/connection-policies.ts";
import type { Upstreams } from "../upstream/upstreams.ts";
import { type Agreement, agreeWithServer, type ServerQuestion } from "./agree-with-server.ts";
import { failureKind } from "./server-failure.ts";

/** A policy's word: the client is to be let in before there is a server. */
export interface WantedHold {
  readonly hold: CheckedHold;
  readonly policy: string;
  /** With where the policy wants it to go. */
  readonly decision: UpgradeDecision;
  /** What the client gets if it cannot be held. */
  readonly failure: Refusal;
  /** How often a server has been asked. */
  readonly tries: number;
}

/**
 * A server that has agreed; where none can be had, what the policies of the chain make of that. Each is asked once, with the
 * newest failure: so it ends.
 */
export async function reachOrAsk(
  question: ServerQuestion,
  policies: Pick<ConnectionPolicies, "route" | "sandbox">,
  upstreams: Upstreams,
): Promise<Agreement | WantedHold | Refused> {
  const { routed, notes, signal } = question;
  let { decision } = question;
  let tries = 0;
  const onTry = (): void => {
    tries++;
  };
  let result = await agreeOrRefuse({ ...question, onTry }, upstreams);
  let hooks: UnavailableHooks | undefined;
  for (;;) {
    if (!("refusal" in result)) return result;
    const failure: Refusal = result.refusal;
    const kind = failureKind(failure);
    if (kind === undefined) return result;
    hooks ??= new UnavailableHooks({ asked: routed, policies, decision, notes });
    const word = await hooks.ask({ kind, tries, status: REFUSAL_STATUS[failure.code] });
    if (word === undefined || signal.aborted) return result;
    const { policy, verdict } = word;
    const { reject, connect, hold } = verdict;
    if (reject !== undefined) return { refusal: rejection(reject, policy) };
    if (connect !== undefined) decision = { ...decision, connect };
    if (hold !== undefined) return { hold, policy, decision, failure, tries };
    result = await agreeOrRefuse({ ...question, decision, onTry }, upstreams);
  }
}

/** Never rejects. */
export function agreeOrRefuse(question: ServerQuestion, upstreams: Upstreams): Promise<Agreement | Refused> {
  return agreeWithServer(question, upstreams).catch((cause: unknown) => ({ refusal: refusalOfError(cause) }));
}
