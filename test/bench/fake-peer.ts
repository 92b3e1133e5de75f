import type { Peer } from "../../bench/peers/peer.ts";

/** A row that is never started. */
export function fakePeer(id: string, changes: Partial<Peer> = {}): Peer {
  return {
    id,
    title: `the ${id}`,
    isUsual: true,
    rewrites: false,
    reloads: false,
    missing: () => undefined,
    start: () => Promise.reject(new Error(`${id} does not start`)),
    ...changes,
  };
}
