import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { VerdictView } from "../verdicts/verdict-view.ts";

/** `failed`: there is no verdict of the shadow to compare. `lost`: it was not called, for want of room. */
export type ShadowResult = "same" | "differs" | "failed" | "lost";

/** What one hook of a shadow did. */
export interface ShadowCounts extends Readonly<Record<ShadowResult, number>> {
  readonly hook: HookName;
  /** Verdicts that differ, by the part that does. One may differ in several. */
  readonly kinds: readonly (readonly [kind: string, count: number])[];
}

/** A verdict that differs, with the one that counted. Nothing in it is hidden yet. */
export interface ShadowSample {
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly version: string;
  readonly session: string;
  readonly route: string;
  readonly hook: HookName;
  /** Of a message: its place among those of its side, from 1. */
  readonly sequence: number;
  readonly kinds: readonly string[];
  /** Of a message: what both were called with; else null. */
  readonly input: unknown;
  /** What went out. */
  readonly real: VerdictView;
  readonly shadow: VerdictView;
}

/** What one shadow did in one process, since its start. Plain data. */
export interface ShadowReport {
  /** Name of the shadow. */
  readonly name: string;
  readonly policy: string;
  readonly from: string;
  /** "" while none is loaded. */
  readonly version: string;
  readonly hooks: readonly ShadowCounts[];
  /** Newest first. */
  readonly samples: readonly ShadowSample[];
}

/** What the shadow of a version on its way did since it was last asked. */
export interface ShadowTally {
  readonly policy: string;
  readonly version: string;
  /** Those that could be compared. */
  readonly calls: number;
  readonly differs: number;
}
