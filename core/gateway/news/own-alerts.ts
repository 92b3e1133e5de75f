import type { ReloadResult } from "../../../policies/reload/policy-state.ts";
import type { Alert } from "../../alerts/alert.ts";
import type { RolloutNews } from "../../rollout/rollout-state.ts";
import type { WorkerDeath } from "../../workers/post.ts";
import { wordReloadFailure } from "./reload-log.ts";

/** Alerts of what happens in the supervisor itself. */

export function alertOfDeath(death: WorkerDeath): Alert {
  return {
    event: "worker.died",
    summary: `a worker died (${death.how}); its sessions are lost`,
    subject: { how: death.how },
    details: { ...death },
  };
}

/** Undefined: a version is on its way, and nothing is over yet. */
export function alertOfRollout(policy: string, news: RolloutNews): Alert | undefined {
  const { what, version } = news;
  switch (what) {
    case "taken back": {
      const { rule, detail, step, share } = news;
      return {
        event: "rollout.aborted",
        summary: `policy "${policy}" is taken back to the version before: ${detail}`,
        subject: { policy, version },
        details: { rule, detail, step: step + 1, share },
      };
    }
    case "finished":
      return {
        event: "rollout.finished",
        summary: `policy "${policy}": all sessions have the new version`,
        subject: { policy, version },
        details: {},
      };
    case "begun":
    case "moved":
    case "given up":
    case "paused":
    case "resumed":
      return undefined;
  }
}

/** Undefined: nothing is wrong with it. */
export function alertOfReload(result: ReloadResult): Alert | undefined {
  if (result.outcome !== "failed") return undefined;
  const { policy, message = "" } = result;
  return {
    event: "policy.rejected",
    summary: wordReloadFailure(result),
    subject: { policy },
    details: { message },
  };
}

export function alertOfState(state: "ready" | "stopping"): Alert {
  return { event: `gateway.${state}`, summary: `the gateway is ${state}`, subject: {}, details: {} };
}
