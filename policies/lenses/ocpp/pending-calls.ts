import type { OcppAnswer, OcppMessage } from "./messages.ts";

/** Of each side. It waits for an answer before it asks again (OCPP-J 1.6 and 2.0.1, 4.1.1), but not all do. */
const MAX_PENDING = 64;
const MAX_ACTION_LENGTH = 64;

/** Those of one side that nobody has answered yet, the oldest first: id, and action. */
export type PendingCalls = [id: string, action: string][];

/** Beyond the bound the oldest is forgotten. */
export function noteCall(pending: PendingCalls, id: string, action: string): void {
  takeCall(pending, id);
  pending.push([id, action.slice(0, MAX_ACTION_LENGTH)]);
  if (pending.length > MAX_PENDING) pending.shift();
}

/** The answer, and what it answers; undefined where nobody has asked. */
export function matchAnswer(pending: PendingCalls, answer: OcppAnswer): OcppMessage | undefined {
  const action = takeCall(pending, answer.id);
  return action === undefined ? undefined : { ...answer, action };
}

function takeCall(pending: PendingCalls, id: string): string | undefined {
  const at = pending.findIndex(([asked]) => asked === id);
  return at === -1 ? undefined : pending.splice(at, 1)[0]?.[1];
}
