import tab from "@bomb.sh/tab/commander";
import type { Command } from "commander";

/** What the package bash-completion has, for where it is not installed. */
const BASH_WORDS = `declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
    words=("\${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=\${COMP_WORDS[COMP_CWORD]}; prev=\${COMP_WORDS[COMP_CWORD-1]}
}
`;

/** Where the answer does not forbid it bash goes on with the names of files. */
const BASH_FILES = "complete -o default -F __framegate_complete framegate\n";

/** Prints what a shell is to read so that it completes: it asks `framegate complete` at each tab. */
export function printCompletion(program: Command, shell: "bash" | "zsh" | "fish"): void {
  const before = shell === "bash" ? BASH_WORDS : "";
  process.stdout.write(before);
  tab(program).setup(program.name(), program.name(), shell);
  if (shell === "bash") process.stdout.write(BASH_FILES);
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
