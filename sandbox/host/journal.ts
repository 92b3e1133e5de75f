import { writeSync } from "node:fs";
import type { CallRecords } from "../wire/call-record.ts";
import { JOURNAL_STATE, JournalPage } from "../wire/journal.ts";

/** Notes what is about to run in a file that outlives this process, for the client to name the culprit. */
export interface Journal {
  idle(): void;
  loading(instance: number): void;
  /** The first `count` of these calls. */
  running(instance: number, calls: CallRecords, count: number): void;
  continuing(instance: number): void;
}

export function createJournal(fd: number): Journal {
  const page = new JournalPage();
  const save = (length: number) => void writeSync(fd, page.bytes, 0, length, 0);

  return {
    idle() {
      if (page.state !== JOURNAL_STATE.idle) save(page.write(JOURNAL_STATE.idle, 0));
    },
    loading: (instance) => save(page.write(JOURNAL_STATE.load, instance)),
    continuing: (instance) => save(page.write(JOURNAL_STATE.continue, instance)),
    running: (instance, calls, count) => save(page.write(JOURNAL_STATE.run, instance, calls, count)),
  };
}
