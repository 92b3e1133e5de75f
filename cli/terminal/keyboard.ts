import { readFileSync } from "node:fs";
import { type Key, readKey } from "./keys.ts";

/** How often it is looked whether the keys are ours again: a shell tells nobody that it has put what runs into the foreground. */
const LOOK_MS = 500;

export interface Keyboard {
  /** Whether keys come here now. */
  hasKeys(): boolean;
  /** The terminal is again as it was. */
  close(): void;
}

/**
 * Keys of a terminal, one by one. Undefined: there is none. While it is somebody else's, as of what a shell has put into the background, which
 * would be stopped for a read, none come.
 */
export function listenForKeys(onKey: (key: Key) => void): Keyboard | undefined {
  const { stdin, stdout } = process;
  if (!stdin.isTTY || !stdout.isTTY) return undefined;
  let isOurs = false;

  function take(): void {
    if (isOurs || !isInForeground()) return;
    isOurs = true;
    stdin.setRawMode(true);
    stdin.resume();
  }

  function goOn(): void {
    isOurs = false;
    take();
  }

  function give(): void {
    isOurs = false;
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
    clearInterval(looking);
    stdin.off("data", read);
    stdin.off("end", hangUp);
    process.off("SIGCONT", goOn);
    process.off("exit", give);
    give();
  }

  // Or a listener would begin to read.
  stdin.pause();
  stdin.on("data", read);
  // The window was closed: nobody is there who could stop it later.
  stdin.on("end", hangUp);
  stdin.once("error", hangUp);
  stdin.on("error", () => {});
  process.on("SIGCONT", goOn);
  process.on("exit", give);
  take();
  const looking = setInterval(take, LOOK_MS).unref();
  return { close, hasKeys: () => isOurs };
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
