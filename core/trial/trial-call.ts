import type { HookName, Payload } from "../../sandbox/contract/hooks.ts";
import type { Initiative, Outcome } from "../../sandbox/contract/verdicts.ts";
import type { RequestContext } from "../../sandbox/contract.ts";
import type { ChainSession } from "../chain/chain-session.ts";
import { answerOf } from "../request/refusal.ts";
import { copyOf } from "./trial-step.ts";

/** A hook that is to be run, and what it is told. */
export interface TrialCall {
  readonly hook: HookName;
  /** Of `client` and `server`. */
  readonly payload?: Payload;
  readonly context: RequestContext;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly subprotocol?: string | undefined;
  /** The server's URL. */
  readonly server?: string | undefined;
  /** Run the `upgrade` hooks first: later ones read what they set. */
  readonly connects?: boolean | undefined;
  /** Milliseconds since 1970. */
  readonly time: number;
}

/** What came of a call for the two sides; what a hook says beyond that is in its step. */
export interface TrialEffect {
  /** Of a request: what the client gets; undefined: it is no request. */
  readonly status: number | undefined;
  /** Those of the connection afterwards. */
  readonly attributes: Readonly<Record<string, unknown>> | undefined;
  /** Of a message: what goes on to its receiver; undefined: nothing. */
  readonly body: Payload | undefined;
  readonly toClient: readonly Payload[];
  readonly toServer: readonly Payload[];
  readonly close: { readonly code: number; readonly reason: string } | undefined;
}

const NO_EFFECT: TrialEffect = {
  ...{ status: undefined, attributes: undefined, body: undefined, close: undefined },
  toClient: [],
  toServer: [],
};

export async function callHook(session: ChainSession, call: TrialCall): Promise<TrialEffect> {
  if (call.connects !== true || call.hook === "upgrade") return callLater(session, call);
  const { status, attributes } = await callUpgrade(session);
  if (status !== 101) return { ...NO_EFFECT, status };
  const effect = await callLater(session, call);
  return { ...effect, attributes: { ...attributes, ...effect.attributes } };
}

/** A hook of a connection that was let in. */
async function callLater(session: ChainSession, call: TrialCall): Promise<TrialEffect> {
  const { subprotocol, server } = call;
  session.open({ subprotocol, server });
  switch (call.hook) {
    case "upgrade":
      return callUpgrade(session);
    case "client":
    case "server":
      return callMessage(session, call.hook, call);
    case "unavailable": {
      const word = await session.unavailable({ kind: "unreachable", tries: 1, status: 502 });
      const { reject, hold, connect } = word?.verdict ?? {};
      if (hold !== undefined) return { ...NO_EFFECT, status: 101 };
      return { ...NO_EFFECT, status: reject?.status ?? (connect === undefined ? 502 : undefined) };
    }
    case "tick":
      return callTimed(session, call, { late: 0 });
    case "renew":
      return callTimed(session, call, { reason: "request", data: null });
    case "close": {
      const none = { client: 0, server: 0 };
      const end = { initiator: "client", code: 1000, reason: "", durationMs: 0 } as const;
      await session.end({ ...end, messages: none, bytes: none });
      return NO_EFFECT;
    }
  }
}

async function callUpgrade(session: ChainSession): Promise<TrialEffect> {
  const decision = await session.upgrade();
  if ("refusal" in decision) return { ...NO_EFFECT, status: answerOf(decision.refusal, "").status };
  return { ...NO_EFFECT, status: 101, attributes: decision.attributes };
}

async function callMessage(
  session: ChainSession,
  origin: "client" | "server",
  { payload = { binary: false, bytes: Buffer.alloc(0) }, time }: TrialCall,
): Promise<TrialEffect> {
  const { body, replies, appended, close } = await session.message(origin, payload, time);
  const [toSender, toReceiver] = [replies, appended];
  return {
    ...NO_EFFECT,
    body: body && copyOf(body),
    toClient: (origin === "client" ? toSender : toReceiver).map(copyOf),
    toServer: (origin === "client" ? toReceiver : toSender).map(copyOf),
    close: close && { code: close.code, reason: close.reason },
  };
}

/** Of each policy of the chain that has one. */
async function callTimed(session: ChainSession, call: TrialCall, own: object): Promise<TrialEffect> {
  let effect = NO_EFFECT;
  const { hook, time } = call;
  if (hook !== "tick" && hook !== "renew") return effect;
  for (const use of session.seats.uses().filter((each) => session.seats.runs(each, hook))) {
    const outcome = await session.timed(use, hook, own, time);
    for (const said of saidBy(outcome)) {
      const { toClient, toServer, close } = said;
      effect = {
        ...effect,
        toClient: [...effect.toClient, ...toClient.map(copyOf)],
        toServer: [...effect.toServer, ...toServer.map(copyOf)],
        close: close && { code: close.code, reason: close.reason },
      };
      if (close !== undefined) return effect;
    }
    if (outcome?.kind === "renew") {
      session.renew(outcome);
      effect = { ...effect, attributes: { ...effect.attributes, ...outcome.attributes } };
    }
  }
  return effect;
}

function saidBy(outcome: Outcome | undefined): readonly Initiative[] {
  if (outcome?.kind === "renew") return [outcome];
  if (outcome?.kind === "tick") return [outcome, ...(outcome.renewal ? [outcome.renewal] : [])];
  return [];
}
