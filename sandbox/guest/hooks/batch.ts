import { SEAT_OP } from "../../wire/call-record.ts";
import { type SeatOpening, SLICE_MS } from "../../wire/guest-entry.ts";
import type { SharedMemory } from "../../wire/shared-memory.ts";
import type { GuestClock } from "../clock.ts";
import type { CallRunner } from "./calls.ts";
import type { ResultBox } from "./result-box.ts";
import { type GuestSeat, renewSeat } from "./seat.ts";

/** Runs the first `count` records of the shared memory, or as many as a slice of time and the room for results allow. */
export type BatchRunner = (
  runner: CallRunner,
  count: number,
  text: string,
  binary: Uint8Array | undefined,
) => void;

/** A message of no bytes, alone in its batch, comes without any. */
const noBytes = new Uint8Array(0);

export function createBatchRunner(
  memory: SharedMemory,
  results: ResultBox,
  clock: GuestClock,
  open: (index: number, opening: SeatOpening) => GuestSeat,
): BatchRunner {
  const { calls } = memory;
  const seats = new Map<number, GuestSeat>();

  let textAt = 0;
  let binaryAt = 0;

  /** A function of its own: a batch of one is most often the only one of its turn, and V8 compiles loops by their rounds. */
  function runRecord(runner: CallRunner, i: number, text: string, binary: Uint8Array): void {
    const op = calls.op(i);
    const textLength = calls.textLength(i);
    const index = calls.seat(i);
    const own = textLength === 0 ? "" : text.slice(textAt, textAt + textLength);
    textAt += textLength;
    memory.begun = i + 1;
    if (op === SEAT_OP.open) seats.set(index, open(index, JSON.parse(own)));
    else if (op === SEAT_OP.close) seats.delete(index);
    else if (op === SEAT_OP.update) renewSeat(seats.get(index) as GuestSeat, JSON.parse(own));
    else {
      const length = calls.size(i);
      const isBinary = calls.isBinary(i);
      let body: string | Uint8Array | undefined = own;
      if (calls.isWithheld(i)) body = undefined;
      else if (isBinary) {
        body = binary.slice(binaryAt, binaryAt + length);
        binaryAt += length;
      }
      const call = {
        id: calls.id(i),
        body,
        isBinary,
        length,
        sequence: calls.sequence(i),
        time: calls.time(i),
        unread: undefined,
      };
      runner.submit(seats.get(index) as GuestSeat, op, call);
    }
  }

  return (runner, count, text, binary = noBytes) => {
    const start = clock.now();
    textAt = binaryAt = 0;
    for (let i = 0; i < count; i++) {
      runRecord(runner, i, text, binary);
      if (i + 1 < count && (clock.now() - start >= SLICE_MS || results.isFull())) return;
    }
  };
}
