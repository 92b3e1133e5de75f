import {
  type HeldDecision,
  LARGEST_HELD_BYTES,
  MOST_HELD,
  MOST_HELD_BYTES,
  type PassedMessages,
} from "./breakpoint.ts";

/**
 * Which messages are held, decided purely: events in, commands out. Whoever carries them out holds a message, or lets it go.
 *
 *   a message that matches ──┬─ there is room ──▶ held ──┬─ an operator decides ──────────▶ gone
 *                            │                           ├─ its time is over ─────────────▶ gone
 *                            │                           ├─ its breakpoint is removed ────▶ gone
 *                            │                           └─ its session, or its sender, ends ▶ gone
 *                            └─ there is none ──▶ passed, and counted
 *
 * In which order a session's messages leave is not decided here: what is behind one that is held waits for it
 * (`core/session/relay/pump-queue.ts`), so that nothing goes past another, whichever is let go first.
 */
export interface HeldState {
  /** In the order in which they came. */
  readonly held: readonly HeldEntry[];
  readonly bytes: number;
  readonly passed: PassedMessages;
}

export interface HeldEntry {
  readonly id: string;
  readonly session: string;
  readonly breakpoint: string;
  /** As it is to leave. */
  readonly bytes: number;
  /** With what came, where policies have changed it: that is kept to be shown. */
  readonly keptBytes: number;
  /** When it goes by itself, on the clock of the events. */
  readonly until: number;
}

export type HeldEvent =
  | { readonly type: "came"; readonly entry: HeldEntry }
  /** One goes on, and nobody can tell whether it was meant. */
  | { readonly type: "unread" }
  | { readonly type: "decided"; readonly id: string; readonly decision: HeldDecision }
  | { readonly type: "time"; readonly now: number }
  /** These are set, and no others. */
  | { readonly type: "breakpoints"; readonly ids: ReadonlySet<string> }
  | { readonly type: "ended"; readonly session: string };

export type HeldCommand =
  | { readonly type: "hold"; readonly id: string }
  | { readonly type: "pass"; readonly id: string }
  | { readonly type: "go"; readonly id: string; readonly how: HeldDecision | { readonly type: LetGoReason } };

/** Why a message has gone that no operator has let go. */
export type LetGoReason = "time" | "removed" | "ended";

export const NOTHING_HELD: HeldState = { held: [], bytes: 0, passed: { full: 0, large: 0, unread: 0 } };

export function advanceHeld(
  state: HeldState,
  event: HeldEvent,
): { readonly state: HeldState; readonly commands: readonly HeldCommand[] } {
  switch (event.type) {
    case "came":
      return take(state, event.entry);
    case "unread":
      return { state: count(state, "unread"), commands: [] };
    case "decided":
      return letGo(state, ({ id }) => id === event.id, event.decision);
    case "time":
      return letGo(state, ({ until }) => until <= event.now, { type: "time" });
    case "breakpoints": {
      // Counts are of those that are set.
      const counted = event.ids.size === 0 ? { ...state, passed: NOTHING_HELD.passed } : state;
      return letGo(counted, ({ breakpoint }) => !event.ids.has(breakpoint), { type: "removed" });
    }
    case "ended":
      return letGo(state, ({ session }) => session === event.session, { type: "ended" });
  }
}

function take(state: HeldState, entry: HeldEntry): ReturnType<typeof advanceHeld> {
  const { held, bytes, passed } = state;
  const { id } = entry;
  const pass = (why: keyof PassedMessages) => ({
    state: count(state, why),
    commands: [{ type: "pass", id } as const],
  });
  if (entry.bytes > LARGEST_HELD_BYTES) return pass("large");
  if (held.length >= MOST_HELD || bytes + entry.keptBytes > MOST_HELD_BYTES) return pass("full");
  return {
    state: { held: [...held, entry], bytes: bytes + entry.keptBytes, passed },
    commands: [{ type: "hold", id }],
  };
}

function count(state: HeldState, why: keyof PassedMessages): HeldState {
  return { ...state, passed: { ...state.passed, [why]: state.passed[why] + 1 } };
}

function letGo(
  state: HeldState,
  isMeant: (entry: HeldEntry) => boolean,
  how: (HeldCommand & { type: "go" })["how"],
): ReturnType<typeof advanceHeld> {
  const gone = state.held.filter(isMeant);
  if (gone.length === 0) return { state, commands: [] };
  return {
    state: {
      ...state,
      held: state.held.filter((entry) => !gone.includes(entry)),
      bytes: gone.reduce((left, { keptBytes }) => left - keptBytes, state.bytes),
    },
    commands: gone.map(({ id }) => ({ type: "go", id, how })),
  };
}
