import type { PolicyFault } from "../../../sandbox/contract/faults.ts";
import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { Initiative, Renewal } from "../../../sandbox/contract/verdicts.ts";
import { closeDetail, placeOf } from "./flow-trace.ts";

/** A call of a hook that no message is given to. */
export interface HookCalling {
  readonly hook: "tick" | "renew";
  /** `message`, `tick`: the verdict of that hook of the same policy has called it. */
  readonly by: "time" | "request" | "message" | "tick";
  /** When, ms since 1970. */
  readonly time: number;
  /** Of a `tick`: how late it was. */
  readonly lateMs: number;
  /** On the clock of `performance.now`; undefined: it ran within the call of the hook that called it. */
  readonly calledAt: number | undefined;
}

/** What such a call has said or done. */
export interface HookNote {
  readonly calling: HookCalling;
  readonly policy: string;
  readonly version: string;
  readonly outcome: "sent" | "renewed" | "closed" | "failed";
  readonly durationMs: number;
  /** Close code and reason, or the message of the fault; else "". */
  readonly detail: string;
  /** Of a fault: where in the author's files; else "". */
  readonly place: string;
  /** What was broken, as the verdict that closes names it; else "". */
  readonly rule: string;
  /** What it has set of them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** When the connection is to expire as it says, ms since 1970; undefined: it has not said. */
  readonly expires: number | undefined;
  readonly toClient: readonly Payload[];
  readonly toServer: readonly Payload[];
}

type Seated = Pick<HookNote, "policy" | "version">;

/**
 * @param isRenewed what hooks read of the connection is another since then
 * @returns undefined: it has said nothing, but for its own next time perhaps
 */
export function noteOf(
  calling: HookCalling,
  { policy, version }: Seated,
  said: Omit<Renewal, "tick" | "renewAt">,
  isRenewed: boolean,
): HookNote | undefined {
  const outcome = outcomeOf(said, isRenewed);
  if (outcome === undefined) return undefined;
  const { toClient, toServer, close } = said;
  return {
    ...{ calling, policy, version, outcome, durationMs: durationOf(calling) },
    ...{ detail: close === undefined ? "" : closeDetail(close), place: "", rule: close?.rule ?? "" },
    attributes: (isRenewed && said.attributes) || {},
    expires: isRenewed ? said.expires : undefined,
    ...{ toClient, toServer },
  };
}

export function faultNoteOf(calling: HookCalling, { policy, version, ...fault }: PolicyFault): HookNote {
  return {
    ...{ calling, policy, version, outcome: "failed", durationMs: durationOf(calling) },
    ...{ detail: fault.message, place: placeOf(fault), rule: "" },
    ...{ attributes: {}, expires: undefined, toClient: [], toServer: [] },
  };
}

function outcomeOf(
  { toClient, toServer, close }: Initiative,
  isRenewed: boolean,
): HookNote["outcome"] | undefined {
  if (close !== undefined) return "closed";
  if (isRenewed) return "renewed";
  return toClient.length + toServer.length > 0 ? "sent" : undefined;
}

function durationOf({ calledAt }: HookCalling): number {
  return calledAt === undefined ? 0 : performance.now() - calledAt;
}
