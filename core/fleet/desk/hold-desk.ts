import type { BreakpointOrder, HeldDecision, HeldSelection } from "../../breakpoints/breakpoint.ts";
import type { DecidedAnswer, HeldAnswer, ShownHeldMessage } from "../questions/hold-schemas.ts";
import type { DeskAnswer } from "./desk.ts";

export interface DeskHeldMessage extends ShownHeldMessage {
  /** That it is on; "" where there is no fleet. */
  readonly node: string;
}

export interface DeskHolds extends Omit<HeldAnswer, "messages">, DeskAnswer {
  /** Those that go by themselves next first. */
  readonly messages: readonly DeskHeldMessage[];
}

/** Where operators set breakpoints, and see and let go what is held there: of a node, or of all of the fleet. */
export interface HoldDesk {
  /** All that is held, or one message whole. */
  read(id?: string): Promise<DeskHolds>;
  /** Settles when all workers have it. `done`: false when somewhere there are as many as there may be: then it is set nowhere. */
  set(order: BreakpointOrder): Promise<{ readonly done: boolean } & DeskAnswer>;
  /** What is held there goes. Whether there was one. */
  remove(id: string): Promise<{ readonly done: boolean } & DeskAnswer>;
  /** `marks`: what hides secrets in the edited text is not that of the message. */
  decide(id: string, decision: HeldDecision): Promise<DecidedAnswer & DeskAnswer>;
  releaseAll(selection: HeldSelection): Promise<{ readonly messages: number } & DeskAnswer>;
}
