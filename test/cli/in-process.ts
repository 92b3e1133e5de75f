import { execute } from "../../cli/execute.ts";
import type { Ended } from "./process.ts";

let last: Promise<unknown> = Promise.resolve();
/** As long as a command runs the process may be elsewhere, in a folder that is about to go. */
const home = process.cwd();

/**
 * Carries out a command in this process, which spares the start of one. Commands speak with what a process has one of
 * (working directory, stdout, stderr), so that they go one after the other, whatever the tests do.
 *
 * For commands that end by themselves, and write with no child process. That the program hands over arguments and exit code, `usage.test.ts` shows.
 */
export function runCommand(args: readonly string[], cwd = home): Promise<Ended> {
  const ended = last.then(() => runAlone(args, cwd));
  last = ended.catch(() => {});
  return ended;
}

async function runAlone(args: readonly string[], cwd: string): Promise<Ended> {
  const stdout = capture(process.stdout);
  const stderr = capture(process.stderr);
  process.chdir(cwd);
  try {
    const exitCode = await execute(args);
    return { exitCode, stdout: stdout.text(), stderr: stderr.text() };
  } finally {
    process.chdir(home);
    stdout.restore();
    stderr.restore();
  }
}

function capture(stream: NodeJS.WriteStream): { text(): string; restore(): void } {
  const { write } = stream;
  let text = "";
  stream.write = (chunk: string | Uint8Array) => {
    text += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
    return true;
  };
  return { text: () => text, restore: () => Object.assign(stream, { write }) };
}
