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
  const [, file = "", line = "", column = ""] = /\(?([^\s()]+):(\d+):(\d+)\)?$/.exec(calls[0] ?? "") ?? [];
  const frame = file === "" ? "" : drawPlace(readSource(file), Number(line), Number(column));
  return { level: "error", subject, text, session, frame, stack: calls.join("\n") };
}
