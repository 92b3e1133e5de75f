import type { TypeProblem } from "../../policies/type-problems.ts";
import type { Problem } from "../problem.ts";

/** @param told what the bundler has found: of a line that it names, the compiler's words say the same again */
export function wordTypeErrors(errors: readonly TypeProblem[], told: readonly Problem[] = []): Problem[] {
  const lines = new Set(told.flatMap(({ places = [] }) => places).map((place) => place.replace(/:\d+$/, "")));
  return errors
    .filter(({ file, line }) => !lines.has(`${file}:${line}`))
    .map(({ file, line, column, code, message }) => ({
      place: `${file}:${line}:${column}`,
      message: code === "" ? message : `${message} (${code})`,
    }));
}
