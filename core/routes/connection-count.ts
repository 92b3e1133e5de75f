import type { ConnectionLimits } from "../config/index.ts";
import { CappedCount } from "../leases/caps/capped-count.ts";
import { type CapLimit, type CapPlaces, capKey } from "../leases/caps/places.ts";
import { type Soon, whenThere } from "../leases/caps/soon.ts";

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

export type CountEntry = ({ readonly isFull: true } & FullLimit) | CountedConnection;

export interface CountedConnection {
  readonly isFull: false;
  /** Counts it by a key that was not known before. @returns what is full; undefined: it is counted */
  enterKey(key: string): Soon<FullLimit | undefined>;
  /** Counts the connection out; more calls than one do nothing. */
  leave(): void;
}

/** One limit that a connection has to pass. */
interface Bound extends FullLimit {
  enter(): Soon<boolean>;
  leave(): void;
}

/**
 * Counts the connections of one route, from before the `upgrade` hooks to the session's end, over all processes; those of
 * an address or key only while there is a limit on them.
 */
export class ConnectionCount {
  readonly #route: string;
  readonly #places: CapPlaces;
  readonly #all: CappedCount;

  constructor(route: string, places: CapPlaces) {
    this.#route = route;
    this.#places = places;
    this.#all = new CappedCount(places, capKey("fleet", "route", route));
  }

  /** What holds from now on, also for those that are open. */
  update({ route, onStoreLoss }: ConnectionLimits): void {
    this.#all.limit(route, onStoreLoss);
  }

  enter(limits: ConnectionLimits, { address, key }: ConnectionSource): Soon<CountEntry> {
    const bounds = [
      // The narrowest first: who has too many by himself takes nobody's place meanwhile.
      ...(key === undefined ? [] : this.#keyBound(limits, key)),
      ...this.#addressBound(limits, address),
      this.#routeBound(limits),
    ];
    const passed: Bound[] = [];
    const leave = (): void => {
      for (const bound of passed.splice(0)) bound.leave();
    };
    let isIn = true;
    const entry: CountedConnection = {
      isFull: false,
      enterKey: (value) =>
        whenThere(pass(this.#keyBound(limits, value), passed), (full) => {
          // It has left while the book was asked.
          if (!isIn) leave();
          return full;
        }),
      leave: () => {
        isIn = false;
        leave();
      },
    };
    return whenThere(pass(bounds, passed), (full): CountEntry => {
      if (full === undefined) return entry;
      leave();
      return { isFull: true, limit: full.limit, detail: full.detail };
    });
  }

  #routeBound({ route }: ConnectionLimits): Bound {
    const all = this.#all;
    const detail = `connections.route: ${route} are open, as many as may be`;
    return { limit: route, detail, enter: () => all.enter(), leave: () => all.leave() };
  }

  #addressBound({ perAddress, onStoreLoss }: ConnectionLimits, address: string): readonly Bound[] {
    if (perAddress === 0) return [];
    const detail = `connections.perAddress: ${address} has ${perAddress} open, as many as it may`;
    return [this.#bound({ most: perAddress, onStoreLoss }, detail, "address", address)];
  }

  #keyBound({ perKey, key: { from, name }, onStoreLoss }: ConnectionLimits, key: string): readonly Bound[] {
    if (perKey === 0) return [];
    const detail = `connections.perKey: this client's ${from} "${name}" has ${perKey} open, as many as it may`;
    return [this.#bound({ most: perKey, onStoreLoss }, detail, "key", from, name, key)];
  }

  #bound(cap: CapLimit, detail: string, ...what: readonly string[]): Bound {
    const places = this.#places;
    const key = capKey("fleet", "route", this.#route, ...what);
    return { limit: cap.most, detail, enter: () => places.take(key, cap), leave: () => places.give(key) };
  }
}

/** @returns the first that is full; without it all have been passed */
function pass(bounds: readonly Bound[], passed: Bound[]): Soon<FullLimit | undefined> {
  const [bound, ...rest] = bounds;
  if (bound === undefined) return undefined;
  return whenThere(bound.enter(), (isIn): Soon<FullLimit | undefined> => {
    if (!isIn) return bound;
    passed.push(bound);
    return pass(rest, passed);
  });
}
