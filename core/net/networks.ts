import { BlockList, isIP } from "node:net";

/** A set of addresses, each by itself or as a network: "10.0.0.1", "fd00::/8". What is neither is not in it. */
export function readNetworks(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = "", prefix] = network.split("/");
    const family = isIP(address) === 6 ? "ipv6" : "ipv4";
    if (prefix === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(prefix), family);
  }
  return list;
}

/** Whether a set has an address, IPv4 in the clothes of IPv6 included. What is no address is in none. */
export function hasAddress(list: BlockList, address: string): boolean {
  const family = isIP(address);
  return family !== 0 && list.check(address, family === 6 ? "ipv6" : "ipv4");
}

export function isNetwork(text: string): boolean {
  const [, address = "", prefix = "0"] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix) <= (family === 4 ? 32 : 128);
}

/** Bits that a network leaves open: the fewer the more specific it is. IPv4 and IPv6 compare. @param network as `isNetwork` takes it */
export function openBits(network: string): number {
  const [address = "", prefix] = network.split("/");
  return prefix === undefined ? 0 : (isIP(address) === 6 ? 128 : 32) - Number(prefix);
}

/** One text for each network, however it is written: "10.1.2.3/8" is "10.0.0.0/8". @param network as `isNetwork` takes it */
export function canonicalNetwork(network: string): string {
  const [address = ""] = network.split("/");
  const groups = isIP(address) === 6 ? readGroups(address) : address.split(".").map(Number);
  const bitsEach = isIP(address) === 6 ? 16 : 8;
  const open = openBits(network);
  const cleared = groups.map((group, index) => {
    const after = (groups.length - 1 - index) * bitsEach;
    const bits = Math.min(bitsEach, Math.max(0, open - after));
    return (group >> bits) << bits;
  });
  const text = isIP(address) === 6 ? cleared.map((group) => group.toString(16)).join(":") : cleared.join(".");
  return `${text}/${groups.length * bitsEach - open}`;
}

/** Whose an address is: an IPv4 address, in whatever clothes, is one client; an IPv6 address is one of a network's many. */
export function clientNetwork(address: string, ipv6Prefix: number): string {
  const inner = /^::ffff:([\d.]+)$/i.exec(address)?.[1] ?? address;
  return isIP(inner) === 6 ? canonicalNetwork(`${inner}/${ipv6Prefix}`) : inner;
}

/** The eight groups of an IPv6 address. */
function readGroups(address: string): number[] {
  // As a URL's host it has no IPv4 part any more, and no zone.
  const host = new URL(`http://[${address.replace(/%.*/, "")}]`).hostname.slice(1, -1);
  const [before = "", after] = host.split("::");
  const read = (part: string): number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  const [left, right] = [read(before), read(after ?? "")];
  return after === undefined ? left : [...left, ...Array(8 - left.length - right.length).fill(0), ...right];
}
