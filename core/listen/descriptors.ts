import { readFileSync } from "node:fs";
import type { CapPlaces } from "../leases/caps/places.ts";
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

/** Room for as many connections as this process can have, or fewer over all processes where that is wanted. */
export function openRoom(maxConnections: number, places: CapPlaces): Room {
  const limit = readDescriptorLimit();
  const possible = findMaxConnections(limit);
  const why = `this process may have ${limit} files open (ulimit -n, LimitNOFILE); raise that, or run more workers`;
  return new Room({ possible, why, wanted: maxConnections }, places);
}

/** How many clients can be connected to a process at a time. */
export function findMaxConnections(limit: number | undefined): number {
  if (limit === undefined) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.floor((limit - RESERVED) / DESCRIPTORS_A_SESSION));
}
