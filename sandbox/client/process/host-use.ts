import type { SandboxStats } from "../../contract.ts";
import type { HostUsage } from "../../wire/control.ts";

/** What hosts have cost: memory of the one in use, CPU time of it and of those before it. */
export interface HostUse {
  onUsage(usage: HostUsage, rssBytes: number): void;
  onHostLost(): void;
  read(): SandboxStats["host"];
}

export function createHostUse(): HostUse {
  let rssBytes = 0;
  let cpuUs = 0;
  let formerCpuUs = 0;
  return {
    onUsage(usage, rss) {
      cpuUs = usage.cpuUs;
      rssBytes = rss;
    },
    onHostLost() {
      formerCpuUs += cpuUs;
      cpuUs = rssBytes = 0;
    },
    read: () => ({ rssBytes, cpuUs: formerCpuUs + cpuUs }),
  };
}
