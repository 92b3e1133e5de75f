import type { CloseVerdict } from "framegate/policy";
import { readJson } from "../lib/json-text.ts";
import { lensState } from "../lib/lens-state.ts";
import type { Dialect, SideName } from "../lib/protocol.ts";
import { type OcppCall, type OcppMessage, readMessage, writeMessage } from "./messages.ts";
import { matchAnswer, noteCall, type PendingCalls, requireFree } from "./pending-calls.ts";

export const OCPP_FOREIGN: CloseVerdict = { code: 1002, reason: "not OCPP" };

/** By who asks. */
type State = Readonly<Record<SideName, PendingCalls>>;

/** A call that the side does not make. */
class UnknownCall extends TypeError {
  override readonly name = "UnknownCall";
  readonly call: OcppCall;

  constructor(call: OcppCall) {
    super(`a call of ${call.action}`);
    this.call = call;
  }
}

/** @param sendable the kinds of messages that it sends */
export function createOcppDialect(side: SideName, sendable: readonly string[]): Dialect<never> {
  const other = side === "client" ? "server" : "client";

  const dialect: Dialect<OcppMessage> = {
    read(context) {
      const message = readMessage(readJson(context));
      const state = stateOf(context);
      if (message.type === "call") {
        requireFree(state[side], message);
        if (sendable.includes(message.action)) return { packets: [message] };
        throw new UnknownCall(message);
      }
      const matched = matchAnswer(state[other], message);
      // Who gets an answer without having asked leaves it out (OCPP-J 1.6 and 2.0.1, 4.2).
      if (matched === undefined) return { packets: [], isPiece: true };
      if (!sendable.includes(kindOf(matched))) throw new TypeError(`an answer to ${matched.action}`);
      return { packets: [matched] };
    },
    settle(_reading, { left }, context) {
      for (const message of left) if (message.type === "call") noteCall(stateOf(context)[side], message);
    },
    // So that the answer passes as well.
    passForeign(cause, context) {
      if (cause instanceof UnknownCall) noteCall(stateOf(context)[side], cause.call);
    },
    kindOf,
    write: (messages) => messages.map(writeMessage),
    foreign: OCPP_FOREIGN,
    answerForeign(cause) {
      if (!(cause instanceof UnknownCall)) return undefined;
      const { id } = cause.call;
      const answer = { type: "callError", id, action: "", code: "NotImplemented" } as const;
      return writeMessage({ ...answer, description: "", details: {} });
    },
  };
  // That the side sends no others, `read` sees to.
  return dialect as Dialect<never>;
}

function kindOf(message: OcppMessage): string {
  switch (message.type) {
    case "call":
      return message.action;
    case "callResult":
      return `${message.action}Result`;
    case "callError":
      return "callError";
  }
}

function stateOf(context: { readonly session: { lens?: State } }): State {
  return lensState<State>(context, () => ({ client: [], server: [] }));
}
