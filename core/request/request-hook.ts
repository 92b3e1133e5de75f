import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { ContentTypes, PolicyBinding, Sandbox, Seat } from "../../sandbox/contract.ts";

const NO_CONTEXT = "{}";

/** What one hook did that was asked before there was a connection. */
export interface UpgradeStep {
  readonly policy: string;
  readonly version: string;
  /** Absent: `upgrade`. */
  readonly hook?: "unavailable";
  readonly action: "passed" | "replaced" | "rejected" | "held" | "failed";
  /** From when the request had come to the call. */
  readonly afterMs: number;
  readonly durationMs: number;
  readonly detail: string;
}

export interface RequestHookCall {
  readonly binding: PolicyBinding;
  readonly hook: "upgrade" | "unavailable";
  readonly id: string;
  readonly types: ContentTypes;
  /** Its JSON: all that the hook is told. */
  readonly context: string;
}

/** A hook that has answered; its seat is to be closed. */
export interface AnsweredHook {
  readonly seat: Seat;
  readonly outcome: Outcome;
  readonly durationMs: number;
}

/** Calls a hook of a request that is no connection yet. */
export async function callRequestHook(
  sandbox: Pick<Sandbox, "seat">,
  { binding, hook, id, types, context }: RequestHookCall,
): Promise<AnsweredHook> {
  // It has one call, which brings the context along.
  const seat = sandbox.seat(binding, id, NO_CONTEXT, types);
  const startedAt = performance.now();
  const payload = { binary: false, bytes: Buffer.from(context) };
  const outcome = await new Promise<Outcome>((settle) => {
    seat.submit({ hook, payload, sequence: 0, time: Date.now(), settle });
  });
  return { seat, outcome, durationMs: performance.now() - startedAt };
}

/** The context of such a hook. @param context JSON of the `RequestContext` @param more the hook's own part */
export function requestHookContext(
  id: string,
  context: string,
  more: Readonly<Record<string, unknown>>,
): string {
  return `{"id":${JSON.stringify(id)},${context.slice(1, -1)},${JSON.stringify(more).slice(1, -1)}}`;
}
