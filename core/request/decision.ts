import type { CheckedRejection, CheckedUpgradeVerdict, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { ContentTypes } from "../../sandbox/contract.ts";
import type { RouteConfig } from "../config/index.ts";
import { HANDSHAKE_FIELDS } from "../net/headers.ts";
import { type Refusal, type Refused, refused } from "./refusal.ts";
import { type Term, termOf } from "./terms.ts";

/** What the `upgrade` hooks of a chain decided together: a later policy's word goes over an earlier one's. */
export interface UpgradeDecision {
  readonly connect?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, readonly string[] | null>>;
  readonly responseHeaders: Readonly<Record<string, readonly string[] | null>>;
  readonly subprotocol?: string;
  readonly types: ContentTypes;
  /** What they have said of its time; absent: nothing. */
  readonly terms?: readonly Term[];
}

/** Before any policy was asked. */
export function firstDecision(
  types: ContentTypes,
  attributes: UpgradeDecision["attributes"] = {},
): UpgradeDecision {
  return { attributes, headers: {}, responseHeaders: {}, types };
}

/** Whose hook it is. */
export interface DecidingPolicy {
  readonly policy: string;
  /** Its key: see `routes/use-key.ts`. */
  readonly use: string;
  readonly onError: RouteConfig["onError"];
}

/** What one more hook makes of the decision. */
export function decide(
  decision: UpgradeDecision,
  outcome: Outcome,
  { policy, use, onError }: DecidingPolicy,
): UpgradeDecision | Refused {
  if (outcome.kind === "unchanged") return decision;
  if (outcome.kind !== "upgrade") {
    // A policy that failed has not let anybody in: only a route that says so goes on without its word.
    return outcome.kind === "fault" && onError === "pass" ? decision : { refusal: failure(outcome) };
  }
  const { verdict } = outcome;
  if (verdict.reject !== undefined) return { refusal: rejection(verdict.reject, policy) };
  const forbidden = findForbidden(verdict);
  if (forbidden === undefined) return merge(decision, verdict, use);
  return refused(
    "ERR_POLICY_FAULT",
    `policy "${policy}", hook upgrade: the header ${forbidden} belongs to the handshake and cannot be changed`,
  );
}

function merge(decision: UpgradeDecision, verdict: CheckedUpgradeVerdict, use: string): UpgradeDecision {
  const term = termOf(use, verdict);
  return {
    ...decision,
    ...pickDefined({
      connect: verdict.connect,
      subprotocol: verdict.subprotocol,
      types: verdict.contentType === undefined ? undefined : sameTypes(verdict.contentType),
      terms: term && [...(decision.terms ?? []), term],
    }),
    attributes: { ...decision.attributes, ...verdict.attributes },
    headers: { ...decision.headers, ...verdict.headers },
    responseHeaders: { ...decision.responseHeaders, ...verdict.responseHeaders },
  };
}

/** A policy's word is about all messages of the connection. */
function sameTypes(type: string): ContentTypes {
  const both = { text: type, binary: type };
  return { client: both, server: both };
}

function failure(outcome: Outcome): Refusal {
  if (outcome.kind !== "fault") return { code: "ERR_POLICY_FAULT", detail: outcome.kind };
  const { policy, reason, message } = outcome.fault;
  return reason === "unavailable"
    ? { code: "ERR_POLICY_UNAVAILABLE", detail: message }
    : { code: "ERR_POLICY_FAULT", detail: `${policy}: ${message}` };
}

/** What a policy has the client told. */
export function rejection(reject: CheckedRejection, policy: string): Refusal {
  const headers = Object.entries(reject.headers)
    .filter(([name]) => !HANDSHAKE_FIELDS.has(name))
    .flatMap(([name, values]) => (values ?? []).map((value): readonly [string, string] => [name, value]));
  // The policy's own Content-Type, if it sets one, is among its headers.
  const isTyped = reject.body === "" || headers.some(([name]) => name === "content-type");
  const body = isTyped ? { bytes: reject.body } : { bytes: reject.body, contentType: reject.contentType };
  return {
    code: "ERR_REJECTED",
    detail: `rejected by policy "${policy}"`,
    status: reject.status,
    headers,
    body,
  };
}

function findForbidden(verdict: CheckedUpgradeVerdict): string | undefined {
  const names = [...Object.keys(verdict.headers ?? {}), ...Object.keys(verdict.responseHeaders ?? {})];
  return names.find((name) => HANDSHAKE_FIELDS.has(name));
}

function pickDefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
