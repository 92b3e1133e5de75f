import type { ChainMessage, ChainSession } from "../../core/chain/chain-session.ts";
import type { UpgradeDecision } from "../../core/request/decision.ts";
import { answerOf, type Refusal } from "../../core/request/refusal.ts";
import { earliestExpiry } from "../../core/request/terms.ts";
import type { FlowAction } from "../../core/session/tap/flow-trace.ts";
import {
  describeMessage,
  headerValues,
  type MessageResult,
  type UpgradeResult,
} from "../../runtime/results.ts";
import { shownName } from "../load-policy.ts";
import { SaidSum } from "./said-sum.ts";

/** What one policy of a chain did with a message. */
export interface ChainStep {
  readonly policy: string;
  readonly action: FlowAction;
}

/** What a chain did with a message. */
export interface ChainResult extends MessageResult {
  /** Those whose hook ran, in their order. */
  readonly steps: readonly ChainStep[];
}

export async function chainResult(
  message: ChainMessage,
  chain: ChainSession,
  time: number,
): Promise<ChainResult> {
  const { close, steps, asides } = message;
  const renewed = new SaidSum(chain, time);
  for (const { use, renewal } of asides) if (renewal !== undefined) await renewed.addRenewal(use, renewal);
  const told = {
    ...message,
    close: close && {
      ...{ code: close.code, reason: close.reason },
      ...(close.rule !== undefined && { rule: close.rule }),
    },
  };
  return describeMessage(told, {
    isSkipped: steps.length === 0,
    tick: asides.findLast(({ tick }) => tick !== undefined)?.tick,
    renewal: asides.some(({ renewal }) => renewal !== undefined) ? renewed.renewal() : undefined,
    steps: steps.map(({ policy, action }) => ({ policy: shownName(policy), action })),
  });
}

/** @param contentType unless an `upgrade` hook says another */
export function acceptedResult(decision: UpgradeDecision, contentType: string): UpgradeResult {
  const { attributes, connect, headers, responseHeaders, subprotocol, types, terms = [] } = decision;
  return {
    ...{ accepted: true, status: 101, body: "", attributes, connect, subprotocol },
    headers: headerValues(headers),
    responseHeaders: headerValues(responseHeaders),
    contentType: types.client.text === contentType ? undefined : types.client.text,
    expires: earliestExpiry(terms),
  };
}

/** What the client is answered. */
export function refusedResult(refusal: Refusal, id: string): UpgradeResult {
  const { status, fields, body } = answerOf(refusal, id);
  const byName = Map.groupBy(fields, ([name]) => name.toLowerCase());
  const headers = [...byName].map(([name, pairs]) => [name, pairs.map(([, value]) => value)] as const);
  return {
    ...{ accepted: false, status, body: body.toString(), attributes: {}, headers: {} },
    responseHeaders: headerValues(Object.fromEntries(headers)),
    ...{ connect: undefined, subprotocol: undefined, contentType: undefined, expires: undefined },
  };
}
