import type { Claim, JailFacts, Lease } from "../../sandbox/index.ts";
import type { GatewayConfig } from "../config/index.ts";
import type { EngineConfig } from "../engine/contract.ts";
import type { GatewayEvent } from "../events.ts";
import type { BookNote, HolderNote } from "../leases/caps/cap-notes.ts";
import type { Settlement } from "../leases/settled/account.ts";
import type { Level } from "../leases/settled/token-bucket.ts";
import type { BookAnswer, BookQuestion } from "./book-link.ts";
import type { KvAnswer, KvQuestion } from "./kv-link.ts";
import type { WorkerRequests } from "./requests.ts";

/** Where a worker process writes the batches of its recorder. */
export const BATCH_FD = 4;

/** The first thing that a worker process hears. */
export interface WorkerStart {
  readonly config: EngineConfig & Pick<GatewayConfig, "traffic">;
  readonly kvUrl?: string;
  /** Caps and rates are those of several processes, or machines. */
  readonly sharesLimits: boolean;
  /** What the operating system keeps sandbox hosts in, as the supervisor has found out. */
  readonly jail: JailFacts;
}

/** What the supervisor wants of a worker process. Each is answered once, under the same number. */
export type WorkerOrder =
  /** With the connection, of the listener with this key. */
  | { readonly id: number; readonly take: string }
  /** With the handle of an address: accept the connections of the listener with this key. */
  | { readonly id: number; readonly accept: string; readonly backlog: number }
  | { readonly id: number; readonly start: WorkerStart }
  | { readonly id: number; readonly name: keyof WorkerRequests; readonly args: readonly unknown[] };

export type ToWorker =
  | WorkerOrder
  | { readonly type: "kv-answer"; readonly answer: KvAnswer }
  | { readonly type: "caps"; readonly said: readonly BookNote[] }
  | ({ readonly type: "leases" } & BookAnswer<Lease>)
  | ({ readonly type: "levels" } & BookAnswer<Level | undefined>)
  | ({ readonly type: "challenges" } & BookAnswer<string | undefined>);

/** A worker process sends several at a time, as a list. */
export type FromWorker =
  | { readonly type: "reply"; readonly id: number; readonly value: unknown }
  | { readonly type: "failed"; readonly id: number; readonly code: string; readonly message: string }
  | { readonly type: "kv"; readonly question: KvQuestion }
  | ({ readonly type: "claims" } & BookQuestion<Claim>)
  | ({ readonly type: "settlements" } & BookQuestion<Settlement>)
  | ({ readonly type: "tokens" } & BookQuestion<string>)
  | { readonly type: "caps"; readonly notes: readonly HolderNote[] }
  | { readonly type: "event"; readonly event: GatewayEvent };
