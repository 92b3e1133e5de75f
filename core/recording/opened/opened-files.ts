import { randomBytes } from "node:crypto";
import type { TrafficStore } from "../../traffic/store/store.ts";
import { doInSlices } from "../../traffic/store/time-slice.ts";
import type { ReadBounds } from "../read-bounds.ts";
import { readSessionsInSteps } from "../read-recording.ts";
import { createOpenedStore, type OpenedStore } from "./opened-store.ts";
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
   * In place of the one that was looked at longest ago, where there are too many. One is read after the other, and others
   * have their turn meanwhile. Rejects with a RecordingError that says what is wrong with the text, and where.
   */
  open(text: string, name: string): Promise<OpenedFile>;
  list(): readonly OpenedFile[];
  /** Undefined: it is closed. */
  find(id: string): TrafficStore | undefined;
  /** @returns whether it was open */
  close(id: string): boolean;
  closeAll(): void;
}

export const MOST_OPENED_FILES = 4;
/** They stand in memory while it is open. */
export const MOST_OPENED_RECORDS = 100_000;
/** Values that are read at once take a few tenths of a second at most. */
const BOUNDS: ReadBounds = { records: MOST_OPENED_RECORDS, values: 1_000_000, valuesOfLine: 50_000 };
const IDLE_MS = 60 * 60_000;

interface Entry {
  readonly file: OpenedFile;
  readonly store: TrafficStore;
  readonly timer: NodeJS.Timeout;
}

export function createOpenedFiles(subjects: () => readonly string[]): OpenedFiles {
  /** Those that were looked at last are last. */
  const entries = new Map<string, Entry>();
  let lastRead: Promise<unknown> = Promise.resolve();

  return {
    open(text, name) {
      const opened = lastRead.then(() => read(text, name));
      lastRead = opened.catch(() => undefined);
      return opened;
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

  async function read(text: string, name: string): Promise<OpenedFile> {
    const { store, sessions } = await doInSlices(storeOf(text, name, subjects()));
    const id = randomBytes(9).toString("base64url");
    const file = { id, name, records: store.stats().records, sessions };
    const timer = setTimeout(() => close(id), IDLE_MS).unref();
    entries.set(id, { file, store, timer });
    for (const oldest of entries.keys()) if (entries.size > MOST_OPENED_FILES) close(oldest);
    return file;
  }

  function close(id: string): boolean {
    clearTimeout(entries.get(id)?.timer);
    return entries.delete(id);
  }
}

function* storeOf(text: string, name: string, subjects: readonly string[]): Generator<void, OpenedStore> {
  // What somebody wrote with a mark of its order of bytes is the same file.
  const { events } = yield* readSessionsInSteps(text.replace(/^\uFEFF/, ""), name, BOUNDS);
  return yield* createOpenedStore(yield* recordsOfEvents(events), subjects);
}
