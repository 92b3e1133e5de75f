import type { BlockList } from "node:net";
import type { NetAddress } from "../net/address.ts";
import { createOwnAddresses, type OwnAddresses } from "../net/own-addresses.ts";

/** Where the gateway is bound, as its supervisor says: the listeners in one word, the console in another. */
export class BoundPlaces implements OwnAddresses {
  #listeners: readonly NetAddress[] = [];
  #consoles: readonly NetAddress[] = [];
  #own = createOwnAddresses([]);

  listen(listeners: readonly NetAddress[]): void {
    this.#listeners = listeners;
    this.#own = createOwnAddresses([...listeners, ...this.#consoles]);
  }

  /** @param console undefined: there is none */
  showConsole(console: NetAddress | undefined): void {
    this.#consoles = console === undefined ? [] : [console];
    this.#own = createOwnAddresses([...this.#listeners, ...this.#consoles]);
  }

  at(port: number): BlockList | undefined {
    return this.#own.at(port);
  }
}
