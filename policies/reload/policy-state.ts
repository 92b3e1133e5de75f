import type { PolicyExports } from "../../sandbox/contract.ts";
import type { Bundle } from "../bundle/bundle.ts";
import { messageOf } from "../error.ts";
import type { PolicySource } from "../folder.ts";
import type { CapabilityJson } from "../pack/capabilities.ts";

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
  readonly current?: LoadedVersion;
  /** With a rollout: the newest version, while it is on its way to take the place of `current`. */
  readonly canary?: LoadedVersion;
  /** Good versions, newest first, the current one among them. Bounded: the oldest are forgotten. */
  readonly versions: readonly LoadedVersion[];
  /** An operator went back to `current`: it stays until the file changes or is reloaded. */
  readonly isPinned: boolean;
  /** Why the file as it is now is not the current version. */
  readonly problem?: PolicyProblem;
  /** The file is gone. */
  readonly deleted: boolean;
}

export interface LoadedVersion {
  readonly bundle: Bundle;
  readonly exports: PolicyExports;
  /** Milliseconds since 1970. */
  readonly loadedAt: number;
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
 * What the lock lets policies of packs do, by policy, in the form of the config's `grants`; one that is not of a pack is
 * left out, whatever it asks for.
 */
export function grantsOfPacks({ policies }: PolicySnapshot): Readonly<Record<string, CapabilityJson>> {
  return Object.fromEntries(
    policies.flatMap(({ name, current }) =>
      current?.bundle.packed ? [[name, current.bundle.packed.grants]] : [],
    ),
  );
}

export type ReloadOutcome = "loaded" | "reloaded" | "unchanged" | "failed" | "removed" | "rolled back";

export interface ReloadResult {
  /** "" when it concerns the folder and not one policy. */
  readonly policy: string;
  readonly file: string;
  readonly outcome: ReloadOutcome;
  readonly version?: string;
  /** Where it failed, the version that goes on running; undefined when there is none. */
  readonly stays?: string;
  readonly durationMs: number;
  readonly message?: string;
  readonly frame?: string;
}

export function found({ name, file }: PolicySource): PolicyState {
  return { name, file, versions: [], isPinned: false, deleted: false };
}

/** How many good versions of a policy are kept to go back to. */
export const KEPT_VERSIONS = 10;

export function loaded(
  before: PolicyState | undefined,
  { name, file }: PolicySource,
  current: LoadedVersion,
): PolicyState {
  const others = (before?.versions ?? []).filter(({ bundle }) => bundle.version !== current.bundle.version);
  const versions = [current, ...others].slice(0, KEPT_VERSIONS);
  return { name, file, current, versions, isPinned: false, deleted: false };
}

/** Undefined: there is no such version to go back to. @param version absent: the one loaded before the current one */
export function rolledBack(state: PolicyState, version: string | undefined): PolicyState | undefined {
  const { current, versions } = state;
  const at = versions.findIndex(({ bundle }) => bundle.version === current?.bundle.version);
  const target =
    version === undefined ? versions[at + 1] : versions.find(({ bundle }) => bundle.version === version);
  return target && { ...state, current: target, isPinned: target !== versions[0] };
}

export function failed(
  state: PolicyState | undefined,
  source: PolicySource,
  problem: PolicyProblem,
): PolicyState {
  const { current, versions = [], isPinned = false } = state ?? {};
  return { ...found(source), current, versions, isPinned, problem };
}

/** Undefined: nothing is left to keep. */
export function deleted({ name, file, current, versions }: PolicyState): PolicyState | undefined {
  return current && { name, file, current, versions, isPinned: false, deleted: true };
}

/** What loading `version` means for a policy in this state. Of a pinned one the newest version is known, and not wanted. */
export function outcomeOfLoading(
  state: PolicyState | undefined,
  version: string,
): "loaded" | "reloaded" | "unchanged" {
  if (!state?.current || state.deleted) return "loaded";
  const known = state.isPinned ? state.versions[0] : state.current;
  return known?.bundle.version === version ? "unchanged" : "reloaded";
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
