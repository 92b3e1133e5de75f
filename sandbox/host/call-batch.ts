import { CALL_BYTES, CallRecords } from "../wire/call-record.ts";
import type { ReceivedCalls } from "../wire/calls.ts";
import type { GuestText } from "../wire/guest-entry.ts";
import type { SharedMemory } from "../wire/shared-memory.ts";

/** Shorter ones isolated-vm puts into the isolate's heap by itself. */
const MIN_BOXED = 1024;
/**
 * Longer ones, of one byte or of two for each character, make V8's serializer ask for memory that the system maps anew each
 * time, and itself for pages of their own.
 */
const MAX_BOXED_ASCII = 96 * 1024;
const MAX_BOXED_UNITS = 32 * 1024;

/** The calls of one frame on their way into an isolate, in one entry or, when the guest leaves early, in several. */
export class CallBatch {
  readonly isUpgrade: boolean;
  #calls: ReceivedCalls;
  #text: string;
  #binary: Uint8Array | undefined;
  #next = 0;

  constructor(calls: ReceivedCalls, isUpgrade: boolean) {
    this.isUpgrade = isUpgrade;
    this.#calls = calls;
    this.#text = calls.text;
    this.#binary = calls.binary;
  }

  /** Of the records not begun yet. */
  get text(): GuestText {
    const { length } = this.#text;
    const most = this.#calls.isAscii ? MAX_BOXED_ASCII : MAX_BOXED_UNITS;
    return length < MIN_BOXED || length > most ? this.#text : [this.#text];
  }

  /** Of all that has not been begun, in bytes or UTF-16 units. */
  get size(): number {
    return this.#text.length + (this.#binary?.length ?? 0);
  }

  get binary(): Uint8Array | undefined {
    return this.#binary;
  }

  /** Copy the records not begun yet to the shared memory; gives how many there are. */
  stage(memory: SharedMemory): number {
    memory.calls.copyFrom(this.#calls.records, this.#next);
    return this.#calls.count - this.#next;
  }

  /** Its one record is written over for others now: unless it has been begun, it is kept. */
  keepLone(): void {
    if (this.#next > 0) return;
    const records = new CallRecords(new ArrayBuffer(CALL_BYTES), 0, 1);
    records.copyOne(this.#calls.records, 0);
    this.#calls = { ...this.#calls, records };
  }

  /** The guest has begun so many of the staged records. @returns whether that was all. */
  advance(begun: number): boolean {
    const { count, records } = this.#calls;
    const first = this.#next;
    this.#next += begun;
    if (this.#next >= count) return true;
    let units = 0;
    let binaries = 0;
    for (let i = first; i < this.#next; i++) {
      units += records.textLength(i);
      binaries += records.binaryLength(i);
    }
    this.#text = this.#text.slice(units);
    this.#binary = this.#binary?.subarray(binaries);
    return false;
  }
}
