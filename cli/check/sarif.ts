import { formatSarif } from "../../policies/sarif.ts";
import type { Problem } from "../problem.ts";

const RULE = { id: "framegate/check", text: "The config or a policy cannot be used as it is." };

/** What `framegate check` has found, as SARIF. */
export function sarifOfProblems(problems: readonly Problem[], version: string): string {
  return formatSarif({ version, rule: RULE, findings: problems.map(findingOf) });
}

/** @param place `file:line:column`, `file`, or nothing */
function findingOf({ place, message }: Problem) {
  const [, file = "", line, column] = /^(.*?)(?::(\d+)(?::(\d+))?)?$/s.exec(place) ?? [];
  return {
    message,
    ...(file !== "" && { file }),
    ...(line !== undefined && { line: Number(line) }),
    ...(column !== undefined && { column: Number(column) }),
  };
}
