import type { PolicyExports } from "../../sandbox/contract.ts";
import type { Bundle } from "../bundle/bundle.ts";
import { PoliciesError } from "../error.ts";
import type { PolicySource } from "../folder.ts";
import { requireDeclared } from "../pack/pack-bundle.ts";
import { showPath } from "../shown-path.ts";
import { type Compilation, compile } from "./compilation.ts";
import {
  deleted,
  failed,
  found,
  hasNoEffect,
  loaded,
  outcomeOfLoading,
  type PolicyProblem,
  type PolicyState,
  problemOf,
  type ReloadOutcome,
  type ReloadResult,
  rolledBack,
} from "./policy-state.ts";
import { hasSurelyChanged, type KnownPolicy } from "./reload-plan.ts";
import { createRerun } from "./rerun.ts";
import type { Stamps } from "./stamps.ts";

export interface TrackingOptions {
  /** Runs a build when it is its turn. */
  gate(task: () => Promise<void>): Promise<void>;
  probe(bundle: Bundle): Promise<PolicyExports>;
  /** What the policy is made of may have changed. */
  onInputs(): void;
  onState(): void;
  onResult(result: ReloadResult): void;
}

/** One policy: builds it, loads it and keeps its last good version. */
export interface TrackedPolicy {
  /** Undefined when its file is gone and no version of it was ever good. */
  readonly state: PolicyState | undefined;
  /** Undefined when its file is gone. */
  readonly known: KnownPolicy | undefined;
  /** Build what the file holds now; after the build under way, if there is one. */
  rebuild(source: PolicySource): void;
  remove(): void;
  /** Let the next scan find it changed, and take what it finds, also where an operator had gone back. */
  forget(): void;
  /** Go back to a version that was good. @returns false when there is none, or the file is gone */
  rollBack(version: string | undefined): boolean;
  idle(): Promise<void>;
}

export function trackPolicy(first: PolicySource, options: TrackingOptions): TrackedPolicy {
  let source = first;
  let state: PolicyState | undefined = found(first);
  let stamps: Stamps | undefined;
  let isBroken = false;
  let isPresent = true;
  const building = createRerun(() => options.gate(build));

  async function build(): Promise<void> {
    if (!isPresent) return;
    const began = performance.now();
    const built = source;
    const compilation = await compile(built);
    const isKnown = isToldAlready(compilation);
    isBroken = "error" in compilation;
    stamps = compilation.stamps;
    options.onInputs();
    if (!("error" in compilation)) await load(built, compilation.bundle, began);
    else if (!isKnown) fail(built, compilation.error, began);
  }

  /** Tried once more because something else has changed, with the same result: its author has been told. */
  function isToldAlready(compilation: Compilation): boolean {
    if (!("error" in compilation) || !isBroken || !stamps) return false;
    const { message, frame } = compilation.error;
    const isSameText = state?.problem?.message === message && state.problem.frame === frame;
    return isSameText && !hasSurelyChanged(stamps, compilation.stamps);
  }

  async function load(built: PolicySource, bundle: Bundle, began: number): Promise<void> {
    try {
      const outcome = outcomeOfLoading(state, bundle.version);
      if (outcome === "unchanged" && state!.isPinned) {
        const { problem, ...kept } = state!;
        return settle(kept, outcome, began, { version: bundle.version });
      }
      const exports = outcome === "unchanged" ? state!.current!.exports : await options.probe(bundle);
      requireDeclared(bundle, exports);
      if (hasNoEffect(exports)) throw withoutHooks(built);
      const next = loaded(state, built, { bundle, exports, loadedAt: Date.now() });
      settle(next, outcome, began, { version: bundle.version });
    } catch (error) {
      fail(built, error, began);
    }
  }

  function fail(built: PolicySource, error: unknown, began: number): void {
    const problem = problemOf(error, Date.now());
    const stays = state?.current?.bundle.version;
    settle(failed(state, built, problem), "failed", began, { ...problem, stays });
  }

  function settle(
    next: PolicyState,
    outcome: ReloadOutcome,
    began: number,
    details: Partial<Pick<PolicyProblem, "message" | "frame"> & Pick<ReloadResult, "version" | "stays">>,
  ): void {
    if (!isPresent) return;
    const isSame = outcome === "unchanged" && !state!.problem && state!.file === next.file;
    if (!isSame) state = next;
    const { message, frame, version, stays } = details;
    const durationMs = performance.now() - began;
    const { name, file } = next;
    options.onResult({ policy: name, file, outcome, durationMs, message, frame, version, stays });
    if (!isSame) options.onState();
  }

  return {
    get state() {
      return state;
    },
    get known() {
      return isPresent ? { file: source.file, stamps, isBroken } : undefined;
    },
    rebuild(newest) {
      source = newest;
      isPresent = true;
      void building.request();
    },
    remove() {
      isPresent = false;
      stamps = undefined;
      state = state && deleted(state);
      options.onResult({ policy: source.name, file: source.file, outcome: "removed", durationMs: 0 });
      options.onState();
    },
    forget() {
      stamps = undefined;
      state = state && { ...state, isPinned: false };
    },
    rollBack(version) {
      const next = state?.deleted === false ? rolledBack(state, version) : undefined;
      if (next === undefined) return false;
      settle(next, "rolled back", performance.now(), { version: next.current?.bundle.version });
      return true;
    },
    idle: building.idle,
  };
}

function withoutHooks({ file }: PolicySource): PoliciesError {
  const message =
    `${showPath(file)}: exports none of the hooks upgrade, client, server and close. ` +
    "If it is a file that policies import, let its name begin with _";
  return new PoliciesError("ERR_POLICY_EXPORTS", message);
}
