import type { SessionsPage } from "../../core/admin/api/api-schema.ts";
import { countOf } from "../../policies/count-of.ts";
import { CliError } from "../errors.ts";
import { printLine } from "./print.ts";

type Unanswered = SessionsPage["unanswered"];

const REASONS = {
  silent: "does not answer",
  version: "is of another version, and does not understand the question",
  failed: "could not answer",
} as const;

/** More names help nobody. */
const SHOWN = 10;

/** Whom what was printed leaves out. */
export function printUnanswered(unanswered: Unanswered): void {
  for (const { node, reason } of unanswered.slice(0, SHOWN))
    printLine(`Not counted: ${node} ${REASONS[reason]} (\`framegate fleet status\`).`);
  const rest = unanswered.length - SHOWN;
  if (rest > 0) printLine(`Not counted: ${countOf(rest, "more node", "more nodes")}.`);
}

/**
 * At the end, when all has been printed: a script must not take a part for the whole.
 *
 * @throws CliError `ERR_CLI_UNANSWERED`
 */
export function requireAnswers({ length }: Unanswered): void {
  if (length > 0)
    throw new CliError("ERR_CLI_UNANSWERED", `${countOf(length, "node does", "nodes do")} not answer`);
}
