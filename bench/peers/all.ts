import { framegatePeers, type Tree } from "./framegate.ts";
import { haproxy } from "./haproxy.ts";
import { nginx, nginxLargeBuffers } from "./nginx.ts";
import { nodeRelays } from "./node-relays.ts";
import type { Peer } from "./peer.ts";
import { relay } from "./relay.ts";
import { bun, deno, workerd } from "./runtimes.ts";

/** The rows, in the order of the tables. */
export function allPeers(trees: readonly Tree[]): readonly Peer[] {
  const others = [relay, nginx, nginxLargeBuffers, haproxy, ...nodeRelays, bun, deno, workerd];
  return [...others, ...framegatePeers(trees)];
}
