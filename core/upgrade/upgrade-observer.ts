import type { HeaderFields } from "../net/headers.ts";
import type { AnswerReport } from "../request/answer-report.ts";
import type { HookNotes } from "../request/ask-policies.ts";
import type { ObservedExchange } from "../request/exchange.ts";
import type { UpgradeStep } from "../request/request-hook.ts";

/** Takes down upgrades, if somebody wants them. */
export interface UpgradeObserver {
  wants(exchange: ObservedExchange): boolean;
  take(report: UpgradeReport, exchange: ObservedExchange): void;
}

/** What is noted on the way, as far as it came. */
export class UpgradeNotes implements HookNotes {
  readonly steps: UpgradeStep[] = [];
  attributes: Readonly<Record<string, unknown>> = {};
  serverRequest: HeaderFields | null = null;
  serverResponse: { readonly status: number; readonly headers: HeaderFields } | null = null;
  response: HeaderFields = [];
}

/** One upgrade, answered. */
export interface UpgradeReport extends AnswerReport {
  readonly subprotocol: string;
  readonly extensions: string;
  readonly notes: UpgradeNotes;
}
