import { describeFailure } from "./failure.ts";
import { buildProgram } from "./program.ts";

/** Carries out one command line and says on stderr what went wrong. Resolves with the exit code. */
export async function execute(args: readonly string[]): Promise<number> {
  try {
    // No command of its own: a shell asks for it.
    if (args[0] === "complete")
      await (await import("./completion/completion.ts")).answerCompletion(buildProgram(), args);
    else await buildProgram().parseAsync(args, { from: "user" });
    return 0;
  } catch (error) {
    const { exitCode, text } = describeFailure(error);
    if (text !== "") process.stderr.write(`${text}\n`);
    return exitCode;
  }
}
