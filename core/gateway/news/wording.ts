import type { ReloadResult } from "../../../policies/reload/policy-state.ts";
import { logEvent } from "../../event-log.ts";
import type { GatewayEvent } from "../../events.ts";
import type { Logger } from "../../log.ts";
import type { PlanNews } from "../current.ts";
import { logReload } from "./reload-log.ts";

/** What the gateway itself has come to. */
export type GatewayStep =
  | {
      readonly type: "ready";
      readonly listen: readonly object[];
      readonly console: object | undefined;
      readonly routes: readonly string[];
      /** Of a fleet. */
      readonly cluster?: string;
      readonly node?: string;
    }
  | { readonly type: "config-taken"; readonly listen: readonly object[]; readonly routes: readonly string[] }
  | { readonly type: "stopping"; readonly drain: object }
  | { readonly type: "stopped" };

/** How the log says what happens most. */
export interface Wording {
  event(logger: Logger, event: GatewayEvent): void;
  reload(logger: Logger, result: ReloadResult): void;
  step(logger: Logger, step: GatewayStep): void;
  /** What is wrong, or is not any more, with the routes of a new plan. */
  plan(logger: Logger, news: PlanNews): void;
}

/** A line of JSON with all that is known. */
export const machineWording: Wording = { event: logEvent, reload: logReload, step: logStep, plan: logPlan };

function logPlan(logger: Logger, { problems, notes }: PlanNews): void {
  for (const problem of problems) logger.error(problem);
  for (const note of notes) logger.warn(note);
}

function logStep(logger: Logger, { type, ...fields }: GatewayStep): void {
  switch (type) {
    case "ready":
      return logger.info(fields, "gateway ready");
    case "config-taken":
      return logger.info(fields, "config reloaded");
    case "stopping":
      return logger.info(fields, "gateway stopping");
    case "stopped":
      return logger.info("gateway stopped");
  }
}
