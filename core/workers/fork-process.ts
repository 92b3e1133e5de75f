import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * V8's young generation, half of it, in MiB: it grows while most of what is new stays, as when many connections come, and is
 * not given back. Left to V8 it comes to 32 where there is memory enough.
 */
const NURSERY = "--max-semi-space-size=8";
const NURSERY_FLAG = /--max[-_]semi[-_]space[-_]size/;

/** One that was forked before anybody knew whether it will be needed. */
let ahead: ChildProcess | undefined;

/**
 * Fork a worker's process which the first worker will be, if there is to be one of this kind: it loads its code while this
 * process loads its own and reads the config. It does nothing until it is told to.
 */
export function forkAhead(): ChildProcess {
  ahead = forkProcess();
  // A process that could not be made: whoever wants a worker tries again, and is told why.
  return ahead.on("error", () => {});
}

/** It has not been needed, and will not be. */
export function dismissAhead(): void {
  ahead?.kill("SIGKILL");
  ahead = undefined;
}

/** @param flags Node's own, beside those of this process */
export function takeProcess(flags: readonly string[]): ChildProcess {
  const taken = ahead;
  ahead = undefined;
  if (taken === undefined) return forkProcess(flags);
  const isAlive = taken.pid !== undefined && taken.exitCode === null && taken.signalCode === null;
  if (isAlive && taken.connected && flags.length === 0) return taken;
  taken.kill("SIGKILL");
  return forkProcess(flags);
}

function forkProcess(flags: readonly string[] = []): ChildProcess {
  const entry = new URL(`./worker-process${extname(fileURLToPath(import.meta.url))}`, import.meta.url);
  // Each would want the inspector's port for itself.
  const ours = process.execArgv.filter((flag) => !flag.startsWith("--inspect"));
  return fork(entry, {
    execArgv: [...ours, ...nursery(process.env.NODE_OPTIONS, ours), ...flags],
    serialization: "advanced",
    // The standard three, Node's own channel, and the recorder's pipe (`BATCH_FD`).
    stdio: ["inherit", "inherit", "inherit", "ipc", "pipe"],
  });
}

/** Who has started the gateway with a size of his own knows better. */
export function nursery(nodeOptions = "", flags: readonly string[] = []): string[] {
  return [nodeOptions, ...flags].some((text) => NURSERY_FLAG.test(text)) ? [] : [NURSERY];
}
