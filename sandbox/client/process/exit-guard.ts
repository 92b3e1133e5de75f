import type { HostProcess } from "./host-process.ts";

/**
 * Ends hosts with the process that made them, whatever it ends of but a SIGKILL: one that hangs in a policy does not
 * notice that its socket is gone, and would take a core for ever.
 */
export interface ExitGuard {
  watch(host: HostProcess): void;
  /** All hosts have ended. */
  close(): void;
}

export function createExitGuard(): ExitGuard {
  const hosts = new Set<HostProcess>();
  const killAll = (): void => {
    for (const host of hosts) host.kill();
  };
  process.on("exit", killAll);
  return {
    watch(host) {
      hosts.add(host);
      void host.exited.then(() => hosts.delete(host));
    },
    close: () => void process.off("exit", killAll),
  };
}
