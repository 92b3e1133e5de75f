import type { createSandbox, KvStore } from "../../sandbox/index.ts";
import type { EmitEvent } from "../events.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import type { RequestMethods } from "./requests.ts";

/** An engine, wherever it runs, as the supervisor handles it. */
export interface Worker extends Omit<RequestMethods, "collect"> {
  /** Settles when `onBatch` has had all that was recorded so far. */
  collect(): Promise<void>;
}

/** What of the supervisor's a worker speaks to. */
export interface SupervisorParts {
  readonly emit: EmitEvent;
  onBatch(batch: Batch): void;
  readonly kv: KvStore;
}

/** What a worker in this process can be made of. */
export interface LocalParts {
  /** Default: the sandbox. */
  readonly newSandbox?: typeof createSandbox | undefined;
}
