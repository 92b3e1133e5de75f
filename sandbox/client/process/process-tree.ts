import { readFileSync } from "node:fs";

/** The last of a line of processes, each the only child of the one before; this one where there is no child. */
export function findInnermost(pid: number): number {
  const [child] = readChildren(pid);
  return child === undefined ? pid : findInnermost(child);
}

function readChildren(pid: number): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${pid}/children`, "latin1").split(" ").filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
