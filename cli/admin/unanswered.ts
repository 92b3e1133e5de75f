import type { SessionsPage } from "../../core/admin/api/api-schema.ts";
import { printLine } from "./print.ts";

const REASONS = {
  silent: "does not answer",
  version: "is of another version, and does not understand the question",
  failed: "could not answer",
} as const;

/** Whom what was printed leaves out. */
export function printUnanswered(unanswered: SessionsPage["unanswered"]): void {
  for (const { node, reason } of unanswered)
    printLine(`Not counted: ${node} ${REASONS[reason]} (\`framegate fleet status\`).`);
}
