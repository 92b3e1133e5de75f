/**
 * How records get to a sink, and what happens when they do not. Pure: `runner.ts` carries out the commands.
 *
 *              opened, nothing due           due
 *   opening ────────────────────────▶ idle ─────────▶ writing
 *    │   ▲ │                            ▲                │ │
 *    │   │ └── opened, due ─────────────┼───▶ writing    │ │
 *    │   │                              └── written, ────┘ │
 *    │   │ waited                            nothing due   │
 *    │   │                                                 │
 *    └─▶ waiting ◀──────────────── failed ─────────────────┘
 *
 * A batch that is refused is lost, and the next one has its turn. With `close` all is due at once, and the first failure
 * ends it; so does `timeUp`. What is left then is lost.
 */
export interface Delivery {
  readonly phase: "opening" | "idle" | "writing" | "waiting" | "ended";
  /** Without anything taken between them. */
  readonly failures: number;
  readonly isClosing: boolean;
}

export type DeliveryEvent =
  /** `due`: whether there is something to write now. */
  | { readonly type: "due" }
  | { readonly type: "opened" | "written" | "refused" | "waited"; readonly due: boolean }
  | { readonly type: "failed" }
  | { readonly type: "close"; readonly due: boolean }
  | { readonly type: "timeUp" };

export type DeliveryCommand =
  | { readonly type: "open" | "write" | "end" | "none" }
  | { readonly type: "wait"; readonly ms: number };

export interface DeliveryStep {
  readonly state: Delivery;
  readonly command: DeliveryCommand;
}

const FIRST_WAIT_MS = 1000;
const MAX_WAIT_MS = 30_000;

/** To be begun with the command to open. */
export const NEW_DELIVERY: Delivery = { phase: "opening", failures: 0, isClosing: false };

export function advanceDelivery(state: Delivery, event: DeliveryEvent): DeliveryStep {
  if (state.phase === "ended") return { state, command: { type: "none" } };
  switch (event.type) {
    case "due":
      return state.phase === "idle" ? write(state) : { state, command: { type: "none" } };
    case "opened":
      return event.due ? write(state) : rest({ ...state, failures: 0 });
    case "written":
    case "refused":
      return event.due ? write({ ...state, failures: 0 }) : rest({ ...state, failures: 0 });
    case "failed":
      return state.isClosing ? end(state) : waitFor(state);
    case "waited":
      return state.phase === "waiting" ? open(state) : { state, command: { type: "none" } };
    case "close":
      return close({ ...state, isClosing: true }, event.due);
    case "timeUp":
      return end(state);
  }
}

function close(state: Delivery, due: boolean): DeliveryStep {
  if (state.phase === "idle") return due ? write(state) : end(state);
  if (state.phase === "waiting") return due ? open(state) : end(state);
  return { state, command: { type: "none" } };
}

function rest(state: Delivery): DeliveryStep {
  return state.isClosing ? end(state) : { state: { ...state, phase: "idle" }, command: { type: "none" } };
}

function open(state: Delivery): DeliveryStep {
  return { state: { ...state, phase: "opening" }, command: { type: "open" } };
}

function write(state: Delivery): DeliveryStep {
  return { state: { ...state, phase: "writing" }, command: { type: "write" } };
}

function waitFor(state: Delivery): DeliveryStep {
  const ms = Math.min(MAX_WAIT_MS, FIRST_WAIT_MS * 2 ** state.failures);
  return {
    state: { ...state, phase: "waiting", failures: state.failures + 1 },
    command: { type: "wait", ms },
  };
}

function end(state: Delivery): DeliveryStep {
  return { state: { ...state, phase: "ended" }, command: { type: "end" } };
}
