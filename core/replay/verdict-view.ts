import { isDeepStrictEqual } from "node:util";
import type { HookName, Initiative, Outcome, Payload, PolicyFault, Renewal } from "../../sandbox/contract.ts";
import { type BodyView, viewBody } from "./body-view.ts";

/** What one hook said, as plain JSON: only what it changes is there. */
export type VerdictView = Readonly<Record<string, unknown>>;

/** One call of a hook in a replay. */
export interface ReplayedStep {
  readonly policy: string;
  readonly version: string;
  readonly hook: HookName;
  /** What it was called with. */
  readonly input: BodyView;
  readonly verdict: VerdictView;
  readonly fault?: PolicyFault;
}

function viewInitiative({
  toClient,
  toServer,
  renewal,
  ...rest
}: Initiative & { readonly renewal?: Renewal }): VerdictView {
  return {
    ...rest,
    ...(toClient.length > 0 && { toClient: toClient.map(viewBody) }),
    ...(toServer.length > 0 && { toServer: toServer.map(viewBody) }),
    ...(renewal && { renewal: viewInitiative(renewal) }),
  };
}

/** A body that is what it was before is no change, however it was said. */
export function viewVerdict(outcome: Outcome, payload: Payload): VerdictView {
  switch (outcome.kind) {
    case "unchanged":
    case "skipped":
      return {};
    case "upgrade":
      return outcome.verdict as VerdictView;
    case "fault":
      return { fault: { reason: outcome.fault.reason, message: outcome.fault.message } };
    case "message": {
      const { body, drop, reply, append, close, aside } = outcome;
      const view = body && viewBody(body);
      return {
        ...(view && !isDeepStrictEqual(view, viewBody(payload)) && { message: view }),
        ...(drop && { drop }),
        ...(reply.length > 0 && { reply: reply.map(viewBody) }),
        ...(append.length > 0 && { append: append.map(viewBody) }),
        ...(close && { close }),
        ...(aside?.tick !== undefined && { tick: aside.tick }),
        ...(aside?.renewal && { renewal: viewInitiative(aside.renewal) }),
      };
    }
    case "tick":
    case "renew": {
      const { kind, ...said } = outcome;
      return viewInitiative(said);
    }
  }
}
