import { showShare } from "./health.ts";
import type { RolloutNews, TakenBack } from "./rollout-state.ts";

/** How the way of a version has ended. */
export interface EndedRollout {
  readonly policy: string;
  readonly version: string;
  /** `given up`: another version, or none, was wanted. */
  readonly outcome: "finished" | "given up" | "taken back";
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What it was taken back for, else empty. */
  readonly rule: string;
  readonly detail: string;
}

/** Undefined: it goes on. */
export function endedBy(policy: string, news: RolloutNews, at: number): EndedRollout | undefined {
  switch (news.what) {
    case "taken back":
      return { policy, version: news.version, outcome: news.what, at, rule: news.rule, detail: news.detail };
    case "finished":
    case "given up":
      return { policy, version: news.version, outcome: news.what, at, rule: "", detail: "" };
    case "begun":
    case "moved":
    case "paused":
    case "resumed":
      return undefined;
  }
}

/** Of the policy, for as long as nothing else comes. */
export function problemOfWay({ version, share, rule, detail }: TakenBack, at: number) {
  const message =
    `version ${version} was taken back at ${showShare(share)} of the sessions (${rule}): ${detail}. ` +
    "The version before serves; save another one, or try this one again with `framegate rollout promote`";
  return { message, frame: "", at };
}
