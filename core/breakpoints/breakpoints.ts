import type { Payload, Side } from "../../sandbox/contract/hooks.ts";
import type { Seat } from "../../sandbox/contract.ts";
import type { MessageFlow } from "../session/flow/message-flow.ts";
import type { Deadline, Deadlines } from "../session/limits/deadlines.ts";
import type { HoldingPlaces, HoldingSession, LetGo } from "../session/operator/holding-places.ts";
import type { SessionFacts } from "../traffic/records.ts";
import {
  type Breakpoint,
  type HeldDecision,
  type HeldMessage,
  type HeldMessages,
  type HeldOutcome,
  type HeldPayload,
  type HeldSelection,
  PREVIEW_BYTES,
} from "./breakpoint.ts";
import { createHeldSeat } from "./held-seat.ts";
import { advanceHeld, type HeldCommand, type HeldEvent, NOTHING_HELD } from "./held-state.ts";
import type { CompiledBreakpoint } from "./matching.ts";

/** A message that is held, and what it is held by. */
interface HeldFlow {
  readonly session: HoldingSession;
  readonly flow: MessageFlow;
  readonly original: Payload;
  readonly origin: Side;
  readonly breakpoint: string;
  readonly holdMs: number;
  readonly heldAt: number;
  readonly until: number;
  readonly deadline: Deadline;
}

export interface BreakpointsOptions {
  readonly deadlines: Deadlines;
  /** Of the ids of what is held, unlike that of any other process. */
  readonly prefix: string;
  /** What filters may ask of an open session. */
  factsOf(session: string): SessionFacts | undefined;
}

/** The breakpoints of a process, and the messages that are held at them. Without breakpoints no session has a place here. */
export class Breakpoints implements HoldingPlaces {
  readonly #deadlines: Deadlines;
  readonly #prefix: string;
  readonly #factsOf: BreakpointsOptions["factsOf"];
  #set: readonly CompiledBreakpoint[] = [];
  #setting: Promise<boolean> = Promise.resolve(false);
  #matching: typeof import("./matching.ts") | undefined;
  #state = NOTHING_HELD;
  readonly #flows = new Map<string, HeldFlow>();
  /** As they came, of messages that are between both ends of their chain. */
  readonly #originals = new WeakMap<MessageFlow, Payload>();
  readonly #unreadable = new Set<string>();
  #count = 0;

  constructor({ deadlines, prefix, factsOf }: BreakpointsOptions) {
    this.#deadlines = deadlines;
    this.#prefix = prefix;
    this.#factsOf = factsOf;
  }

  get isSet(): boolean {
    return this.#set.length > 0;
  }

  get held(): number {
    return this.#state.held.length;
  }

  /** Those that are set last hold, in whatever time each takes. @returns whether chains are to be looked at anew */
  set(breakpoints: readonly Breakpoint[]): Promise<boolean> {
    const isSet = this.#setting.then(() => this.#change(breakpoints));
    this.#setting = isSet.catch(() => false);
    return isSet;
  }

  async #change(breakpoints: readonly Breakpoint[]): Promise<boolean> {
    const ids = breakpoints.map(({ id }) => id);
    if (ids.join() === this.#set.map(({ id }) => id).join()) return false;
    // What reads filters: a process without breakpoints need not load it.
    this.#matching ??= await import("./matching.ts");
    this.#set = breakpoints.map(this.#matching.compileBreakpoint);
    this.#unreadable.clear();
    this.#advance({ type: "breakpoints", ids: new Set(ids) });
    return true;
  }

  placesOf(session: HoldingSession, origin: Side, isReadable: boolean): readonly [Seat, Seat] | undefined {
    const { id, route, isEnding } = session;
    if (isEnding || !this.#set.some((each) => each.concerns({ session: id, route, origin })))
      return undefined;
    if (!isReadable) {
      this.#unreadable.add(id);
      return undefined;
    }
    return [
      createHeldSeat((flow) => {
        this.#originals.set(flow, flow.payload);
        flow.settle({ kind: "skipped" });
      }),
      createHeldSeat(
        (flow) => this.#take(flow, session, origin),
        () => this.#advance({ type: "unread" }),
      ),
    ];
  }

  countOf(session: string): number {
    return this.#state.held.filter((entry) => entry.session === session).length;
  }

  letGo(session: string): void {
    this.#unreadable.delete(session);
    this.#advance({ type: "ended", session });
  }

  /** With beginnings of their payloads, or one with all of it. */
  list(id?: string): HeldMessages {
    const wanted = this.#state.held.filter((entry) => id === undefined || entry.id === id);
    const most = id === undefined ? PREVIEW_BYTES : Number.POSITIVE_INFINITY;
    return {
      messages: wanted.flatMap((entry) => this.#describe(entry.id, most) ?? []),
      passed: this.#state.passed,
      unreadable: this.#unreadable.size,
    };
  }

  decide(id: string, decision: HeldDecision): HeldOutcome {
    const held = this.#flows.get(id);
    if (held === undefined) return { outcome: "gone" };
    const { session: place, origin, flow } = held;
    const { id: session, route, limits } = place;
    const bytes = flow.payload.bytes.length;
    const editedBytes = decision.type === "replace" ? decision.payload.bytes.length : undefined;
    if ((editedBytes ?? 0) > limits[origin].maxMessageBytes) return { outcome: "too-large" };
    this.#advance({ type: "decided", id, decision });
    const edit = editedBytes !== undefined && { editedBytes };
    return { outcome: "done", message: { session, route, origin, bytes, ...edit } };
  }

  /** @returns how many there were */
  releaseAll({ session, breakpoint }: HeldSelection): number {
    const meant = this.#state.held.filter(
      (entry) =>
        (session === undefined || entry.session === session) &&
        (breakpoint === undefined || entry.breakpoint === breakpoint),
    );
    for (const { id } of meant) this.#advance({ type: "decided", id, decision: { type: "release" } });
    return meant.length;
  }

  #take(flow: MessageFlow, place: HoldingSession, origin: Side): void {
    const { id: session, route } = place;
    if (place.isEnding) return flow.settle({ kind: "skipped" });
    const { payload, sequence, time } = flow;
    const original = this.#originals.get(flow) ?? payload;
    const near = this.#set.filter((each) => each.concerns({ session, route, origin }));
    const message = { session, route, origin, sequence, time, original, payload };
    const record = near.length === 0 ? undefined : this.#matching?.recordOfMessage(message);
    const facts = near.some(({ asksForFacts }) => asksForFacts) ? this.#factsOf(session) : undefined;
    const found = record && near.find((each) => each.matches(record, facts));
    if (found === undefined) return flow.settle({ kind: "skipped" });
    const id = `${this.#prefix}-h${(this.#count++).toString(36)}`;
    const { id: breakpoint, holdMs } = found;
    const until = this.#deadlines.read() + holdMs;
    const look = () => this.#advance({ type: "time", now: this.#deadlines.read() });
    const held = { flow, original, origin, breakpoint, holdMs, until, heldAt: time, session: place };
    this.#flows.set(id, { ...held, deadline: this.#deadlines.add(until, look) });
    const bytes = payload.bytes.length;
    const keptBytes = bytes + (original === payload ? 0 : original.bytes.length);
    this.#advance({ type: "came", entry: { id, session, breakpoint, bytes, keptBytes, until } });
  }

  #advance(event: HeldEvent): void {
    const { state, commands } = advanceHeld(this.#state, event);
    this.#state = state;
    for (const command of commands) this.#carryOut(command);
  }

  #carryOut(command: HeldCommand): void {
    const held = this.#flows.get(command.id);
    if (held === undefined) return;
    const { flow, deadline, holdMs, session } = held;
    // It stays where it is until it is settled.
    if (command.type === "hold") return;
    this.#flows.delete(command.id);
    this.#deadlines.cancel(deadline);
    if (command.type === "pass") return flow.settle({ kind: "skipped" });
    const { how } = command;
    session.letGoAt = this.#deadlines.read();
    flow.letGo(wordLetGo(how, holdMs), how.type === "replace" ? how.payload : undefined);
  }

  #describe(id: string, most: number): HeldMessage | undefined {
    const held = this.#flows.get(id);
    if (held === undefined) return undefined;
    const { flow, original, origin, breakpoint, heldAt, until } = held;
    const { id: session, route } = held.session;
    const leftMs = Math.max(0, Math.round(until - this.#deadlines.read()));
    return {
      ...{ id, breakpoint, session, route, origin, sequence: flow.sequence, heldAt, leftMs },
      payload: beginning(flow.payload, most),
      original: original === flow.payload ? undefined : beginning(original, most),
    };
  }
}

/** A copy: what it lies in is used again once it has left. */
function beginning({ binary, bytes }: Payload, most: number): HeldPayload {
  return { binary, bytes: Uint8Array.from(bytes.subarray(0, most)), length: bytes.length };
}

function wordLetGo(how: (HeldCommand & { type: "go" })["how"], holdMs: number): LetGo {
  switch (how.type) {
    case "release":
      return { action: "held", detail: "released by an operator" };
    case "replace":
      return { action: "replaced", detail: "edited by an operator" };
    case "drop":
      return { action: "dropped", detail: "dropped by an operator" };
    case "time":
      return { action: "held", detail: `went by itself after ${holdMs / 1000} s` };
    case "removed":
      return { action: "held", detail: "went when its breakpoint was removed" };
    case "ended":
      return { action: "held", detail: "went when its session ended" };
  }
}
