import { readFileSync } from "node:fs";
import { Room } from "./room.ts";

/** Those that a process keeps for what is not a connection: files, pipes to hosts, lookups, and what comes and goes. */
const RESERVED = 64;

/** A session is a connection of the client and one to the server. */
const DESCRIPTORS_A_SESSION = 2;

/** How many descriptors this process may have open; undefined where the system does not tell. */
export function readDescriptorLimit(): number | undefined {
  try {
    const [, soft] = /^Max open files\s+(\d+)/m.exec(readFileSync("/proc/self/limits", "latin1")) ?? [];
    return soft === undefined ? undefined : Number(soft);
  } catch {
    return undefined;
  }
}

/** Room for as many connections as this process can have, or fewer where that is wanted. */
export function openRoom(maxConnections: number): Room {
  const limit = readDescriptorLimit();
  const max = findMaxConnections(maxConnections, limit);
  const isOwn = maxConnections !== 0 && maxConnections <= max;
  const why = isOwn
    ? `the option maxConnections is ${maxConnections}`
    : `this process may have ${limit} files open (ulimit -n, LimitNOFILE); raise that, or run more workers`;
  return new Room(max, why);
}

/** How many clients can be connected at a time. @param wanted 0: as many as there can be */
export function findMaxConnections(wanted: number, limit: number | undefined): number {
  const possible =
    limit === undefined ? Number.POSITIVE_INFINITY : Math.floor((limit - RESERVED) / DESCRIPTORS_A_SESSION);
  return Math.max(1, wanted === 0 ? possible : Math.min(wanted, possible));
}
