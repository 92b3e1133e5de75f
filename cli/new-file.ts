import { writeFile } from "node:fs/promises";
import { CliError } from "./errors.ts";

/** Writes a file that is not there yet; throws a CliError (`ERR_CLI_PATH`) where one is. */
export async function writeNew(
  file: string,
  text: string,
  options: { readonly mode?: number } = {},
): Promise<void> {
  try {
    await writeFile(file, text, { ...options, flag: "wx" });
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === "EEXIST" ? alreadyThere(file) : error;
  }
}

export function alreadyThere(file: string): CliError {
  return new CliError("ERR_CLI_PATH", `${file} is there already: name another with --out, or remove it.`);
}
