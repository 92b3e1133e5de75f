import { type LookupAddress, lookup as lookupSystem } from "node:dns";
import { type BlockList, isIP, type LookupFunction } from "node:net";
import { hasAddress } from "../../net/networks.ts";
import type { Target } from "../../net/target.ts";
import { UpstreamError } from "./errors.ts";

/**
 * Keeps a connection from leading back to this gateway. The addresses of a name are looked at as they are used: what a
 * name stands for is its owner's affair, and may be another thing at each question. Of several, the others are dialled.
 *
 * @param own what must not be dialled at the target's port
 * @returns the lookup to dial with
 * @throws UpstreamError
 */
export function guardedLookup(
  target: Target,
  own: BlockList,
  lookup: LookupFunction = lookupSystem as LookupFunction,
): LookupFunction {
  if (isIP(target.host) !== 0 && hasAddress(own, target.host)) throw ownAddress(target);
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const addresses = (found as unknown as LookupAddress[] | undefined) ?? [];
      const allowed = addresses.filter(({ address }) => !hasAddress(own, address));
      const [first] = allowed;
      if (error !== null || (first === undefined && addresses.length === 0)) return callback(error, found);
      if (first === undefined) return callback(ownAddress(target), "", 0);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function ownAddress({ url }: Target): UpstreamError {
  const detail = `${url} is where this gateway itself listens, or its console: neither is a server to connect to`;
  return new UpstreamError("ERR_UPSTREAM_NOT_ALLOWED", detail);
}
