import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";
import { BASH_SCRIPT, ZSH_SCRIPT } from "./scripts.ts";

/** Prints what a shell is to read so that it completes: it asks `framegate complete` at each tab. */
export function printCompletion(program: Command, shell: "bash" | "zsh" | "fish"): void {
  switch (shell) {
    case "bash":
      process.stdout.write(BASH_SCRIPT);
      break;
    case "zsh":
      process.stdout.write(ZSH_SCRIPT);
      break;
    case "fish":
      tab(program).setup(program.name(), program.name(), shell);
  }
}

/** Prints what the words behind `complete --` can go on with, for the script that the shell has. */
export async function answerCompletion(program: Command, args: readonly string[]): Promise<void> {
  if (wantsFile(program, args.at(-2))) {
    // No word of ours, and no word against the shell's own.
    process.stdout.write(":0\n");
    return;
  }
  tab(program);
  await program.parseAsync(args, { from: "user" });
}

/** Options of one name want the same in all commands. */
function wantsFile(command: Command, word: string | undefined): boolean {
  const isMeant = command.options.some(
    ({ flags, long, short }) => (long === word || short === word) && /<(?:file|dir|folder|path)>/.test(flags),
  );
  return isMeant || command.commands.some((part) => wantsFile(part, word));
}
