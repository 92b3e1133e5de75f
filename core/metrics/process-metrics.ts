import { Counter, Gauge, type MetricSet } from "./metric-set.ts";

/** `worker` is the sum of all workers, `sandbox` that of the hosts in use. */
export type ProcessKind = "supervisor" | "worker" | "sandbox";

export interface ProcessUsage {
  readonly cpuUs: number;
  readonly rssBytes: number;
}

export interface ProcessMetrics {
  set(process: ProcessKind, usage: ProcessUsage): void;
}

export function createProcessMetrics(registers: MetricSet[]): ProcessMetrics {
  const cpu = new Counter({
    name: "framegate_process_cpu_seconds_total",
    help: "CPU time, user and system, by kind of process.",
    labelNames: ["process"],
    registers,
  });
  const memory = new Gauge({
    name: "framegate_process_resident_memory_bytes",
    help: "Resident memory, by kind of process.",
    labelNames: ["process"],
    registers,
  });

  return {
    set(process, { cpuUs, rssBytes }) {
      cpu.remove({ process });
      cpu.inc({ process }, cpuUs / 1e6);
      memory.set({ process }, rssBytes);
    },
  };
}

/** What this process has used. */
export function readOwnUsage(): ProcessUsage {
  const { user, system } = process.cpuUsage();
  return { cpuUs: user + system, rssBytes: process.memoryUsage.rss() };
}
