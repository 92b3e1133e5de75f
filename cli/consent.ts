import { createInterface } from "node:readline/promises";
import { CliError } from "./errors.ts";

/** Throws a CliError (`ERR_CLI_CONSENT`) unless somebody agrees. */
export async function requireConsent(question: string, isGiven: boolean): Promise<void> {
  if (isGiven) return;
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    const message =
      "Nothing was changed: there is no terminal to ask at. Read what is said above, and say --yes.";
    throw new CliError("ERR_CLI_CONSENT", message);
  }
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(es)?$/i.test(answer.trim())) throw new CliError("ERR_CLI_CONSENT", "Nothing was changed.");
  } finally {
    terminal.close();
  }
}
