/** What is said in a line to people. */
export interface Words {
  readonly level: "debug" | "info" | "warn" | "error";
  /** What it is about, in front: a route, a policy. */
  readonly subject?: string;
  readonly text: string;
  /** A session's id. */
  readonly session?: string;
  /** Lines of their own. */
  readonly frame?: string;
  readonly stack?: string;
  /** A code to look up. */
  readonly code?: string;
}
