import type { ConnectionLimits } from "../config/index.ts";

export interface ConnectionSource {
  readonly address: string;
  /** The value that `perKey` counts by; undefined when the request has none, or it is not known yet. */
  readonly key: string | undefined;
}

/** A limit that there is no room below. */
export interface FullLimit {
  readonly limit: number;
  readonly detail: string;
}

export type CountEntry =
  | ({ readonly isFull: true } & FullLimit)
  | {
      readonly isFull: false;
      /** Counts it by a key that was not known before. @returns what is full; undefined: it is counted */
      enterKey(key: string): FullLimit | undefined;
      /** Counts the connection out; more calls than one do nothing. */
      leave(): void;
    };

/**
 * Counts the connections of one route in this process, from before the `upgrade` hooks to the session's end; those of
 * an address or key only while there is a limit on them.
 */
export class ConnectionCount {
  #all = 0;
  readonly #byAddress = new Map<string, number>();
  readonly #byKey = new Map<string, number>();

  enter(limits: ConnectionLimits, { address, key }: ConnectionSource): CountEntry {
    const full = this.#findFull(limits, address, key);
    if (full !== undefined) return { isFull: true, ...full };
    const countsAddress = limits.perAddress > 0;
    let counted: string | undefined;
    let isIn = true;
    const countKey = (value: string): void => {
      if (limits.perKey === 0 || !isIn) return;
      counted = value;
      add(this.#byKey, value, 1);
    };
    this.#all++;
    if (countsAddress) add(this.#byAddress, address, 1);
    if (key !== undefined) countKey(key);
    return {
      isFull: false,
      enterKey: (value) => {
        const full = this.#findFullKey(limits, value);
        if (full === undefined) countKey(value);
        return full;
      },
      leave: () => {
        if (!isIn) return;
        isIn = false;
        this.#all--;
        if (countsAddress) add(this.#byAddress, address, -1);
        if (counted !== undefined) add(this.#byKey, counted, -1);
      },
    };
  }

  #findFull(limits: ConnectionLimits, address: string, key: string | undefined): FullLimit | undefined {
    const { route, perAddress } = limits;
    if (isReached(route, this.#all)) return { limit: route, detail: `connections.route: ${route} are open` };
    if (isReached(perAddress, this.#byAddress.get(address)))
      return { limit: perAddress, detail: `connections.perAddress: ${perAddress} of ${address} are open` };
    return key === undefined ? undefined : this.#findFullKey(limits, key);
  }

  #findFullKey({ perKey, key: { from, name } }: ConnectionLimits, key: string): FullLimit | undefined {
    if (!isReached(perKey, this.#byKey.get(key))) return undefined;
    return { limit: perKey, detail: `connections.perKey: ${perKey} of one ${from} ${name} are open` };
  }
}

function isReached(limit: number, count = 0): boolean {
  return limit > 0 && count >= limit;
}

function add(counts: Map<string, number>, key: string, change: number): void {
  const count = (counts.get(key) ?? 0) + change;
  if (count === 0) counts.delete(key);
  else counts.set(key, count);
}
