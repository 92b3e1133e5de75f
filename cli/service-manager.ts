import { execFile } from "node:child_process";

/** What systemd is told: connections are accepted, or the gateway is about to end. */
export type ServiceState = "READY=1" | "STOPPING=1";

/**
 * Tells systemd, where a unit of `Type=notify` has it ask. By a program of its own, for Node has no datagrams of Unix sockets.
 * Settles also when it could not be told: then the manager's own deadline says so.
 */
export function tellServiceManager(state: ServiceState): Promise<void> {
  if (process.env.NOTIFY_SOCKET === undefined) return Promise.resolve();
  return new Promise((settle) => {
    execFile("systemd-notify", ["--no-block", state], () => settle());
  });
}
