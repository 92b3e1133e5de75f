import { MAX_BATCH } from "../../wire/call-record.ts";
import { CallsEncoder } from "../../wire/calls.ts";
import { FRAME_KIND, type FrameKind } from "../../wire/frames.ts";
import { HOOK_NUMBER } from "../../wire/hooks.ts";
import { BatchCounts } from "../policy/counts/call-counts.ts";
import type { Host } from "../transport/host.ts";
import type { Task } from "./task.ts";

/**
 * Of all messages of a batch; a larger one is alone in its own. Their texts become one string on each side of the wall, and
 * V8 keeps what is larger than half a page (128 KiB) apart: mapped anew each time, which costs several times the copy.
 */
const MAX_BYTES = 96 * 1024;

type CallsHost = Pick<Host, "out" | "takeLone">;

/** Writes `calls` and `upgrades` frames: what one turn has for one instance, in as few of them as may be. */
export class CallBatcher {
  readonly counts = new BatchCounts();
  readonly #batch = new CallsEncoder();
  #host: CallsHost | undefined;
  #instance = 0;
  #kind: FrameKind = FRAME_KIND.calls;
  /** Records that are no opening or closing of a seat. */
  #calls = 0;

  /** What follows is for this instance; `finish` ends it. */
  start(host: CallsHost, instance: number): void {
    this.#host = host;
    this.#instance = instance;
  }

  /** A call of this seat has to follow. */
  openSeat(seat: number, opening: string): void {
    if (this.#isFull(2, opening.length)) this.finish();
    this.#batch.openSeat(seat, opening);
  }

  /** A call of this seat has to follow. */
  updateSeat(seat: number, renewed: string): void {
    if (this.#isFull(2, renewed.length)) this.finish();
    this.#batch.updateSeat(seat, renewed);
  }

  closeSeat(seat: number): void {
    if (this.#isFull(1, 0)) this.finish();
    this.#batch.closeSeat(seat);
  }

  /** @param isWithheld the payload stays here */
  call({ id, seat, hook, call }: Task, isWithheld: boolean): void {
    const kind = hook === HOOK_NUMBER.upgrade ? FRAME_KIND.upgrades : FRAME_KIND.calls;
    const length = isWithheld ? 0 : call.payload.bytes.length;
    if (this.#isFull(1, length) || (this.#kind !== kind && this.#calls > 0)) this.finish();
    this.#kind = kind;
    this.#calls++;
    if (isWithheld) this.#batch.callWithheld(id, seat.index, hook, call);
    else this.#batch.call(id, seat.index, hook, call);
  }

  finish(): void {
    if (!this.#host || this.#batch.count === 0) return;
    const isTaken = this.#kind === FRAME_KIND.calls && this.#host.takeLone?.(this.#batch, this.#instance);
    if (!isTaken) this.#batch.finish(this.#host.out, this.#kind, this.#instance);
    if (this.#calls > 0) this.counts.add(this.#calls);
    this.#calls = 0;
    this.#kind = FRAME_KIND.calls;
  }

  #isFull(more: number, moreBytes: number): boolean {
    const { count, payloadBytes } = this.#batch;
    return count + more > MAX_BATCH || (this.#calls > 0 && payloadBytes + moreBytes > MAX_BYTES);
  }
}
