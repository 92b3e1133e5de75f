import { writeSync } from "node:fs";
import type { CallRecords } from "../wire/call-record.ts";
import { JOURNAL_HEADER_BYTES, JOURNAL_STATE, JournalPage } from "../wire/journal.ts";

/** Notes what is about to run where it outlives this host, for the client to name the culprit. */
export interface Journal {
  idle(): void;
  loading(instance: number, limitMs: number): void;
  /** The first `count` of these calls. */
  running(instance: number, calls: CallRecords, count: number, limitMs: number): void;
  continuing(instance: number, limitMs: number): void;
  /** What is noted goes on, with another piece of work that has a limit of its own. */
  goingOn(limitMs: number): void;
}

/** In a file that outlives this process. */
export function createFileJournal(fd: number): Journal {
  const page = new JournalPage();
  return createJournal(page, (length) => void writeSync(fd, page.bytes, 0, length, 0));
}

/** @param save so many bytes of the page; nothing is to be done where the client has the page itself */
export function createJournal(page: JournalPage, save: (length: number) => void = () => {}): Journal {
  const limited = (limitMs: number): JournalPage => {
    page.limit(limitMs);
    return page;
  };

  return {
    idle() {
      if (page.state !== JOURNAL_STATE.idle) save(page.write(JOURNAL_STATE.idle, 0));
    },
    loading: (instance, limitMs) => save(limited(limitMs).write(JOURNAL_STATE.load, instance)),
    continuing: (instance, limitMs) => save(limited(limitMs).write(JOURNAL_STATE.continue, instance)),
    running: (instance, calls, count, limitMs) =>
      save(limited(limitMs).write(JOURNAL_STATE.run, instance, calls, count)),
    goingOn(limitMs) {
      page.limit(limitMs);
      save(JOURNAL_HEADER_BYTES);
    },
  };
}
