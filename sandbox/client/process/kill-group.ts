/**
 * Ends a process that leads a group of its own, and all that is beneath it. By their group, since what walls a host in
 * forks, and a child of its that has not come far yet would outlive it, and wait for it for ever.
 */
export function killGroup(leader: number): void {
  try {
    process.kill(-leader, "SIGKILL");
  } catch {
    // All have ended.
  }
}
