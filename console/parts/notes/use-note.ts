import type { RecordNote, TrafficRecord } from "../../../core/traffic/records.ts";
import { useApp } from "../../state/app.ts";

/** The mark and the note of a record as they are now, and how to change them. */
export function useNote(record: TrafficRecord) {
  const { api, live, attempt, file } = useApp();
  live.notes.version.value;
  const { marked = false, note = "" } = record;
  const now = file.value === undefined ? live.notes.of(record) : { marked, note };
  const save = (done: string, changed: Partial<RecordNote>) =>
    attempt(done, () => api.noteRecord(record.seq, { ...now, ...changed }));
  return {
    ...now,
    toggleMark: () =>
      save(now.marked ? "The mark is taken away." : "Marked for all who look.", { marked: !now.marked }),
    write: (note: string) =>
      save(note === "" ? "The note is taken away." : "Noted for all who look.", { note }),
  };
}
