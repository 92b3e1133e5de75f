import type {
  CheckedUpgradeVerdict,
  ContentTypes,
  Outcome,
  RequestContext,
  Sandbox,
} from "../../sandbox/contract.ts";
import { handshakeFields } from "../net/headers.ts";
import { type RouteRuntime, runsHook } from "../routes/route-runtime.ts";
import type { UpgradeNotes, UpgradeStep } from "../upgrade/upgrade-observer.ts";
import type { Refusal } from "./refusal.ts";

/** What the `upgrade` hooks of a chain decided together: a later policy's word goes over an earlier one's. */
export interface UpgradeDecision {
  readonly connect?: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, readonly string[] | null>>;
  readonly responseHeaders: Readonly<Record<string, readonly string[] | null>>;
  readonly subprotocol?: string;
  readonly types: ContentTypes;
  readonly expires?: number;
}

/** Run the `upgrade` hooks in the order of the chain; the first refusal ends it. */
export async function runUpgradeHooks(
  sandbox: Pick<Sandbox, "exports" | "seat">,
  { chain, config }: Pick<RouteRuntime, "chain" | "config">,
  id: string,
  context: RequestContext,
  notes?: UpgradeNotes,
): Promise<{ decision: UpgradeDecision } | { refusal: Refusal }> {
  let decision: UpgradeDecision = {
    attributes: {},
    headers: {},
    responseHeaders: {},
    types: config.contentType,
  };
  for (const binding of chain) {
    if (!runsHook(binding, sandbox.exports(binding.policy), "upgrade")) continue;

    const seat = sandbox.seat(binding, id, context, decision.types);
    const payload = JSON.stringify({ id, ...context, attributes: decision.attributes });
    const startedAt = performance.now();
    const outcome = await new Promise<Outcome>((settle) => {
      seat.submit({
        hook: "upgrade",
        payload: { binary: false, bytes: Buffer.from(payload) },
        sequence: 0,
        time: Date.now(),
        settle,
      });
    });
    const { policy, version } = seat;
    notes?.steps.push({ policy, version, ...stepOf(outcome), durationMs: performance.now() - startedAt });
    seat.close();

    if (outcome.kind === "unchanged") continue;
    if (outcome.kind !== "upgrade") {
      // A policy that failed has not let anybody in: only a route that says so goes on without its word.
      if (outcome.kind === "fault" && config.onError === "pass") continue;
      return { refusal: refusalOf(outcome) };
    }
    const { verdict } = outcome;
    if (verdict.reject !== undefined) return { refusal: rejection(verdict.reject, binding.policy) };
    const forbidden = findForbidden(verdict);
    if (forbidden !== undefined) {
      const detail = `policy "${binding.policy}", hook upgrade: the header ${forbidden} belongs to the handshake and cannot be changed`;
      return { refusal: { code: "ERR_POLICY_FAULT", detail } };
    }
    decision = merge(decision, verdict);
    if (notes !== undefined) notes.attributes = decision.attributes;
  }
  return { decision };
}

function stepOf(outcome: Outcome): Pick<UpgradeStep, "action" | "detail"> {
  if (outcome.kind === "fault") return { action: "failed", detail: outcome.fault.message };
  if (outcome.kind !== "upgrade") return { action: "passed", detail: "" };
  const { reject, connect } = outcome.verdict;
  if (reject !== undefined) return { action: "rejected", detail: String(reject.status) };
  return { action: "replaced", detail: connect === undefined ? "" : `connect ${connect}` };
}

function merge(decision: UpgradeDecision, verdict: CheckedUpgradeVerdict): UpgradeDecision {
  return {
    ...decision,
    ...pickDefined({
      connect: verdict.connect,
      subprotocol: verdict.subprotocol,
      types: verdict.contentType === undefined ? undefined : sameTypes(verdict.contentType),
      expires: earliest(decision.expires, verdict.expires),
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

function refusalOf(outcome: Outcome): Refusal {
  if (outcome.kind === "fault" && outcome.fault.reason === "unavailable") {
    return { code: "ERR_POLICY_UNAVAILABLE", detail: outcome.fault.message };
  }
  const detail =
    outcome.kind === "fault" ? `${outcome.fault.policy}: ${outcome.fault.message}` : outcome.kind;
  return { code: "ERR_POLICY_FAULT", detail };
}

function rejection(reject: NonNullable<CheckedUpgradeVerdict["reject"]>, policy: string): Refusal {
  const headers = Object.entries(reject.headers)
    .filter(([name]) => !handshakeFields.has(name))
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
  return names.find((name) => handshakeFields.has(name));
}

function earliest(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.min(a, b);
}

function pickDefined<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Partial<T>;
}
