import type { FrameWriter } from "../wire/frames.ts";
import { noJournal } from "./journal.ts";
import { createService, type Service } from "./service.ts";

/** What a worker loads that holds isolates itself. Nothing is taken from this process, which goes on with its own work. */
export function createEmbeddedService(flush: (out: FrameWriter) => void): Service {
  return createService({ journal: noJournal, flush });
}
