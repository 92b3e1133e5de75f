import type { Side } from "../../../sandbox/contract/hooks.ts";
import { HIGH_TIDE_BYTES, type Seat } from "../../../sandbox/contract.ts";
import type { Leg } from "../leg.ts";
import { otherSide } from "../lifecycle.ts";
import type { SessionSetup } from "../session-setup.ts";
import type { OperatorMessage, SaidOutcome } from "./operator-message.ts";

/** So many may wait for the end of a message that goes on: people say no more than that. */
const MOST_WAITING = 64;

/** Puts an operator's message behind what is on its way to its receiver, if there is room for it. */
export function say(
  { rules, seats, shared }: Pick<SessionSetup, "rules" | "shared"> & { readonly seats: SpokenSeats },
  legs: Readonly<Record<Side, Leg>>,
  { to, payload, isForPolicies }: OperatorMessage,
): SaidOutcome {
  const origin = otherSide(to);
  const { pump } = legs[origin];
  if (pump.isOver) return "ended";
  if (payload.bytes.length > rules.session.limits[origin].maxMessageBytes) return "too-large";
  const isHeldUp = legs[to].outbox.isFull || pump.isFull || pump.heldBack >= MOST_WAITING;
  if (isHeldUp || shared.sandbox.pendingBytes > HIGH_TIDE_BYTES) return "busy";
  pump.say(payload, isForPolicies ? seats.policyChain(origin) : []);
  return "sent";
}

interface SpokenSeats {
  policyChain(origin: Side): readonly Seat[];
}
