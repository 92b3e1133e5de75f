import type { PolicyFault } from "../../../sandbox/contract/faults.ts";
import { drawPlace } from "./source-lines.ts";
import type { Words } from "./words.ts";

/** @param readSource the text of a file, "" where there is none; the author may have saved another since */
export function wordFault(
  { policy: subject, message: text, stack }: PolicyFault,
  session: string,
  readSource: (file: string) => string,
): Words {
  const calls = stack.split("\n").filter((line) => !text.includes(line.trim()));
  const { file, line, column } = placeOf(calls.find((each) => each.trimStart().startsWith("at ")) ?? "");
  const frame = file === "" ? "" : drawPlace(readSource(file), line, column);
  return { level: "error", subject, text, session, frame, stack: calls.join("\n") };
}

/** Of `at name (file:line:column)`, or without the name. By hand, for a policy may have written it, and as long as it likes. */
function placeOf(call: string): { readonly file: string; readonly line: number; readonly column: number } {
  const from = call.indexOf(" (");
  const place = from !== -1 && call.endsWith(")") ? call.slice(from + 2, -1) : call.trimStart().slice(3);
  const columnAt = place.lastIndexOf(":");
  const lineAt = place.lastIndexOf(":", columnAt - 1);
  const [line, column] = [place.slice(lineAt + 1, columnAt), place.slice(columnAt + 1)];
  const isPlace = lineAt > 0 && [line, column].every((text) => /^\d{1,9}$/.test(text));
  return { file: isPlace ? place.slice(0, lineAt) : "", line: Number(line), column: Number(column) };
}
