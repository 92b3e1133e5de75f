import test, { type ExecutionContext } from "ava";
import { ConfigError, type ConfigProblem, resolveConfig } from "../../core/config/index.ts";

/** A test for each config that has one problem, and that alone. */
export function testProblems(
  cases: readonly (readonly [input: object, path: string, message: string])[],
): void {
  for (const [input, path, message] of cases) {
    test(`problem: ${path}: ${message}`, (t) => {
      t.deepEqual(
        problemsOf(t, () => resolveConfig(input, { dir: "/" })),
        [{ path, message }],
      );
    });
  }
}

export function problemsOf(t: ExecutionContext, resolve: () => unknown): readonly ConfigProblem[] {
  const error = t.throws(resolve, { instanceOf: ConfigError, code: "ERR_CONFIG_INVALID" });
  return error.problems;
}
