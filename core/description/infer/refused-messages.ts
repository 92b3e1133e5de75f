import type { MessageLine } from "../../recording/format.ts";

export interface AcceptedMessages {
  readonly accepted: readonly MessageLine[];
  readonly refused: number;
  /** Those that refused them, by name. */
  readonly policies: readonly string[];
}

/** A message at which a policy ended the connection, or that it did not let pass, is no part of what is agreed on. */
export function leaveOutRefused(messages: readonly MessageLine[]): AcceptedMessages {
  const refusals = new Map(messages.map((message) => [message, refusersOf(message)]));
  const isRefused = (message: MessageLine) => refusals.get(message) !== undefined;
  return {
    accepted: messages.filter((message) => !isRefused(message)),
    refused: messages.filter(isRefused).length,
    policies: [...new Set([...refusals.values()].flatMap((names) => names ?? []))].sort(),
  };
}

/** Undefined: nobody has refused it. */
function refusersOf({ result }: MessageLine): readonly string[] | undefined {
  if (result?.outcome !== "dropped" && result?.outcome !== "closed") return undefined;
  return result.steps.filter(({ action }) => action === result.outcome).map(({ policy }) => policy);
}
