/** A range of addresses; those of IPv4 are IPv6's ::ffff:0:0/96, as a dual-stack socket has them. */
export interface AddressRange {
  readonly first: bigint;
  readonly prefix: number;
}

/** `10.0.0.0/8`, `2001:db8::/32`, or one address. Throws when it is none of these. */
export function parseRange(text: string): AddressRange {
  const [address = "", length, ...rest] = text.split("/");
  const first = parseAddress(address);
  const bits = address.includes(":") ? 128 : 32;
  const prefix = length === undefined ? bits : Number(length);
  const isLength = length === undefined || (/^\d{1,3}$/.test(length) && prefix <= bits);
  if (first === undefined || !isLength || rest.length > 0) {
    throw new RangeError(`expected an address or a range such as 10.0.0.0/8 or 2001:db8::/32, got "${text}"`);
  }
  return { first, prefix: prefix + 128 - bits };
}

export function isWithin(address: bigint, { first, prefix }: AddressRange): boolean {
  const rest = BigInt(128 - prefix);
  return address >> rest === first >> rest;
}

export function parseAddress(text: string): bigint | undefined {
  // The zone of a link-local address, `fe80::1%eth0`, is a name on this machine and no part of the address.
  const address = text.replace(/%.*$/, "");
  if (!address.includes(":")) {
    const value = parseIpv4(address);
    return value === undefined ? undefined : (0xffffn << 32n) | value;
  }
  return parseIpv6(address);
}

function parseIpv4(text: string): bigint | undefined {
  const parts = text.split(".");
  // No leading zeros: some readers take 010 for 8.
  const isFine =
    parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && +part < 256);
  return isFine ? parts.reduce((value, part) => (value << 8n) | BigInt(part), 0n) : undefined;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail = []] = halves.map(groupsOf);
  if (head === undefined || halves.map(groupsOf).includes(undefined)) return undefined;
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array<bigint>(missing).fill(0n), ...(tail ?? [])];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** The last two may be written as IPv4: `::ffff:192.0.2.1`. */
function groupsOf(text: string): bigint[] | undefined {
  if (text === "") return [];
  const parts = text.split(":");
  const last = parts.at(-1)!;
  const ipv4 = last.includes(".") ? parseIpv4(last) : undefined;
  const hex = last.includes(".") ? parts.slice(0, -1) : parts;
  if ((last.includes(".") && ipv4 === undefined) || !hex.every((part) => /^[0-9a-f]{1,4}$/i.test(part))) {
    return undefined;
  }
  const groups = hex.map((part) => BigInt(`0x${part}`));
  return ipv4 === undefined ? groups : [...groups, ipv4 >> 16n, ipv4 & 0xffffn];
}
