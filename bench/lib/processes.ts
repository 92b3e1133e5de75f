import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { findInnermost } from "../../sandbox/client/process/process-tree.ts";

export interface BenchProcess {
  readonly pid: number;
  /** What the process said in its first message. */
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts a script of this folder, which sends `{ port }` when it is ready. */
export async function startScript(name: string, args: readonly string[]): Promise<BenchProcess> {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--no-warnings", fileURLToPath(new URL(`../${name}`, import.meta.url)), ...args],
    { stdio: ["ignore", "inherit", "inherit", "ipc"] },
  );
  const failed = once(child, "exit").then(([code]) => {
    throw new Error(`${name} ended with ${code} before it was ready`);
  });
  const [{ port }] = (await Promise.race([once(child, "message"), failed])) as [{ port: number }];
  failed.catch(() => {});
  return {
    pid: child.pid as number,
    port,
    async stop() {
      if (child.exitCode !== null)
        throw new Error(`${name} ended with ${child.exitCode} while it was measured`);
      const exited = once(child, "exit");
      child.kill("SIGTERM");
      await exited;
    },
  };
}

/**
 * CPU time, user and system, of a process and all that descend from it, in microseconds; that of children that have
 * ended, and were waited for, is in it. Linux only.
 */
export function readCpuMicroseconds(pid: number): number {
  return descendants(pid).reduce((sum, each) => sum + cpuOf(each), 0);
}

/** The same of one process alone, of all its threads, and finer than ticks. */
export function readThreadMicroseconds(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) =>
    Number(readProc(pid, `task/${thread}/schedstat`)?.split(" ")[0] ?? 0),
  );
  return nanoseconds.reduce((sum, each) => sum + each, 0) / 1000;
}

/**
 * Memory of a process and all that descend from it, in KiB: what several share is counted once (PSS, proc(5)). Of a
 * process that may not be asked, as one walled in by its user, it is the resident memory, which is more. Linux only.
 */
export function readMemoryKiB(pid: number): number {
  return descendants(pid).reduce((sum, each) => sum + (readProcessKiB(each) ?? 0), 0);
}

/** The same of one process alone; undefined when it has ended. */
export function readProcessKiB(pid: number): number | undefined {
  return proportionalKiB(pid) ?? residentKiB(pid);
}

function proportionalKiB(pid: number): number | undefined {
  const found = /^Pss:\s+(\d+) kB/m.exec(readProc(pid, "smaps_rollup") ?? "");
  return found === null ? undefined : Number(found[1]);
}

function residentKiB(pid: number): number | undefined {
  const pages = readProc(pid, "statm")?.split(" ")[1];
  return pages === undefined ? undefined : Number(pages) * 4;
}

export type ProcessKind = "supervisor" | "worker" | "host" | "probe" | "esbuild";

/** A process of a gateway that runs. */
export interface GatewayPart {
  /** Of a host: of its Node, and not of what walls it in. */
  readonly pid: number;
  /** Of the process that has started it. */
  readonly parent: number;
  /** As ps(1) has it: `S` sleeps, `R` runs, `T` is stopped. */
  readonly state: string;
  readonly kind: ProcessKind;
}

/** A gateway's processes, with what they are; those that have ended, and nobody has waited for, are none. Linux only. */
export function findParts(supervisor: number): readonly GatewayPart[] {
  const children = descendants(supervisor)
    .slice(1)
    .flatMap((pid): GatewayPart[] => {
      const [state = "X", parent] = statOf(pid) ?? [];
      const kind = kindOf(readProc(pid, "cmdline") ?? "");
      const isRunning = state !== "Z" && state !== "X";
      // A child is its parent once more until it runs a program of its own.
      const isOwn = kind !== "worker" || Number(parent) === supervisor;
      return isRunning && isOwn && kind !== undefined ? [{ pid, kind, parent: Number(parent), state }] : [];
    });
  const workers = new Set(children.filter(({ kind }) => kind === "worker").map(({ pid }) => pid));
  const parts = children.flatMap((part): GatewayPart[] => {
    if (part.kind !== "host") return [part];
    const kind = part.parent === supervisor ? "probe" : "host";
    // What is beneath a host is that host once more.
    const isOne = kind === "probe" || workers.has(part.parent);
    const pid = findInnermost(part.pid);
    return isOne ? [{ ...part, kind, pid, state: statOf(pid)?.[0] ?? "X" }] : [];
  });
  const [state = "X"] = statOf(supervisor) ?? [];
  return [{ pid: supervisor, parent: 0, kind: "supervisor", state }, ...parts];
}

function kindOf(command: string): ProcessKind | undefined {
  if (command.includes("worker-process")) return "worker";
  if (command.includes("--no-node-snapshot")) return "host";
  return command.includes("esbuild") ? "esbuild" : undefined;
}

/** Resident memory in MiB, and open descriptors, of one process; undefined when it has ended. */
export function readUse(
  pid: number,
): { readonly memoryMiB: number; readonly descriptors: number } | undefined {
  try {
    const pages = Number(readProc(pid, "statm")?.split(" ")[1] ?? 0);
    return { memoryMiB: pages / 256, descriptors: readdirSync(`/proc/${pid}/fd`).length };
  } catch {
    return undefined;
  }
}

/** A process and all that descend from it. */
function descendants(pid: number): readonly number[] {
  const parents = new Map<number, number>();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const fields = statOf(Number(entry));
    if (fields !== undefined) parents.set(Number(entry), Number(fields[1]));
  }
  const found = [pid];
  for (const each of found) for (const [child, parent] of parents) if (parent === each) found.push(child);
  return found;
}

/** Clock ticks of /proc are hundredths of a second on every Linux that Node runs on. */
const TICK_MICROSECONDS = 10_000;

function cpuOf(pid: number): number {
  // utime, stime, cutime, cstime
  const ticks = statOf(pid)?.slice(11, 15) ?? [];
  return ticks.reduce((sum, each) => sum + Number(each), 0) * TICK_MICROSECONDS;
}

/** The fields of /proc/PID/stat behind the command's name: state, parent, … */
function statOf(pid: number): readonly string[] | undefined {
  const stat = readProc(pid, "stat");
  return stat?.slice(stat.lastIndexOf(")") + 2).split(" ");
}

function readProc(pid: number, file: string): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return undefined;
  }
}
