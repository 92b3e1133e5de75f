import type { Side } from "../../sandbox/contract/hooks.ts";

/**
 * The end of a session, decided purely: events in, commands out. The session carries the commands out.
 *
 *            Close from one leg, passed on in order        Close from the other leg
 *    open ──────────────────────────────────────▶ closing ─────────────────────────▶ closed ──▶ FINs ──▶ gone
 *      │         (or a Close of the gateway's own to both legs)                         ▲
 *      ├── FIN without Close: passed on as FIN ─▶ closing ──────────────────────────────┤
 *      └── reset: passed on as reset ───────────▶ closing ── close timeout: both cut ──┘
 *
 * A leg's closing handshake is complete when a Close went to it and one came from it (RFC 6455 section 7.1.4). Towards
 * the client we are the server, and close the TCP connection first; the server closes its own first (section 7.1.1).
 */

export type LifecycleEvent =
  /** The gateway ends the session; its Close frames may have to wait for a frame or a verdict. */
  | { readonly type: "close-decided" }
  | { readonly type: "close-sent"; readonly to: Side }
  | { readonly type: "close-received"; readonly from: Side }
  /** The leg's FIN, or its reset, once all that it sent before has been passed on. */
  | { readonly type: "ended"; readonly from: Side; readonly isReset: boolean }
  /** The leg's socket is closed for good. */
  | { readonly type: "gone"; readonly leg: Side }
  | { readonly type: "timeout" };

export type LifecycleCommand =
  | { readonly type: "end"; readonly leg: Side }
  | { readonly type: "reset"; readonly leg: Side }
  | { readonly type: "destroy"; readonly leg: Side }
  | { readonly type: "start-timer" }
  | { readonly type: "finish" };

interface LegState {
  readonly closeSent: boolean;
  readonly closeReceived: boolean;
  readonly gone: boolean;
}

export interface LifecycleState {
  readonly client: LegState;
  readonly server: LegState;
  readonly isClosing: boolean;
}

const OPEN_LEG: LegState = { closeSent: false, closeReceived: false, gone: false };

export const OPEN_LIFECYCLE: LifecycleState = { client: OPEN_LEG, server: OPEN_LEG, isClosing: false };

export function advance(
  state: LifecycleState,
  event: LifecycleEvent,
): { state: LifecycleState; commands: readonly LifecycleCommand[] } {
  // Verdicts may still come in when both legs are gone: nothing is left to do about them.
  if (state.client.gone && state.server.gone) return { state, commands: [] };
  switch (event.type) {
    case "close-decided":
      return begin(state, []);
    case "close-sent":
      return close(withLeg(state, event.to, { ...state[event.to], closeSent: true }), event.to);
    case "close-received":
      return close(withLeg(state, event.from, { ...state[event.from], closeReceived: true }), event.from);
    case "ended": {
      const to = otherSide(event.from);
      const commands: LifecycleCommand[] = [{ type: event.isReset ? "reset" : "end", leg: to }];
      // The peer that has closed in order, or has gone, gets no more from us either.
      if (isComplete(state[event.from]) || event.isReset) commands.push({ type: "end", leg: event.from });
      return begin(state, commands);
    }
    case "gone": {
      const next = withLeg(state, event.leg, { ...state[event.leg], gone: true });
      return next.client.gone && next.server.gone
        ? { state: next, commands: [{ type: "finish" }] }
        : begin(next, []);
    }
    case "timeout":
      return {
        state,
        commands: [
          { type: "destroy", leg: "client" },
          { type: "destroy", leg: "server" },
        ],
      };
  }
}

function close(
  state: LifecycleState,
  leg: Side,
): { state: LifecycleState; commands: readonly LifecycleCommand[] } {
  return begin(state, leg === "client" && isComplete(state.client) ? [{ type: "end", leg }] : []);
}

/** The first step of any end starts the clock for the rest of it. */
function begin(
  state: LifecycleState,
  commands: readonly LifecycleCommand[],
): { state: LifecycleState; commands: readonly LifecycleCommand[] } {
  if (state.isClosing) return { state, commands };
  return { state: { ...state, isClosing: true }, commands: [...commands, { type: "start-timer" }] };
}

function isComplete(leg: LegState): boolean {
  return leg.closeSent && leg.closeReceived;
}

export function otherSide(side: Side): Side {
  return side === "client" ? "server" : "client";
}

function withLeg(state: LifecycleState, leg: Side, changed: LegState): LifecycleState {
  // With a name that is worked out V8 makes the object the slow way, some six times a session.
  return leg === "client" ? { ...state, client: changed } : { ...state, server: changed };
}
