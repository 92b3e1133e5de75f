import type { FrameWriter } from "../wire/frames.ts";
import type { JournalPage } from "../wire/journal.ts";
import type { LoneResult } from "../wire/results.ts";
import { createJournal } from "./journal.ts";
import { createService, type Service } from "./service.ts";

export interface EmbeddedServiceParts {
  /** Where it notes what it enters: it may fail, though this process goes on. */
  readonly page: JournalPage;
  /** Everything in here is to go to the client, after the lone result if there is one. */
  flush(out: FrameWriter): void;
  readonly lone: LoneResult;
  /** It failed in a turn that it had begun by itself, and is not to go on. */
  onFailed(error: unknown): void;
}

/** What a worker loads that holds isolates itself. Nothing is taken from this process, which goes on with its own work. */
export function createEmbeddedService({ page, onFailed, ...parts }: EmbeddedServiceParts): Service {
  return createService({
    ...parts,
    journal: createJournal(page),
    guard(turn) {
      try {
        turn();
      } catch (error) {
        onFailed(error);
      }
    },
  });
}
