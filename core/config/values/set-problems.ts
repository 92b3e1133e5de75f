import { formatPath } from "../document/issues.ts";
import type { ConfigProblem } from "../errors.ts";
import { parseSetting } from "./settings.ts";

/** Problems with what the command line says in place of the file: the file is not at fault, and would be searched in vain. */
export function nameSettings(
  problems: readonly ConfigProblem[],
  settings: readonly string[],
): readonly ConfigProblem[] {
  const places = settings.flatMap((written) => {
    const setting = parseSetting(written);
    return setting === undefined ? [] : [asPlain(formatPath(setting.path))];
  });
  const isSet = (path: string) => places.some((place) => `${asPlain(path)}.`.startsWith(`${place}.`));
  return problems.map(({ path, message }) => ({
    path,
    message: isSet(path) ? `${message} (by --set)` : message,
  }));
}

/** A number of a list stands in two ways: `routes[0]`, `routes.0`. */
function asPlain(path: string): string {
  return path.replaceAll(/\[(\d+)\]/g, ".$1");
}
