import type { Outcome } from "../../contract/verdicts.ts";
import type { HookCall, MessageMatcher } from "../../contract.ts";
import { hookNumber } from "../../wire/hooks.ts";
import type { HookIndex } from "../policy/by-hook.ts";
import type { ClientInstance } from "../policy/instance.ts";
import type { Track } from "../policy/track.ts";
import type { LaneCall } from "./lane.ts";
import type { ClientSeat } from "./seat.ts";

/**
 * A call, from its submission to its one settlement:
 *
 *      ┌──────────┬─────────┐  its outcome is known
 *      │          │         ├──────────▶ done ──────────────────────────────▶ settled
 *   queued ──▶ sent ──▶ pending               those before it in its lane have
 *      ▲          │         │
 *      └──────────┴─────────┘  its isolate or host was lost, and it is not known to blame
 *
 * Pending: its hook has returned a promise, and other calls run meanwhile.
 */
export type TaskState = "queued" | "sent" | "pending" | "done" | "settled";

export type TaskEvent = "send" | "wait" | "lose" | "finish" | "settle";

export function advanceTask(state: TaskState, event: TaskEvent): TaskState {
  switch (event) {
    case "send":
      if (state === "queued") return "sent";
      break;
    case "wait":
      if (state === "sent") return "pending";
      break;
    case "lose":
      if (state === "sent" || state === "pending") return "queued";
      break;
    case "finish":
      if (state !== "done" && state !== "settled") return "done";
      break;
    case "settle":
      if (state === "done") return "settled";
      break;
  }
  throw new Error(`\`${event}\` came to a call that is ${state}`);
}

/** What keeps calls and does not look into them. */
export type TaskSeat = ClientSeat<Task>;
export type TaskTrack = Track<Task>;

const NOT_SENT = -1;
/** More than the innocent are sent, whatever happens around them: who is lost so often is not worth another host. */
const MAX_SENDS = 16;

/** Writes its state in place, for each message of each policy is one. */
export class Task implements LaneCall<Task> {
  readonly call: HookCall;
  readonly seat: TaskSeat;
  /** The hook's position on the wire. */
  readonly hook: HookIndex;
  /** Position among all tasks of the sandbox, from 1: lost ones go back in this order. */
  readonly order: number;
  #matcher: MessageMatcher | undefined;
  #state: TaskState = "queued";
  #id = NOT_SENT;
  #instance: ClientInstance | undefined = undefined;
  #track: TaskTrack | undefined = undefined;
  #outcome: Outcome | undefined = undefined;
  #next: Task | undefined = undefined;
  #isSuspect = false;
  #rounds = 0;
  #starved = 0;
  #sends = 0;
  #sentAt = 0;

  constructor(call: HookCall, seat: TaskSeat, order: number, matcher?: MessageMatcher) {
    this.#matcher = matcher;
    this.call = call;
    this.seat = seat;
    this.hook = hookNumber(call.hook);
    this.order = order;
  }

  get state(): TaskState {
    return this.#state;
  }

  get bytes(): number {
    return this.call.payload.bytes.length;
  }

  /** Sent or pending: on the wire, and then in an isolate. */
  get isUnderWay(): boolean {
    return this.#instance !== undefined;
  }

  /** Stands for it on the wire, while it is under way. */
  get id(): number {
    return this.#id;
  }

  /** Where it is. @throws unless it is under way */
  get instance(): ClientInstance {
    return this.#instance ?? this.#isNotUnderWay();
  }

  /** Whose window counts it. @throws unless it is under way */
  get track(): TaskTrack {
    return this.#track ?? this.#isNotUnderWay();
  }

  /** @throws unless it is done */
  get outcome(): Outcome {
    if (this.#outcome === undefined) throw new Error(`a call that is ${this.#state} has no outcome`);
    return this.#outcome;
  }

  get isDone(): boolean {
    return this.#state === "done";
  }

  /** It may have brought an isolate or a host down: it is sent alone. */
  get isSuspect(): boolean {
    return this.#isSuspect;
  }

  /** How often it has been among several suspects. */
  get rounds(): number {
    return this.#rounds;
  }

  /** How often its time was up while the machine was overloaded. */
  get starved(): number {
    return this.#starved;
  }

  /** It has been lost so often that it is not sent again. */
  get isWornOut(): boolean {
    return this.#sends >= MAX_SENDS;
  }

  /**
   * Whether the version that it would go to now wants its message. The version may be another than when it was submitted.
   *
   * @param matcher of that version
   */
  isFor(matcher: MessageMatcher | undefined): boolean {
    if (matcher === this.#matcher) return true;
    this.#matcher = matcher;
    return matcher === undefined || matcher.matches(this.call.payload);
  }

  send(id: number, instance: ClientInstance, track: TaskTrack): void {
    this.#state = advanceTask(this.#state, "send");
    this.#sends++;
    this.#id = id;
    this.#instance = instance;
    this.#track = track;
  }

  /** On the clock of `performance.now`; 0: nobody measures. */
  get sentAt(): number {
    return this.#sentAt;
  }

  /** Its time is measured, from the first time that it is sent. */
  measure(now: number): void {
    if (this.#sentAt === 0) this.#sentAt = now;
  }

  wait(): void {
    this.#state = advanceTask(this.#state, "wait");
  }

  lose(): void {
    this.#state = advanceTask(this.#state, "lose");
    this.#comeBack();
  }

  finish(outcome: Outcome): void {
    this.#state = advanceTask(this.#state, "finish");
    this.#outcome = outcome;
    this.#comeBack();
  }

  settle(): void {
    this.#state = advanceTask(this.#state, "settle");
  }

  suspect(): void {
    this.#isSuspect = true;
    this.#rounds++;
  }

  /** It was pending when a host died in which nothing ran. */
  doubt(): void {
    this.#rounds++;
  }

  starve(): void {
    this.#starved++;
  }

  #comeBack(): void {
    this.#id = NOT_SENT;
    this.#instance = undefined;
    this.#track = undefined;
  }

  #isNotUnderWay(): never {
    throw new Error(`a call that is ${this.#state} is in no instance`);
  }

  get next(): Task | undefined {
    return this.#next;
  }

  precede(next: Task | undefined): void {
    this.#next = next;
  }
}
