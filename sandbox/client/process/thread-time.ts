import { readFileSync } from "node:fs";

/** What the main thread of a process has had of the CPU, and how long it has waited for it. */
export interface ThreadTime {
  readonly cpuMs: number;
  readonly waitedMs: number;
}

const NS_PER_MS = 1e6;

/** Undefined where the system does not tell: Linux does. */
export function readThreadTime(pid: number): ThreadTime | undefined {
  try {
    const [cpu, waited] = readFileSync(`/proc/${pid}/schedstat`, "latin1").split(" ").map(Number);
    if (!Number.isFinite(cpu) || !Number.isFinite(waited)) return undefined;
    return { cpuMs: (cpu as number) / NS_PER_MS, waitedMs: (waited as number) / NS_PER_MS };
  } catch {
    return undefined;
  }
}
