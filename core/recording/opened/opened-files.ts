import { randomBytes } from "node:crypto";
import type { TrafficRecord } from "../../traffic/records.ts";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { readSessions } from "../read-recording.ts";
import { createOpenedStore } from "./opened-store.ts";
import { recordsOfEvents } from "./records-of-events.ts";

export interface OpenedFile {
  readonly id: string;
  readonly name: string;
  readonly records: number;
  readonly sessions: number;
}

/** Files that somebody looks at: few, each until it is closed, or nobody has asked for it for a while. */
export interface OpenedFiles {
  /**
   * In place of the one that was looked at longest ago, where there are too many.
   *
   * @throws RecordingError that says what is wrong with the text, and where
   */
  open(text: string, name: string): OpenedFile;
  list(): readonly OpenedFile[];
  /** Undefined: it is closed. */
  find(id: string): TrafficStore | undefined;
  /** @returns whether it was open */
  close(id: string): boolean;
  closeAll(): void;
}

export const MOST_OPENED_FILES = 4;
const IDLE_MS = 60 * 60_000;

interface Entry {
  readonly file: OpenedFile;
  readonly store: TrafficStore;
  readonly timer: NodeJS.Timeout;
}

export function createOpenedFiles(subjects: () => readonly string[]): OpenedFiles {
  /** Those that were looked at last are last. */
  const entries = new Map<string, Entry>();

  return {
    open(text, name) {
      // What somebody wrote with a mark of its order of bytes is the same file.
      const records = recordsOfEvents(readSessions(text.replace(/^\uFEFF/, ""), name).events);
      const id = randomBytes(9).toString("base64url");
      const file = { id, name, records: records.length, sessions: countSessions(records) };
      const timer = setTimeout(() => close(id), IDLE_MS).unref();
      entries.set(id, { file, store: createOpenedStore(records, subjects()), timer });
      for (const oldest of entries.keys()) if (entries.size > MOST_OPENED_FILES) close(oldest);
      return file;
    },
    list: () => [...entries.values()].map(({ file }) => file),
    find(id) {
      const entry = entries.get(id);
      if (entry === undefined) return undefined;
      entries.delete(id);
      entries.set(id, entry);
      entry.timer.refresh();
      return entry.store;
    },
    close,
    closeAll() {
      for (const id of entries.keys()) close(id);
    },
  };

  function close(id: string): boolean {
    clearTimeout(entries.get(id)?.timer);
    return entries.delete(id);
  }
}

function countSessions(records: readonly TrafficRecord[]): number {
  return new Set(records.map(({ session }) => session)).size;
}
