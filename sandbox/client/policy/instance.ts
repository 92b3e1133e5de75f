import type { Host } from "../transport/host.ts";
import type { Deployment } from "./deployment.ts";

/**
 * A deployment loaded once, in one isolate of one host:
 *
 *             loaded            retire              idle
 *   loading ─────────▶ ready ─────────▶ retiring ─────────▶ gone: dropped after its last call
 *      │                  │                 │                ▲
 *      │ retire           │                 │                │
 *      ▼                  ▼                 ▼                │
 *   unwanted ─────────────┴─────────────────┴────────────────┘
 *             loaded: dropped; and from everywhere: lost, or not loaded
 */
export type InstanceState = "loading" | "unwanted" | "ready" | "retiring" | "gone";

export type InstanceEvent =
  | "loaded"
  /** It is to take no new calls. */
  | "retire"
  /** It is retiring, and its last call has come back. */
  | "idle"
  /** Its isolate or its host is no more, or it did not load. */
  | "lost";

export type InstanceCommand = "drop";

export function advanceInstance(
  state: InstanceState,
  event: InstanceEvent,
): { readonly state: InstanceState; readonly commands: readonly InstanceCommand[] } {
  switch (event) {
    case "loaded":
      if (state === "loading") return { state: "ready", commands: [] };
      if (state === "unwanted") return { state: "gone", commands: ["drop"] };
      break;
    case "retire":
      if (state === "loading") return { state: "unwanted", commands: [] };
      if (state === "ready") return { state: "retiring", commands: [] };
      return { state, commands: [] };
    case "idle":
      if (state === "retiring") return { state: "gone", commands: ["drop"] };
      break;
    case "lost":
      return { state: "gone", commands: [] };
  }
  throw new Error(`\`${event}\` came to an instance that is ${state}`);
}

/** The only writer of its state. Its number is never used again. Calls are counted in place: each passes here twice. */
export class ClientInstance {
  readonly id: number;
  readonly deployment: Deployment;
  #state: InstanceState = "loading";
  #group = "";
  #host: Host | undefined = undefined;
  #runsOneByOne = false;
  #inFlight = 0;
  #lastUsed = 0;
  #heapBytes = 0;
  #lostLoads = 0;

  constructor(id: number, deployment: Deployment) {
    this.id = id;
    this.deployment = deployment;
  }

  get state(): InstanceState {
    return this.#state;
  }

  /** The isolation group that it was loaded for. */
  get group(): string {
    return this.#group;
  }

  /** The process that it is in; undefined while hosts of its group do not even start. */
  get host(): Host | undefined {
    return this.#host;
  }

  /** It is to be loaded there. */
  house(group: string, host: Host | undefined, runsOneByOne = false): void {
    this.#group = group;
    this.#host = host;
    this.#runsOneByOne = runsOneByOne;
  }

  /** Each call is an entry of its own: when one costs the host, it is known which. */
  get runsOneByOne(): boolean {
    return this.#runsOneByOne;
  }

  /** The host has not said yet whether it could load it. */
  get isLoading(): boolean {
    return this.#state === "loading" || this.#state === "unwanted";
  }

  /** Calls sent and not settled. */
  get inFlight(): number {
    return this.#inFlight;
  }

  /** The order of the last call that was sent to it; 0: none yet. */
  get lastUsed(): number {
    return this.#lastUsed;
  }

  /** It was to be dropped after its last call, and that has come back. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#state === "retiring";
  }

  /** As of the last answer to a ping that asked for it; 0: none yet. */
  get heapBytes(): number {
    return this.#heapBytes;
  }

  /** @returns what is to be done in the host */
  advance(event: InstanceEvent): readonly InstanceCommand[] {
    const { state, commands } = advanceInstance(this.#state, event);
    this.#state = state;
    return commands;
  }

  /** @param order of the call, among all of the sandbox */
  enter(order: number): void {
    if (this.#state !== "ready") throw new Error(`a call came to an instance that is ${this.#state}`);
    this.#inFlight++;
    this.#lastUsed = order;
  }

  leave(): void {
    this.#inFlight--;
  }

  /** Its host died before it said whether it could load it. @returns how often that has been so */
  loseLoad(): number {
    return ++this.#lostLoads;
  }

  measure(heapBytes: number): void {
    this.#heapBytes = heapBytes;
  }
}
