import type { SandboxStats } from "../../contract/stats.ts";
import type { HostUsage } from "../../wire/control.ts";

/** What hosts have cost: memory of those in use, CPU time of them and of those before them. */
export interface HostUse {
  onUsage(pid: number, usage: HostUsage, rssBytes: number): void;
  onHostEnded(pid: number): void;
  read(): SandboxStats["host"];
}

export function createHostUse(): HostUse {
  const hosts = new Map<number, { readonly rssBytes: number; readonly cpuUs: number }>();
  let formerCpuUs = 0;
  return {
    onUsage(pid, { cpuUs }, rssBytes) {
      hosts.set(pid, { cpuUs, rssBytes });
    },
    onHostEnded(pid) {
      formerCpuUs += hosts.get(pid)?.cpuUs ?? 0;
      hosts.delete(pid);
    },
    read() {
      const sum = { rssBytes: 0, cpuUs: formerCpuUs };
      for (const { rssBytes, cpuUs } of hosts.values()) {
        sum.rssBytes += rssBytes;
        sum.cpuUs += cpuUs;
      }
      return sum;
    },
  };
}
