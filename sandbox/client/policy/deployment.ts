import type { MessageMatcher, PolicyBundle, PolicyExports } from "../../contract.ts";
import { createMessageMatcher } from "../../message/message-matcher.ts";
import type { MessageFilter } from "../../policy-api.ts";
import { createStackMapper, type StackMapper } from "../../source-map.ts";
import type { LossReason } from "../../wire/control.ts";
import { type ByHook, byMessageHook, eachHook } from "./by-hook.ts";
import { createVerdictPlaces, type VerdictPlaces } from "./verdict-places.ts";

/**
 * One version of a policy, wherever it is loaded:
 *
 *   preparing ──loaded──▶ deployed ──forget──▶ forgotten
 *        └────────────failed───────────────────▲
 *
 * The instance that serves a deployed one, by its number (0: none):
 *
 *                ┌──────────┐ its isolate is lost: a fresh one is loaded in its place
 *                ▼          │
 *   none ─────▶ one ────────┤
 *    ▲  needed   │ ▲        │ tired, or in a host where it does not belong any more: a fresh one is loaded beside it;
 *    └───────────┘ └────────┘ once it is there, it serves, and the old one retires
 *     it cannot be loaded, or
 *     its host is lost, and nothing was loaded ahead
 *
 * The reserve of a deployed one, loaded ahead into the host that stands by:
 *
 *            reserve                host lost: it serves
 *   none ───────────────▶ one ─────────────────────────▶ none
 *    ▲                     │
 *    └─────────────────────┘  withdrawn, or forgotten: it retires; it is lost, or cannot be loaded
 */
export interface DeploymentState {
  readonly stage: "preparing" | "deployed" | "forgotten";
  /** It takes the calls, or will when it is loaded. */
  readonly serving: number;
  /** On its way to take the place of `outgoing`. */
  readonly successor: number;
  readonly outgoing: number;
  /** It would serve at once if the host of the serving one were lost. */
  readonly reserve: number;
  /** The outgoing one is above its soft limit; otherwise it moves. */
  readonly isTired: boolean;
}

/** `fresh` is the number of the instance, if one is to be loaded now. */
export type DeploymentEvent =
  | { readonly type: "loaded"; readonly instance: number }
  | { readonly type: "failed"; readonly instance: number }
  | { readonly type: "lost"; readonly instance: number; readonly reason: LossReason; readonly fresh: number }
  | { readonly type: "host-lost"; readonly instance: number }
  /** Its heap is above the soft limit. */
  | { readonly type: "tired"; readonly instance: number; readonly fresh: number }
  /** It belongs into another host. */
  | { readonly type: "move"; readonly instance: number; readonly fresh: number }
  /** A call waits, or it is a good time to load it. */
  | { readonly type: "needed"; readonly fresh: number }
  | { readonly type: "reserve"; readonly fresh: number }
  /** Its reserve is where it does not belong any more. */
  | { readonly type: "withdraw" }
  | { readonly type: "forget" };

export type DeploymentCommand =
  | { readonly type: "load"; readonly instance: number }
  | { readonly type: "load-ahead"; readonly instance: number }
  | { readonly type: "retire"; readonly instance: number }
  /** Calls that wait may go. */
  | { readonly type: "wake" }
  /** Nothing is there to send calls to. */
  | { readonly type: "trip" }
  | { readonly type: "tell-replaced"; readonly reason: LossReason };

export interface DeploymentStep {
  readonly state: DeploymentState;
  readonly commands: readonly DeploymentCommand[];
}

export const NO_INSTANCE = 0;

/** Its first instance is being loaded. */
export function prepareDeployment(instance: number): DeploymentState {
  return {
    stage: "preparing",
    serving: instance,
    successor: NO_INSTANCE,
    outgoing: NO_INSTANCE,
    reserve: NO_INSTANCE,
    isTired: false,
  };
}

export function advanceDeployment(state: DeploymentState, event: DeploymentEvent): DeploymentStep {
  switch (event.type) {
    case "loaded":
      if (event.instance === state.successor) return succeed(state);
      if (event.instance !== state.serving) return stay(state);
      if (state.stage === "preparing") return stay({ ...state, stage: "deployed" });
      return { state, commands: [{ type: "wake" }] };
    case "failed":
      if (event.instance === state.reserve) return stay({ ...state, reserve: NO_INSTANCE });
      if (event.instance === state.successor) return stay({ ...state, successor: NO_INSTANCE });
      if (event.instance !== state.serving) return stay(state);
      if (state.stage === "preparing") return stay({ ...state, stage: "forgotten", serving: NO_INSTANCE });
      return { state: { ...state, serving: NO_INSTANCE }, commands: [{ type: "trip" }, { type: "wake" }] };
    case "lost": {
      if (event.instance === state.reserve) return stay({ ...state, reserve: NO_INSTANCE });
      if (event.instance === state.successor) return stay({ ...state, successor: NO_INSTANCE });
      if (event.instance !== state.serving) return stay(state);
      const { state: next, commands } = serveBy(state, event.fresh);
      return { state: next, commands: [{ type: "tell-replaced", reason: event.reason }, ...commands] };
    }
    case "host-lost":
      if (event.instance === state.reserve) return stay({ ...state, reserve: NO_INSTANCE });
      return event.instance === state.serving ? replace(state) : stay(state);
    case "tired":
      return succeedBy(state, event, true);
    case "move":
      return state.stage === "deployed" ? succeedBy(state, event, false) : stay(state);
    case "needed":
      return state.stage === "deployed" && state.serving === NO_INSTANCE
        ? serveBy(state, event.fresh)
        : stay(state);
    case "reserve":
      if (state.stage !== "deployed" || state.serving === NO_INSTANCE || state.reserve !== NO_INSTANCE)
        return stay(state);
      return {
        state: { ...state, reserve: event.fresh },
        commands: [{ type: "load-ahead", instance: event.fresh }],
      };
    case "withdraw":
      return { state: { ...state, reserve: NO_INSTANCE }, commands: retire(state.reserve) };
    case "forget":
      return {
        state: { ...state, stage: "forgotten", serving: NO_INSTANCE, reserve: NO_INSTANCE },
        commands: [...retire(state.serving), ...retire(state.reserve)],
      };
  }
}

function stay(state: DeploymentState): DeploymentStep {
  return { state, commands: [] };
}

function retire(instance: number): readonly DeploymentCommand[] {
  return instance === NO_INSTANCE ? [] : [{ type: "retire", instance }];
}

/** By the reserve, which may still be on its way, and serves when it is there; by none, until one is needed. */
function replace(state: DeploymentState): DeploymentStep {
  return {
    state: { ...state, serving: state.reserve, reserve: NO_INSTANCE },
    commands: [{ type: "wake" }],
  };
}

function serveBy(state: DeploymentState, fresh: number): DeploymentStep {
  return { state: { ...state, serving: fresh }, commands: [{ type: "load", instance: fresh }] };
}

function succeedBy(
  state: DeploymentState,
  { instance, fresh }: { readonly instance: number; readonly fresh: number },
  isTired: boolean,
): DeploymentStep {
  if (instance !== state.serving || state.successor !== NO_INSTANCE) return stay(state);
  return {
    state: { ...state, successor: fresh, outgoing: instance, isTired },
    commands: [{ type: "load", instance: fresh }],
  };
}

/** The outgoing instance may have been lost meanwhile, or the version forgotten: then nobody waits for the successor. */
function succeed(state: DeploymentState): DeploymentStep {
  const { serving, successor, outgoing, isTired } = state;
  const next = { ...state, successor: NO_INSTANCE, outgoing: NO_INSTANCE };
  if (serving !== outgoing) return { state: next, commands: [{ type: "retire", instance: successor }] };
  return {
    state: { ...next, serving: successor },
    commands: [
      { type: "retire", instance: outgoing },
      ...(isTired ? [{ type: "tell-replaced", reason: "memory" } as const] : []),
      { type: "wake" },
    ],
  };
}

/** One that says nothing of messages is for all of them. */
function matcherOf({ body, ...filter }: MessageFilter = {}): MessageMatcher | undefined {
  return Object.keys(filter).length === 0 ? undefined : createMessageMatcher(filter);
}

/** The only writer of its state. */
export class Deployment {
  readonly bundle: PolicyBundle;
  readonly mapper: StackMapper;
  readonly verdictPlaces: VerdictPlaces;
  #state: DeploymentState;
  #exports: PolicyExports = { hooks: [] };
  #matchers: ByHook<MessageMatcher | undefined> = eachHook(() => undefined);
  #withholds: ByHook<boolean> = eachHook(() => false);

  constructor(bundle: PolicyBundle, instance: number) {
    this.bundle = bundle;
    this.mapper = createStackMapper(bundle);
    this.verdictPlaces = createVerdictPlaces(bundle, this.mapper);
    this.#state = prepareDeployment(instance);
  }

  get stage(): DeploymentState["stage"] {
    return this.#state.stage;
  }

  /** The instance that takes its calls, or will; 0: none. */
  get serving(): number {
    return this.#state.serving;
  }

  /** The instance that is loaded ahead; 0: none. */
  get reserve(): number {
    return this.#state.reserve;
  }

  /** What it had when it was loaded first. */
  get exports(): PolicyExports {
    return this.#exports;
  }

  /** Which messages its hooks are for, by the place of a hook; undefined: all. */
  get matchers(): ByHook<MessageMatcher | undefined> {
    return this.#matchers;
  }

  /** Whose hooks are called without the bodies of their messages. */
  get withholds(): ByHook<boolean> {
    return this.#withholds;
  }

  expose(exports: PolicyExports): void {
    const { client, server } = exports.when ?? {};
    this.#exports = { ...exports, version: this.bundle.version };
    this.#matchers = byMessageHook(matcherOf(client), matcherOf(server), undefined);
    this.#withholds = byMessageHook(client?.body === false, server?.body === false, false);
  }

  advance(event: DeploymentEvent): readonly DeploymentCommand[] {
    const { state, commands } = advanceDeployment(this.#state, event);
    this.#state = state;
    return commands;
  }
}
