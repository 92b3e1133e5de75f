import type { HeaderFields } from "../net/headers.ts";
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
export interface UpgradeReport {
  readonly id: string;
  readonly route: string;
  /** Ms since 1970, of the request. */
  readonly time: number;
  readonly method: string;
  /** Path and query. */
  readonly path: string;
  readonly httpVersion: string;
  readonly status: number;
  /** Of the refusal; "" for a 101. */
  readonly code: string;
  readonly detail: string;
  readonly client: string;
  /** "" when none was dialled. */
  readonly server: string;
  readonly subprotocol: string;
  readonly extensions: string;
  readonly durationMs: number;
  readonly request: HeaderFields;
  readonly notes: UpgradeNotes;
}
