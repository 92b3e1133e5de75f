import { hasAddress, isNetwork, readNetworks } from "./networks.ts";
import { splitPeer } from "./peer.ts";

/**
 * Whether a peer, as records and sessions name it, is one that is meant.
 *
 * @param client an address, with its port or not; its first groups, "10.1"; or a network, "10.0.0.0/8"
 */
export function compileClientAddress(client: string): (peer: string) => boolean {
  if (!isNetwork(client)) return (peer) => beginsWith(peer, client);
  const network = readNetworks([client]);
  // With its port an address of IPv6 may read as another address.
  return (peer) => peer === client || hasAddress(network, splitPeer(peer).address);
}

/** Whole groups only: "10.1" is not how "10.10.0.1" begins, nor is a port's beginning the port. */
function beginsWith(address: string, groups: string): boolean {
  return (
    address.startsWith(groups) && (/[.:]$/.test(groups) || /^(?:$|[.:])/.test(address.slice(groups.length)))
  );
}
