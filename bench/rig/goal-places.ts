import type { Peer } from "../peers/peer.ts";
import type { Goal } from "./goals.ts";
import type { Place } from "./results.ts";

/** All that is measured for these goals. */
export function placesOf(goals: readonly Goal[]): readonly Place[] {
  return goals.flatMap(({ of, over, minus }) => [of, over, minus].filter((place) => place !== undefined));
}

/** The rows that there is a place of, each for the columns of its places only. */
export function rowsFor(places: readonly Place[], peers: readonly Peer[]): readonly Peer[] {
  return peers.flatMap((peer) => {
    const only = places.filter(({ row }) => row === peer.id).map(({ column }) => column);
    return only.length === 0 ? [] : [{ ...peer, only }];
  });
}
