import { readFileSync } from "node:fs";

/** Resident bytes of a process, by the system's word; 0 where it does not tell. */
export function readResidentMemory(pid: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"));
    return match ? Number(match[1]) * 1024 : 0;
  } catch {
    return 0;
  }
}
