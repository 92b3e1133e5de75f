import { showPath } from "../policies/shown-path.ts";
import { showForCi } from "../policies/shown-text.ts";
import { withoutTitles } from "./terminal/words/frames.ts";

/** What `framegate check` found. */
export interface Problem {
  /** A file, with line and column where they are known; "" when the message names its place itself. */
  readonly place: string;
  readonly message: string;
  /** The lines around it, "" for none. */
  readonly frame?: string;
  /** All places that it is about, as `file:line:column`. */
  readonly places?: readonly string[];
}

export function formatProblem({ place, message, frame = "" }: Problem): string {
  const head = place === "" ? message : `${showPath(place)}: ${message}`;
  const lines = withoutTitles(frame, head);
  return showForCi(lines === "" ? head : `${head}\n\n${lines.replace(/^(?=.)/gm, "    ")}`);
}
