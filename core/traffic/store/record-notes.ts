import { TrafficError } from "../errors.ts";
import type { RecordNote, TrafficRecord } from "../records.ts";

/** What people have marked, and written beside records; gone with them. */
export interface RecordNotes {
  /** With what is kept of it. */
  onto<Noted extends TrafficRecord>(record: Noted): Noted;
  /** @throws TrafficError `ERR_TRAFFIC_NOTES` where there is no room for a further one */
  check(seq: number, note: RecordNote): void;
  /** @throws as `check` */
  set(seq: number, note: RecordNote): void;
  /** Of records with a smaller number. */
  forgetBefore(seq: number): void;
}

export const MOST_NOTES = 5_000;

export function createRecordNotes(kept: readonly (readonly [number, RecordNote])[] = []): RecordNotes {
  const notes = new Map<number, RecordNote>(kept);
  return {
    onto(record) {
      const note = notes.size === 0 ? undefined : notes.get(record.seq);
      return note === undefined ? record : { ...record, ...fieldsOf(note) };
    },
    check,
    set(seq, note) {
      check(seq, note);
      if (isEmptyNote(note)) notes.delete(seq);
      else notes.set(seq, note);
    },
    forgetBefore(wanted) {
      for (const seq of notes.keys()) if (seq < wanted) notes.delete(seq);
    },
  };

  function check(seq: number, note: RecordNote): void {
    if (isEmptyNote(note) || notes.size < MOST_NOTES || notes.has(seq)) return;
    throw new TrafficError(
      "ERR_TRAFFIC_NOTES",
      `expected at most ${MOST_NOTES} records with a mark or a note: take those away that are not needed any more`,
    );
  }
}

export function isEmptyNote({ marked, note }: RecordNote): boolean {
  return !marked && note === "";
}

function fieldsOf({ marked, note }: RecordNote): Pick<TrafficRecord, "marked" | "note"> {
  return { ...(marked && { marked: true as const }), ...(note !== "" && { note }) };
}
