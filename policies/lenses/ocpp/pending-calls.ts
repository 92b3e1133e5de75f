import type { OcppAnswer, OcppCall, OcppMessage } from "./messages.ts";

/** Of each side. It waits for an answer before it asks again (OCPP-J 1.6 and 2.0.1, 4.1.1), but not all do. */
const MAX_PENDING = 64;
const MAX_ACTION_LENGTH = 64;

/** Those of one side that nobody has answered yet, the oldest first: id, and action. */
export type PendingCalls = [id: string, action: string][];

/**
 * Throws where the id is that of a call of another action which nobody has answered yet: whose answer is which could not be told. The same call
 * once more is a retry.
 */
export function requireFree(pending: PendingCalls, { id, action }: Pick<OcppCall, "id" | "action">): void {
  const waiting = pending.find(([asked]) => asked === id)?.[1];
  if (waiting !== undefined && waiting !== shortened(action))
    throw new TypeError("a call with the id of one that waits for its answer");
}

/** Beyond the bound the oldest is forgotten. Throws as `requireFree` does, for handlers that are async take turns. */
export function noteCall(pending: PendingCalls, { id, action }: OcppCall): void {
  requireFree(pending, { id, action });
  takeCall(pending, id);
  pending.push([id, shortened(action)]);
  if (pending.length > MAX_PENDING) pending.shift();
}

/** The answer, and what it answers; undefined where nobody has asked. */
export function matchAnswer(pending: PendingCalls, answer: OcppAnswer): OcppMessage | undefined {
  const action = takeCall(pending, answer.id);
  return action === undefined ? undefined : { ...answer, action };
}

const shortened = (action: string): string => action.slice(0, MAX_ACTION_LENGTH);

function takeCall(pending: PendingCalls, id: string): string | undefined {
  const at = pending.findIndex(([asked]) => asked === id);
  return at === -1 ? undefined : pending.splice(at, 1)[0]?.[1];
}
