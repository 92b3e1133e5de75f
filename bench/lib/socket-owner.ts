import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/**
 * Which of these processes has the gateway's end of a connection. Linux only.
 *
 * @param port that the gateway listens on
 * @param clientPort that the client has connected from
 */
export function findOwner(pids: readonly number[], port: number, clientPort: number): number | undefined {
  const inode = findInode(port, clientPort);
  return inode === undefined ? undefined : pids.find((pid) => holds(pid, `socket:[${inode}]`));
}

/** From proc(5): addresses are HEX:PORT, the inode is the tenth field. */
function findInode(port: number, clientPort: number): string | undefined {
  const [local, remote] = [port, clientPort].map((each) =>
    `:${each.toString(16).padStart(4, "0")}`.toUpperCase(),
  ) as [string, string];
  for (const line of readFileSync("/proc/net/tcp", "latin1").split("\n")) {
    const fields = line.trim().split(/\s+/);
    if (fields[1]?.endsWith(local) && fields[2]?.endsWith(remote)) return fields[9];
  }
  return undefined;
}

function holds(pid: number, target: string): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => isLinkTo(`/proc/${pid}/fd/${fd}`, target));
  } catch {
    return false; // it has ended
  }
}

function isLinkTo(path: string, target: string): boolean {
  try {
    return readlinkSync(path) === target;
  } catch {
    return false; // closed in the meantime
  }
}
