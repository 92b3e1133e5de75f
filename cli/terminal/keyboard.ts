import { readFileSync } from "node:fs";
import { type Key, readKey } from "./keys.ts";

export interface Keyboard {
  /** The terminal is again as it was. */
  close(): void;
}

/**
 * Keys of a terminal, one by one. Undefined: there is none, or it is somebody else's, as of what a shell has put into the background, which
 * would be stopped for a read.
 */
export function listenForKeys(onKey: (key: Key) => void): Keyboard | undefined {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY || !isInForeground()) return undefined;

  function take(): void {
    if (!isInForeground()) return;
    stdin.setRawMode(true);
    stdin.resume();
  }

  function give(): void {
    stdin.pause();
    stdin.setRawMode(false);
  }

  function read(typed: Buffer | string): void {
    const key = readKey(String(typed));
    if (key === undefined) return;
    // In raw mode the terminal sends no signals for these.
    if (key === "suspend") {
      give();
      process.kill(0, "SIGTSTP");
    } else onKey(key);
  }

  function hangUp(): void {
    onKey("quit");
  }

  function close(): void {
    stdin.off("data", read);
    stdin.off("end", hangUp);
    process.off("SIGCONT", take);
    process.off("exit", give);
    give();
  }

  stdin.on("data", read);
  // The window was closed: nobody is there who could stop it later.
  stdin.on("end", hangUp);
  stdin.once("error", hangUp);
  stdin.on("error", () => {});
  process.on("SIGCONT", take);
  process.on("exit", give);
  take();
  return { close };
}

/** Where the system tells: whether the terminal's keys go to this process's group. */
function isInForeground(): boolean {
  try {
    const stat = readFileSync("/proc/self/stat", "latin1");
    const [, , group, , , foreground] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return group === foreground;
  } catch {
    return true;
  }
}
