import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { Aside, Outcome } from "../../../sandbox/contract/verdicts.ts";
import type { HookCall, MessageMatcher, Seat } from "../../../sandbox/contract.ts";
import type { Allocate, FrameMemory } from "../../wire/frame-slab.ts";
import type { LetGo } from "../operator/holding-places.ts";
import type { FlowTrace } from "../tap/flow-trace.ts";
import type { LoneFrame } from "./lone-frame.ts";

/** What the flow of a message asks of the direction that it belongs to. */
export interface FlowOwner extends FrameMemory {
  readonly hook: "client" | "server";
  readonly onError: "close" | "drop" | "pass";
  /** Every part of the message, and what was appended to it, has been through the chain. */
  onFlowReady(): void;
  /** A policy closes, or has failed such that it does: what is before its message leaves, and then the Close. */
  onCloseAhead(): void;
  /** The verdict of this policy has said what is not about the message. */
  onAside(seat: Seat, aside: Aside): void;
}

export interface FlowClose {
  readonly code: number;
  readonly reason: string;
  readonly cause: "policy" | "fault";
  readonly policy: string;
  readonly version: string;
  /** What was broken, as the policy calls it. */
  readonly rule?: string;
}

/**
 * One message on its way through the chain of policies: it is itself the call that each of them gets.
 *
 * A chain of N policies is N trips to one and the same process, and not one trip with N names in it: each policy is
 * called with what the one before it made of the message, a fault is the fault of the policy that was called, and between
 * two of them one may be reloaded, be broken or take its time while other messages of its isolate go on. The trips of
 * all messages of a loop turn share one write, so that it costs latency and little else.
 *
 * A policy whose `when` is not for the message, as those before it have made it, settles it as skipped: in its place among
 * the others, so that no policy ever sees messages in another order than they came in.
 *
 * Messages that a policy appends follow it through the rest of the chain as flows of their own, and leave with it.
 */
export class MessageFlow implements HookCall {
  readonly hook: "client" | "server";
  readonly sequence: number;
  readonly time: number;
  payload: Payload;
  matchedBy: MessageMatcher | undefined;
  /** Bytes that this flow holds, for backpressure. */
  readonly size: number;

  /** The frames as they came, which go on if no policy replaces the message; before them what came in earlier chunks. */
  readonly raw: Uint8Array | undefined;
  readonly earlier: readonly Uint8Array[] | undefined;
  /** What is to be restored before they do. */
  lone: LoneFrame | undefined;
  isReplaced = false;
  isDropped = false;
  followers: MessageFlow[] | undefined;
  replies: readonly Payload[] | undefined;
  close: FlowClose | undefined;
  /** Undefined when nobody records. */
  readonly trace: FlowTrace | undefined;

  readonly #owner: FlowOwner;
  readonly #chain: readonly Seat[];
  readonly #root: MessageFlow;
  #step: number;
  /** The policy that has been called. */
  #seat: Seat | undefined;
  #stepAt = 0;
  #open = 1;

  constructor(
    owner: FlowOwner,
    chain: readonly Seat[],
    message: {
      raw?: Uint8Array;
      earlier?: readonly Uint8Array[] | undefined;
      lone?: LoneFrame | undefined;
      payload: Payload;
      sequence: number;
      time: number;
      matchedBy?: MessageMatcher | undefined;
      trace?: FlowTrace | undefined;
    },
    follows?: { root: MessageFlow; step: number },
  ) {
    this.hook = owner.hook;
    this.sequence = message.sequence;
    this.time = message.time;
    this.payload = message.payload;
    this.matchedBy = message.matchedBy;
    this.raw = message.raw;
    this.earlier = message.earlier;
    this.lone = message.lone;
    this.trace = message.trace;
    this.size = message.payload.bytes.length;
    this.#owner = owner;
    this.#chain = chain;
    this.#root = follows?.root ?? this;
    this.#step = follows?.step ?? 0;
  }

  /** Memory for what the message becomes. */
  get allocate(): Allocate {
    return this.#owner.allocate;
  }

  get isReady(): boolean {
    return this.#open === 0;
  }

  /** It, or what was appended to it, is where operators hold messages: a place in the chain that is no policy's. */
  get isHeld(): boolean {
    if (this.isReady) return false;
    return this.#seat?.policy === "" || this.followers?.some(({ isHeld }) => isHeld) === true;
  }

  /** @param body in place of what it says */
  letGo(how: LetGo, body?: Payload): void {
    this.trace?.addHold(how, this.#stepAt, body);
    if (body !== undefined) {
      this.payload = body;
      this.isReplaced = true;
    }
    if (how.action === "dropped") this.isDropped = true;
    this.#next();
  }

  /** Whether the policy has answered it, or is not asked. */
  hasPassed(seat: Seat): boolean {
    return this.#chain.lastIndexOf(seat) < this.#step;
  }

  /** Call the policy of this step, or finish when the chain has ended. */
  advance(): void {
    if (this.trace !== undefined) this.#stepAt = performance.now();
    this.#seat = this.#chain[this.#step];
    if (this.#seat !== undefined) this.#seat.submit(this);
    else this.#finish();
  }

  settle(outcome: Outcome): void {
    const seat = this.#seat;
    if (seat === undefined)
      throw new Error(`a message that no policy has was settled with "${outcome.kind}"`);
    if (outcome.kind === "skipped") return this.#next();
    this.trace?.addStep(seat, outcome, this.#stepAt);
    switch (outcome.kind) {
      case "unchanged":
        return this.#next();
      case "message":
        return this.#apply(outcome, seat);
      case "fault":
        return this.#fail(seat, outcome.fault.version);
      case "upgrade":
      case "unavailable":
      case "tick":
      case "renew":
        throw new TypeError(`a ${this.hook} hook was answered with the verdict of another`);
    }
  }

  #apply(outcome: Outcome & { kind: "message" }, seat: Seat): void {
    if (outcome.aside !== undefined) this.#stepAside(outcome.aside, seat);
    if (outcome.reply.length > 0) this.replies = [...(this.replies ?? []), ...outcome.reply];
    if (outcome.body !== undefined) this.#replace(outcome.body);
    // A policy that closes does not let the message through, unless it says what is to go through.
    if (outcome.drop || (outcome.close !== undefined && outcome.body === undefined)) this.isDropped = true;
    if (outcome.close !== undefined) this.#closeHere({ ...outcome.close, cause: "policy" }, seat);

    const appended = outcome.append.map(
      (payload) =>
        new MessageFlow(
          this.#owner,
          this.#chain,
          { payload, sequence: this.sequence, time: this.time },
          { root: this.#root, step: this.#step + 1 },
        ),
    );
    for (const flow of appended) flow.isReplaced = true;
    this.#root.#open += appended.length;
    if (appended.length > 0) this.followers = [...appended, ...(this.followers ?? [])];

    this.#next();
    for (const flow of appended) flow.advance();
  }

  #replace(body: Payload): void {
    // Behind the last policy nobody asks what it was, unless somebody records: the next message's body finds that memory in the caches.
    const isLast = this.#step === this.#chain.length - 1 && this.trace === undefined;
    if (isLast && this.lone !== undefined && body !== this.payload) {
      this.#owner.release(this.lone.bytes);
      this.lone = undefined;
    }
    this.payload = body;
    this.matchedBy = undefined;
    this.isReplaced = true;
  }

  /** A renewal that closes does not let the message through. */
  #stepAside(aside: Aside, seat: Seat): void {
    this.#owner.onAside(seat, aside);
    const close = aside.renewal?.close;
    if (close === undefined) return;
    this.isDropped = true;
    this.#closeHere({ ...close, cause: "policy" }, seat);
  }

  /** @param version that which has failed: a call that did not even run is none of the seat's last */
  #fail(seat: Seat, version: string): void {
    switch (this.#owner.onError) {
      case "pass":
        return this.#next();
      case "drop":
        this.isDropped = true;
        return this.#next();
      case "close":
        this.isDropped = true;
        this.#closeHere({ code: 1011, reason: "internal error", cause: "fault" }, seat, version);
        return this.#next();
    }
  }

  /** What policies before this one appended comes after the message, and so after the close. */
  #closeHere(close: Omit<FlowClose, "policy" | "version">, seat: Seat, version: string = seat.version): void {
    seat.end();
    this.close = { ...close, policy: seat.policy, version };
    this.followers = undefined;
    this.#owner.onCloseAhead();
  }

  #next(): void {
    this.#step++;
    if (this.isDropped || this.#step >= this.#chain.length) this.#finish();
    else this.advance();
  }

  #finish(): void {
    this.#root.#open--;
    if (this.#root.#open === 0) this.#owner.onFlowReady();
  }
}
