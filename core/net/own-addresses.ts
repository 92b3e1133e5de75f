import { BlockList, isIP } from "node:net";
import { networkInterfaces } from "node:os";
import type { NetAddress } from "./address.ts";
import { hasAddress } from "./networks.ts";

/** Where this gateway itself is reached: no connection to a server may lead there. */
export interface OwnAddresses {
  /** What must not be dialled at this port; undefined: anything may. */
  at(port: number): BlockList | undefined;
}

/**
 * @param listening where its listeners and its console are bound
 * @param ofMachine addresses that a listener on all of them has; asked for when they matter, for they change
 */
export function createOwnAddresses(
  listening: readonly NetAddress[],
  ofMachine: () => readonly string[] = addressesOfMachine,
): OwnAddresses {
  return {
    at(port) {
      const hosts = listening
        .filter((each) => each.socket === undefined && each.port === port)
        .map(({ host }) => host);
      if (hosts.length === 0) return undefined;
      const list = new BlockList();
      for (const host of hosts) addHost(list, host, ofMachine);
      return list;
    },
  };
}

/** Whether a list has the host of a URL; "localhost" is what it stands for, other names are not looked up. */
export function blocksHost(list: BlockList, host: string): boolean {
  const plain = host.replace(/^\[|\]$/g, "").toLowerCase();
  if (plain === "localhost") return hasAddress(list, "127.0.0.1") || hasAddress(list, "::1");
  return hasAddress(list, plain);
}

/** By whatever address somebody reaches what is bound to this one. */
function addHost(list: BlockList, host: string, ofMachine: () => readonly string[]): void {
  const isV4 = isIP(host) === 4;
  const isEverywhere = isIP(host) === 0 || host === "0.0.0.0" || host === "::";
  if (!isEverywhere) {
    addAddress(list, host);
    // A connection to the unspecified address is one to loopback.
    if (host === "127.0.0.1") addAddress(list, "0.0.0.0");
    if (host === "::1") addAddress(list, "::");
    return;
  }
  list.addSubnet("127.0.0.0", 8, "ipv4");
  addAddress(list, "0.0.0.0");
  const others = ["::", "::1", ...ofMachine()];
  // The unspecified address of IPv6 takes IPv4 too, but not the other way round.
  for (const address of others) if (!isV4 || isIP(address) === 4) addAddress(list, address);
}

function addAddress(list: BlockList, address: string): void {
  list.addAddress(address, isIP(address) === 4 ? "ipv4" : "ipv6");
}

function addressesOfMachine(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries = []) => entries.map(({ address }) => address));
}
