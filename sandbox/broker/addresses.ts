import { BlockList, isIP } from "node:net";

/** Networks that are not the internet's: IANA's special-purpose registries (RFC 6890 and its updates). */
const NETWORKS: readonly (readonly [address: string, prefix: number])[] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
];

/** Of IPv6 only the global unicast addresses are the internet's, but for those that hold an IPv4 address or nothing. */
const WITHIN: readonly (readonly [address: string, prefix: number])[] = [["2000::", 3]];
const WITHOUT: readonly (readonly [address: string, prefix: number])[] = [
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

export type AddressCheck = (address: string) => boolean;

/** Whether an address belongs to a private network, this machine, the link or nobody. */
export function createPrivateCheck(): AddressCheck {
  const v4 = listOf(NETWORKS, "ipv4");
  const global = listOf(WITHIN, "ipv6");
  const special = listOf(WITHOUT, "ipv6");
  return (address) => {
    const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
    const version = isIP(plain);
    if (version === 4) return v4.check(plain, "ipv4");
    if (version !== 6) return true;
    const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(plain)?.[1];
    if (mapped !== undefined) return v4.check(mapped, "ipv4");
    return !global.check(plain, "ipv6") || special.check(plain, "ipv6");
  };
}

function listOf(entries: readonly (readonly [string, number])[], family: "ipv4" | "ipv6"): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of entries) list.addSubnet(address, prefix, family);
  return list;
}
