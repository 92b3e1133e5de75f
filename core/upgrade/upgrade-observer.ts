import type { HeaderFields } from "../net/headers.ts";
import type { HookNotes } from "../request/ask-policies.ts";
import type { Exchange, ObservedExchange } from "../request/exchange.ts";
import type { AnswerReport } from "../request/notes/answer-report.ts";
import { PhaseLog } from "../request/notes/phase-log.ts";
import type { UpgradeStep } from "../request/request-hook.ts";

/** Takes down upgrades, if somebody wants them. */
export interface UpgradeObserver {
  wants(exchange: ObservedExchange): boolean;
  take(report: UpgradeReport, exchange: ObservedExchange): void;
}

/** What is noted on the way, as far as it came. */
export class UpgradeNotes implements HookNotes {
  readonly #phases: PhaseLog;
  readonly steps: UpgradeStep[] = [];
  attributes: Readonly<Record<string, unknown>> = {};
  serverRequest: HeaderFields | null = null;
  serverResponse: { readonly status: number; readonly headers: HeaderFields } | null = null;
  response: HeaderFields = [];

  constructor(exchange: Pick<Exchange, "elapsedMs">) {
    this.#phases = new PhaseLog(exchange);
  }

  get phases(): PhaseLog {
    return this.#phases;
  }
}

/** One upgrade, answered. */
export interface UpgradeReport extends AnswerReport {
  readonly subprotocol: string;
  readonly extensions: string;
  readonly notes: UpgradeNotes;
}
