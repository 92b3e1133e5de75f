/** Why there is no answer of a node. `version`: it does not understand the question, or is not understood. */
export type NoAnswer = "silent" | "version" | "failed";

export interface Unanswered {
  readonly node: string;
  readonly reason: NoAnswer;
}
