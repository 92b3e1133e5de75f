import { type Signal, signal } from "@preact/signals";
import type { RecordNote, TrafficRecord } from "../../core/traffic/records.ts";

/** Marks and notes that somebody has changed since their records were read. */
export interface ChangedNotes {
  /** Grows with each; who shows notes reads it. */
  readonly version: Signal<number>;
  of(record: Pick<TrafficRecord, "seq" | "marked" | "note">): RecordNote;
  add(changed: RecordNote & { readonly seq: number }): void;
  /** Another gateway's records, or one that started anew, have the same numbers. */
  clear(): void;
}

const MOST_CHANGED = 5_000;

export function createChangedNotes(): ChangedNotes {
  const version = signal(0);
  const changed = new Map<number, RecordNote>();
  return {
    version,
    of: ({ seq, marked = false, note = "" }) => changed.get(seq) ?? { marked, note },
    add({ seq, marked, note }) {
      changed.delete(seq);
      changed.set(seq, { marked, note });
      for (const oldest of changed.keys()) {
        if (changed.size <= MOST_CHANGED) break;
        changed.delete(oldest);
      }
      version.value++;
    },
    clear() {
      changed.clear();
      version.value++;
    },
  };
}
