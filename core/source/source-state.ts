/**
 * Where a source and its versions stand. Pure: `source.ts` carries out the commands.
 *
 *            look              fetched               kept                 checked
 *   idle ───────────▶ fetching ───────▶ verifying ───────▶ checking ─────────────────┐
 *    ▲ ▲                 │ unchanged,       │ refused,        │ refused,             ▼
 *    │ │                 │ failed           │ kept: it is     │ failed        it is offered
 *    │ │                 ▼                  ▼ what runs       ▼                      │
 *    │ └──────────────── · ◀─────────────── · ◀────────────── · ◀────────────────────┘
 *    │                   │ somebody has said `activate` of what was offered, or of one that is kept
 *    │ activated,        ▼
 *    │ refused,      activating
 *    │ failed            │
 *    └───────────────────┘
 *
 * What is asked for meanwhile is done when nothing else is under way. "A version is there" and "take it" are two steps:
 * on one machine the second follows at once, in a fleet others have a say.
 */
export interface SourceState {
  readonly phase: "idle" | "fetching" | "verifying" | "checking" | "activating";
  /** Digest of the version that runs. */
  readonly active?: string;
  /** Of the one that was fetched and is looked at. */
  readonly candidate?: string;
  /** Of the one that has passed all checks and waits for a word. */
  readonly offered?: string;
  /** Of the one that the source gave last, as far as it was kept. */
  readonly given?: string;
  /** Of the one that somebody went back from: it runs when somebody says so, or the source has given another meanwhile. */
  readonly turnedAway?: string;
  /** Of the one that is to run as soon as nothing else is under way. */
  readonly wanted?: string;
  /** Somebody wants it looked at once more. */
  readonly isAsked: boolean;
  /** Looks that came to nothing, one after the other. */
  readonly failures: number;
  /** What became of the last look, or of the last version that was refused; it stays until one is taken. */
  readonly problem?: SourceProblem;
}

export interface SourceProblem {
  /** A look that failed is tried again; a version that was refused is not, until there is another. */
  readonly kind: "failed" | "refused";
  readonly message: string;
  /** Of a version that is refused, as far as it was read. */
  readonly digest?: string;
  /** The author's lines with a mark below the place. */
  readonly frame?: string;
}

export type SourceEvent =
  | { readonly type: "look" }
  | { readonly type: "unchanged" }
  | { readonly type: "fetched" }
  | { readonly type: "kept"; readonly digest: string }
  | { readonly type: "checked" }
  | { readonly type: "activate"; readonly digest: string }
  | { readonly type: "activated" }
  | { readonly type: "failed"; readonly message: string }
  | ({ readonly type: "refused" } & Omit<SourceProblem, "kind">);

export type SourceCommand =
  | { readonly type: "fetch" | "verify" }
  | { readonly type: "check" | "offer" | "activate"; readonly digest: string }
  | { readonly type: "report"; readonly problem: SourceProblem }
  /** Look again later: the later the more looks have failed. */
  | { readonly type: "wait"; readonly failures: number };

export interface SourceStep {
  readonly state: SourceState;
  readonly commands: readonly SourceCommand[];
}

/**
 * @param active digest of the version that runs already, if there is one
 * @param turnedAway of the one that somebody went back from before
 */
export function beginSource(active: string | undefined, turnedAway?: string): SourceState {
  const given = turnedAway ?? active;
  return {
    ...{ phase: "idle", isAsked: false, failures: 0 },
    ...(active !== undefined && { active }),
    ...(given !== undefined && { given }),
    ...(turnedAway !== undefined && { turnedAway }),
  };
}

/** What is turned away when this version runs: what the source gives, if that ran and another is to. */
export function turnedAwayBy(
  digest: string,
  { active, given, turnedAway }: Pick<SourceState, "active" | "given" | "turnedAway">,
): string | undefined {
  if (digest === given) return undefined;
  return given === active ? given : turnedAway;
}

/** Throws for an event that cannot come in this state. */
export function advanceSource(state: SourceState, event: SourceEvent): SourceStep {
  switch (event.type) {
    case "look":
      if (state.phase !== "idle") return { state: { ...state, isAsked: true }, commands: [] };
      return rest({ ...state, isAsked: true });
    case "activate":
      if (state.phase !== "idle") return { state: { ...state, wanted: event.digest }, commands: [] };
      return rest({ ...state, wanted: event.digest });
    case "unchanged": {
      expectPhase(state, event, "fetching");
      const problem = state.problem?.kind === "refused" ? state.problem : undefined;
      return rest({ ...state, failures: 0, problem });
    }
    case "fetched":
      expectPhase(state, event, "fetching");
      return { state: { ...state, phase: "verifying" }, commands: [{ type: "verify" }] };
    case "kept": {
      expectPhase(state, event, "verifying");
      const { digest } = event;
      // Another name for what runs, or a way back to it; or what somebody went back from.
      const isTurnedAway = digest === state.turnedAway;
      const turnedAway = isTurnedAway ? digest : undefined;
      const seen: SourceState = { ...state, given: digest, turnedAway };
      if (digest === state.active || isTurnedAway)
        return rest({ ...seen, offered: undefined, failures: 0, problem: undefined });
      return {
        state: { ...seen, phase: "checking", candidate: digest },
        commands: [{ type: "check", digest }],
      };
    }
    case "checked": {
      expectPhase(state, event, "checking");
      const digest = state.candidate as string;
      // What has failed may fail again: it is over when this one runs, or there is nothing new.
      const problem = state.problem?.kind === "failed" ? state.problem : undefined;
      const { state: next, commands } = rest({ ...state, offered: digest, problem });
      return { state: next, commands: [{ type: "offer", digest }, ...commands] };
    }
    case "activated": {
      expectPhase(state, event, "activating");
      const active = state.candidate as string;
      const offered = state.offered === active ? undefined : state.offered;
      const turnedAway = turnedAwayBy(active, state);
      return rest({ ...state, active, offered, turnedAway, failures: 0, problem: undefined });
    }
    case "refused": {
      expectPhase(state, event, "verifying", "checking", "activating");
      const offered = state.offered === state.candidate ? undefined : state.offered;
      const { type, ...what } = event;
      return report({ ...state, offered, failures: 0 }, { kind: "refused", ...what });
    }
    case "failed":
      expectPhase(state, event, "fetching", "verifying", "checking", "activating");
      return report({ ...state, failures: state.failures + 1 }, { kind: "failed", message: event.message });
  }
}

/** The same trouble is told once. */
function report(state: SourceState, problem: SourceProblem): SourceStep {
  const isKnown = state.problem?.kind === problem.kind && state.problem.message === problem.message;
  const { state: next, commands } = rest({ ...state, problem });
  return { state: next, commands: isKnown ? commands : [{ type: "report", problem }, ...commands] };
}

/** Nothing is under way: what is next? */
function rest(state: SourceState): SourceStep {
  const { wanted, isAsked } = state;
  const settled: SourceState = { ...state, phase: "idle", candidate: undefined };
  if (wanted !== undefined && wanted !== state.active) {
    return {
      state: { ...settled, phase: "activating", wanted: undefined, candidate: wanted },
      commands: [{ type: "activate", digest: wanted }],
    };
  }
  if (isAsked) {
    return {
      state: { ...settled, phase: "fetching", wanted: undefined, isAsked: false },
      commands: [{ type: "fetch" }],
    };
  }
  return {
    state: { ...settled, wanted: undefined },
    commands: [{ type: "wait", failures: state.failures }],
  };
}

function expectPhase(
  { phase }: SourceState,
  { type }: SourceEvent,
  ...expected: readonly SourceState["phase"][]
): void {
  if (!expected.includes(phase)) throw new Error(`a source that is ${phase} cannot be "${type}"`);
}

/** The longest wait after failures. */
const MAX_BACK_OFF_MS = 10 * 60_000;

/**
 * How long until the next look: a fifth more or less than `everyMs`, so that a fleet does not ask all at once, and twice as
 * long with each look that has failed.
 *
 * @param random from 0 to 1
 */
export function waitMs(everyMs: number, failures: number, random: number): number {
  const longest = Math.max(everyMs, MAX_BACK_OFF_MS);
  return Math.min(everyMs * 2 ** Math.min(failures, 20), longest) * (0.8 + 0.4 * random);
}
