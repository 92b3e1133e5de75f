import { isDeepStrictEqual } from "node:util";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { Initiative, Outcome, Renewal } from "../../sandbox/contract/verdicts.ts";
import { viewBody } from "./body-view.ts";

/** What one hook said, as plain JSON but for its bodies: only what it changes is there. */
export type VerdictView = Readonly<Record<string, unknown>>;

/** A body that is what it was before is no change, however it was said. @param show what is made of bodies */
export function viewVerdict(
  outcome: Outcome,
  payload: Payload,
  show: (body: Payload) => unknown = viewBody,
): VerdictView {
  switch (outcome.kind) {
    case "unchanged":
    case "skipped":
      return {};
    case "upgrade":
    case "unavailable":
      return outcome.verdict as VerdictView;
    case "fault":
      return { fault: { reason: outcome.fault.reason, message: outcome.fault.message } };
    case "message": {
      const { body, drop, reply, append, close, aside } = outcome;
      const view = body && show(body);
      return {
        ...(view !== undefined && !isDeepStrictEqual(view, show(payload)) && { message: view }),
        ...(drop && { drop }),
        ...(reply.length > 0 && { reply: reply.map(show) }),
        ...(append.length > 0 && { append: append.map(show) }),
        ...(close && { close }),
        ...(aside?.tick !== undefined && { tick: aside.tick }),
        ...(aside?.renewal && { renewal: viewInitiative(aside.renewal, show) }),
      };
    }
    case "tick": {
      // How long something was held is no change.
      const { kind, held, ...said } = outcome;
      return viewInitiative(said, show);
    }
    case "renew": {
      const { kind, ...said } = outcome;
      return viewInitiative(said, show);
    }
  }
}

function viewInitiative(
  { toClient, toServer, renewal, ...rest }: Initiative & { readonly renewal?: Renewal },
  show: (body: Payload) => unknown,
): VerdictView {
  return {
    ...rest,
    ...(toClient.length > 0 && { toClient: toClient.map(show) }),
    ...(toServer.length > 0 && { toServer: toServer.map(show) }),
    ...(renewal && { renewal: viewInitiative(renewal, show) }),
  };
}
