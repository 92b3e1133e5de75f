import type { Socket } from "node:net";
import type { AskBook, createSandbox, KvStore } from "../../sandbox/index.ts";
import type { EmitEvent } from "../events.ts";
import type { CapBook } from "../leases/caps/cap-book.ts";
import type { Settle } from "../leases/settled/account.ts";
import type { BoundAddress } from "../listen/address-handle.ts";
import type { AskChallenge } from "../listen/challenges/challenges.ts";
import type { Entry } from "../listen/entry.ts";
import type { Batch } from "../traffic/batch/batch.ts";
import type { RequestMethods } from "./requests.ts";

/** An engine, wherever it runs, as the supervisor handles it. What it is asked before it has begun has to wait. */
export interface Worker extends Omit<RequestMethods, "collect"> {
  /** Of a process of its own. */
  readonly pid?: number | undefined;
  /** Policies may run in it; those that are to are in its shared host otherwise. */
  readonly holdsIsolates: boolean;
  /** Settles when it can be asked. Rejects with what kept it from that. */
  readonly begun: Promise<void>;
  /** Settles when it is no more, whyever, with how: `code 1`, `SIGKILL`. All that it was asked has been rejected then. */
  readonly ended: Promise<string>;
  /**
   * A connection of the listener with this key. Settles when the worker has it; rejects with a WorkerGoneError when it
   * has ended before.
   */
  take(key: string, socket: Socket): Promise<void>;
  /**
   * Accept what comes in at an address, as the listener with this key. Settles when it does; rejects with the system's
   * error, or with a WorkerGoneError. Absent in this process, where a connection costs nothing on its way.
   */
  accept?(key: string, address: BoundAddress, backlog: number): Promise<void>;
  /** Settles when `onBatch` has had all that was recorded so far. */
  collect(): Promise<void>;
  /** End it at once, its sessions too. */
  kill(): void;
}

/** Of what a worker was asked, when it ends before it has answered. */
export class WorkerGoneError extends Error {
  override readonly name = "WorkerGoneError";
}

/** What of the supervisor's a worker speaks to. */
export interface SupervisorParts {
  readonly emit: EmitEvent;
  onBatch(batch: Batch): void;
  readonly kv: KvStore;
  readonly askRates: AskBook;
  readonly settleRates: Settle;
  /** Never rejects. Undefined: there is no fleet. */
  readonly askChallenge?: AskChallenge | undefined;
  readonly capBook: CapBook;
}

/** What a worker in this process can be made of. */
export interface LocalParts {
  /** Default: the sandbox. */
  readonly newSandbox?: typeof createSandbox | undefined;
  /** It has begun, and takes what another server hands over. */
  readonly onEntry?: ((entry: Entry) => void) | undefined;
}
