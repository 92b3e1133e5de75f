import { readFile } from "node:fs/promises";
import { showPath } from "../policies/shown-path.ts";
import { CliError } from "./errors.ts";

/** Advice where a recording is expected. */
export const RECORD_FIRST = "`framegate record` makes one";

/** The text of a file that a command is given. @param advice where there may be none: what makes one, or what to name */
export async function readInput(file: string, advice: string): Promise<string> {
  return readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ENOENT") throw error;
    throw new CliError("ERR_CLI_PATH", `There is no file ${showPath(file)}: ${advice}.`);
  });
}
