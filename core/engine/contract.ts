import type { Socket } from "node:net";
import type { PolicyTallies } from "../../sandbox/contract/stats.ts";
import type { PolicyBundle } from "../../sandbox/contract.ts";
import type { AskBook, createSandbox, KvStore } from "../../sandbox/index.ts";
import type { Breakpoints } from "../breakpoints/breakpoints.ts";
import type { GatewayConfig, Goodbye, WorkerDrain } from "../config/index.ts";
import type { EmitEvent } from "../events.ts";
import type { CapPlaces } from "../leases/caps/places.ts";
import type { Settle } from "../leases/settled/account.ts";
import type { Handle } from "../listen/address-handle.ts";
import type { AskChallenge } from "../listen/challenges/challenges.ts";
import type { Entry } from "../listen/entry.ts";
import type { ListenerAddress, ListenerPlan } from "../listen/listener-plan.ts";
import type { EngineNumbers } from "../metrics/engine-numbers.ts";
import type { KeptAnswers } from "../recording/answer-log.ts";
import type { OperatorMessage, SaidOutcome } from "../session/operator/operator-message.ts";
import type { ShadowTally } from "../shadow/shadow-report.ts";
import type { SessionFilter } from "../steering/session-filter.ts";
import type { Steering } from "../steering/steering.ts";
import type { BatchTaker } from "../traffic/batch/batch-writer.ts";
import type { SwitchCount } from "../traffic/switches/recording-switch.ts";
import type { CloseStatus } from "../wire/close-payload.ts";
import type { EnginePlan, LoadedAhead, PlanFailure } from "./engine-plan.ts";
import type { FoundSessions, SessionRenewal, SessionsQuery } from "./live-session.ts";

export interface EngineOptions {
  /** What of the config holds for as long as a process lives. */
  readonly config: EngineConfig;
  readonly emit: EmitEvent;
  /** Takes what is recorded. */
  readonly batches: BatchTaker;
  /** What policies keep. The caller's to close. */
  readonly kv: KvStore;
  /** The book of rates of all processes. */
  readonly askRates: AskBook;
  /** The book of what sessions of all processes have let in; undefined: there is no other process. */
  readonly settleRates?: Settle | undefined;
  /** What the other gateways of the fleet have authorities answered, for listeners whose plan says so. Never rejects. */
  readonly askChallenge?: AskChallenge | undefined;
  /** What there is below caps, over all processes. */
  readonly places: CapPlaces;
  /** Default: the sandbox. */
  readonly newSandbox?: typeof createSandbox | undefined;
}

export type EngineConfig = Pick<GatewayConfig, "sandbox" | "traces" | "maxConnections" | "workers">;

/** The data plane of one process: listeners, sessions, and the sandbox of their policies. */
export interface Engine extends EngineNumbers {
  /** Versions come soon, see `Sandbox`. */
  expectVersions(): void;
  /** @param isKept for the first plan, which forgets what it does not name */
  loadAhead(bundle: PolicyBundle, isKept: boolean): Promise<LoadedAhead>;
  /** Load what changed, then swap all of it at once. A version that does not load leaves the one before in place. */
  apply(plan: EnginePlan): Promise<readonly PlanFailure[]>;
  /**
   * Be there for the connections of these listeners and no others.
   *
   * @param addresses where the gateway is bound: no connection to a server may lead there
   */
  listen(plans: readonly ListenerPlan[], addresses: readonly ListenerAddress[]): void;
  /** A connection of the listener with this key. */
  take(key: string, socket: Socket): void;
  /** Accept the connections of the listener with this key, for as long as it is there. Rejects with the system's error. */
  accept(key: string, handle: Handle, backlog: number): Promise<void>;
  readonly entry: Entry;
  /** Hand over what has been recorded and not handed over yet. */
  flushRecords(): void;
  sessions(query?: SessionsQuery): FoundSessions;
  openSessions(): number;
  countSessions(filter: SessionFilter): number;
  /** What is done to many of them. */
  readonly steering: Steering;
  /** What operators' switches of recording have brought here. */
  switchCounts(): readonly SwitchCount[];
  /** What policies were told, where their route says that it is kept. */
  capabilityAnswers(): KeptAnswers;
  /** How versions that are on their way do, since it was last asked. */
  takeTallies(): readonly PolicyTallies[];
  /** The same of those that run as shadows of the current ones. */
  takeShadowTallies(): readonly ShadowTally[];
  /** An operator ends a session. @returns false when it is not one of this process, or has ended */
  closeSession(id: string, status: CloseStatus): boolean;
  /** An operator says something in a session. @returns undefined when it is not one of this process, or has ended */
  say(id: string, message: OperatorMessage): SaidOutcome | undefined;
  /** Where operators hold messages. */
  readonly breakpoints: Pick<Breakpoints, "list" | "decide" | "releaseAll" | "held">;
  /** Ask the policies of these sessions to renew them. @returns what came of it, of those that are of this process */
  renewSessions(ids: readonly string[]): Promise<readonly SessionRenewal[]>;
  /** Take no more connections; a session that begins all the same ends at once. */
  leave(drain: Goodbye): void;
  /** The same, then close the sessions one after the other, and cut off those that are left in the end. */
  stop(drain: WorkerDrain): Promise<void>;
}
