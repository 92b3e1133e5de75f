import { type LookupAddress, type LookupOptions, lookup as lookupSystem } from "node:dns";
import type { LookupFunction } from "node:net";

export type LookupAll = (host: string, options: LookupOptions) => Promise<readonly LookupAddress[]>;

/**
 * A lookup for `net.connect` that asks once for all addresses of a name and keeps them for a while; never longer, for
 * an address that is gone is worse than a slow dial. Each connection begins with the next of them; Node tries the
 * others when that one does not answer (RFC 8305).
 */
export function createDnsCache(
  maxAgeMs: number,
  now: () => number,
  lookupAll: LookupAll = lookupWithSystem,
): LookupFunction {
  const entries = new Map<
    string,
    { at: number; addresses: Promise<readonly LookupAddress[]>; turn: number }
  >();
  return (host, options, callback) => {
    // Options of one upstream are the same at each dial but for `all`, which the cache always asks for.
    const key = `${host} ${options.family ?? 0} ${options.hints ?? 0}`;
    let entry = entries.get(key);
    if (entry === undefined || now() - entry.at >= maxAgeMs) {
      entry = { at: now(), addresses: lookupAll(host, { ...options, all: true }), turn: 0 };
      const fresh = entry;
      entries.set(key, fresh);
      fresh.addresses.catch(() => {
        if (entries.get(key) === fresh) entries.delete(key);
      });
    }
    const turn = entry.turn++;
    entry.addresses.then(
      (addresses) => {
        const from = turn % addresses.length;
        const rotated = [...addresses.slice(from), ...addresses.slice(0, from)];
        const [first] = rotated;
        if (first === undefined) callback(new Error(`${host} has no address`), "", 0);
        else if (options.all) callback(null, rotated);
        else callback(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, "", 0),
    );
  };
}

function lookupWithSystem(host: string, options: LookupOptions): Promise<LookupAddress[]> {
  return new Promise((resolve, reject) => {
    lookupSystem(host, { ...options, all: true }, (error, addresses) => {
      if (error === null) resolve(addresses);
      else reject(error);
    });
  });
}
