import type { PolicyExports } from "../sandbox/contract.ts";
import type { Bundle } from "./bundler.ts";
import { messageOf } from "./error.ts";
import type { PolicySource } from "./folder.ts";
import type { Capabilities } from "./pack/capabilities.ts";

/**
 * What is known of one policy. The last good version stays `current` whatever happens to the file.
 *
 *            loaded                    failed
 *   found ──────────▶ { current } ──────────────▶ { current, problem }
 *     │                   ▲  ◀────────────────────────────┘
 *     │ failed     loaded │          loaded
 *     ▼                   │
 *   { problem } ──────────┘      deleted: { current, deleted } from any state that has a current version;
 *                                `loaded` and `failed` bring the file back
 */
export interface PolicyState {
  readonly name: string;
  /** Absolute path. */
  readonly file: string;
  readonly current?: LoadedPolicy;
  /** Why the file as it is now is not the current version. */
  readonly problem?: PolicyProblem;
  /** The file is gone. */
  readonly deleted: boolean;
}

export interface LoadedPolicy {
  readonly bundle: Bundle;
  readonly exports: PolicyExports;
}

export interface PolicyProblem {
  /** One line that names the place. */
  readonly message: string;
  /** The author's lines, or the stack in the author's files; "" when there is neither. */
  readonly frame: string;
  /** Milliseconds since 1970. */
  readonly at: number;
}

export interface PolicySnapshot {
  /** Sorted by name. */
  readonly policies: readonly PolicyState[];
  /** The folder itself is at fault: the policies are as they were before. */
  readonly problem?: PolicyProblem;
}

/**
 * What the lock lets a policy of a pack do, in the form of the config's `grants`; undefined for one that is not of a
 * pack, whatever it asks for.
 */
export function grantsOf({ policies }: PolicySnapshot, policy: string): Capabilities | undefined {
  return policies.find(({ name }) => name === policy)?.current?.bundle.packed?.grants;
}

/** The same for all policies of packs, by name. */
export function grantsOfPacks({ policies }: PolicySnapshot): Readonly<Record<string, Capabilities>> {
  return Object.fromEntries(
    policies.flatMap(({ name, current }) =>
      current?.bundle.packed ? [[name, current.bundle.packed.grants]] : [],
    ),
  );
}

export type ReloadOutcome = "loaded" | "reloaded" | "unchanged" | "failed" | "removed";

export interface ReloadResult {
  /** "" when it concerns the folder and not one policy. */
  readonly policy: string;
  readonly file: string;
  readonly outcome: ReloadOutcome;
  readonly version?: string;
  readonly durationMs: number;
  readonly message?: string;
  readonly frame?: string;
}

export function found({ name, file }: PolicySource): PolicyState {
  return { name, file, deleted: false };
}

export function loaded({ name, file }: PolicySource, current: LoadedPolicy): PolicyState {
  return { name, file, current, deleted: false };
}

export function failed(
  state: PolicyState | undefined,
  source: PolicySource,
  problem: PolicyProblem,
): PolicyState {
  return { ...found(source), current: state?.current, problem };
}

/** Undefined: nothing is left to keep. */
export function deleted({ name, file, current }: PolicyState): PolicyState | undefined {
  return current && { name, file, current, deleted: true };
}

/** What loading `version` means for a policy in this state. */
export function outcomeOfLoading(
  state: PolicyState | undefined,
  version: string,
): "loaded" | "reloaded" | "unchanged" {
  if (!state?.current || state.deleted) return "loaded";
  return state.current.bundle.version === version ? "unchanged" : "reloaded";
}

/** @param error A PoliciesError or a SandboxError: with the author's lines as `frame`, or his stack as `stack`. */
export function problemOf(error: unknown, at: number): PolicyProblem {
  const { frame, stack } = (error ?? {}) as { readonly frame?: unknown; readonly stack?: unknown };
  const shown = frame === undefined ? stack : frame;
  return { message: messageOf(error), frame: typeof shown === "string" ? shown : "", at };
}

/** A file read between the two halves of a save is empty: it must not take the place of a policy that guards something. */
export function hasNoEffect({ hooks, route }: PolicyExports): boolean {
  return hooks.length === 0 && route === undefined;
}
