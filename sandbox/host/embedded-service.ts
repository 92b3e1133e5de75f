import type { FrameWriter } from "../wire/frames.ts";
import type { JournalPage } from "../wire/journal.ts";
import { createJournal } from "./journal.ts";
import { createService, type Service } from "./service.ts";

export interface EmbeddedServiceParts {
  /** Where it notes what it enters: it may fail, though this process goes on. */
  readonly page: JournalPage;
  /** Everything in here is to go to the client. */
  flush(out: FrameWriter): void;
  /** It failed in a turn that it had begun by itself, and is not to go on. */
  onFailed(error: unknown): void;
}

/** What a worker loads that holds isolates itself. Nothing is taken from this process, which goes on with its own work. */
export function createEmbeddedService({ page, flush, onFailed }: EmbeddedServiceParts): Service {
  return createService({
    journal: createJournal(page),
    flush,
    guard(turn) {
      try {
        turn();
      } catch (error) {
        onFailed(error);
      }
    },
  });
}
