import type { Peer } from "../peers/peer.ts";
import type { Goal } from "./goals.ts";
import type { Place } from "./results.ts";

/** All that is measured for these goals. */
export function placesOf(goals: readonly Goal[]): readonly Place[] {
  return goals.flatMap(({ of, over, minus }) => [of, over, minus].filter((place) => place !== undefined));
}

/** The rows that goals are about, each for those columns only that goals are about. */
export function rowsForGoals(goals: readonly Goal[], peers: readonly Peer[]): readonly Peer[] {
  const places = placesOf(goals);
  return peers.flatMap((peer) => {
    const only = places.filter(({ row }) => row === peer.id).map(({ column }) => column);
    return only.length === 0 ? [] : [{ ...peer, only }];
  });
}
