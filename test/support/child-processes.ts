import { readdirSync, readFileSync } from "node:fs";

/** Pids of the children of a process whose command line has this text, the oldest first. Linux only. */
export function findChildren(parent: number, text: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => parentOf(pid) === parent && read(pid, "cmdline").includes(text))
    .sort((a, b) => startOf(a) - startOf(b));
}

/** Pids of all that descend from a process. Linux only. */
export function findDescendants(ancestor: number): number[] {
  const found = findChildren(ancestor, "");
  return [...found, ...found.flatMap(findDescendants)];
}

/** Whether it has not ended: one that nobody has waited for (a zombie) has. */
export function isRunning(pid: number): boolean {
  const [state = "X"] = fieldsOf(pid);
  return !["", "Z", "X"].includes(state);
}

/** What its main thread has had of the CPU. */
export function cpuMsOf(pid: number): number {
  return Number(read(pid, "schedstat").split(" ")[0]) / 1e6;
}

/** Whether it holds less memory now than it did, by what the room of a start takes in V8's heap. Linux only. */
export function hasGivenBack(pid: number): boolean {
  const kib = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(read(pid, "status"))?.[1]);
  return kib("VmHWM") - kib("VmRSS") > 3 * 1024;
}

/** The fields of stat(5) after the command's name, which may hold blanks and parentheses; the first is the state. */
function fieldsOf(pid: number): readonly string[] {
  const stat = read(pid, "stat");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function parentOf(pid: number): number {
  return Number(fieldsOf(pid)[1]);
}

/** In clock ticks since the machine's start. */
function startOf(pid: number): number {
  return Number(fieldsOf(pid)[19]);
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return ""; // it has ended
  }
}
