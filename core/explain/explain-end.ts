import type { CloseRecord } from "../traffic/records.ts";
import type { EndingCall, ExplainedHook, ExplainedMessage } from "./explanation.ts";

interface Called {
  readonly messages: readonly ExplainedMessage[];
  readonly hooks: readonly ExplainedHook[];
}

/** The call of a policy's hook whose verdict or fault ended the session; null: it was none, or it is not kept. */
export function findEndingCall(
  { policy }: Pick<CloseRecord, "policy">,
  { messages, hooks }: Called,
): EndingCall | null {
  if (policy === "") return null;
  const calls = [...messages.flatMap(endingOfMessage), ...hooks.flatMap(endingOfHook)];
  const found = calls.filter(({ call }) => call.policy === policy);
  return found.toSorted((one, other) => one.at - other.at).at(-1)?.call ?? null;
}

interface TimedCall {
  readonly at: number;
  readonly call: EndingCall;
}

function endingOfMessage({ message, outcome, sinceStartMs: at, steps }: ExplainedMessage): TimedCall[] {
  if (outcome !== "closed" && outcome !== "failed") return [];
  const hook = message.startsWith("client:") ? "client" : "server";
  return steps
    .filter(({ action }) => action === outcome)
    .map(({ policy, detail, place }) => ({ at, call: { policy, message, hook, outcome, detail, place } }));
}

function endingOfHook({
  hook,
  policy,
  outcome,
  sinceStartMs: at,
  detail,
  place,
}: ExplainedHook): TimedCall[] {
  if (outcome !== "closed" && outcome !== "failed") return [];
  return [{ at, call: { policy, message: "", hook, outcome, detail, place } }];
}
