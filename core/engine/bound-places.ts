import type { BlockList } from "node:net";
import type { NetAddress } from "../net/address.ts";
import { createOwnAddresses, type OwnAddresses } from "../net/own-addresses.ts";

/**
 * Where the gateway is bound, as its supervisor says: the listeners in one word, the console in another, and servers that it
 * is attached to in a third.
 */
export class BoundPlaces implements OwnAddresses {
  #listeners: readonly NetAddress[] = [];
  #consoles: readonly NetAddress[] = [];
  #attached: readonly NetAddress[] = [];
  #own = createOwnAddresses([]);

  listen(listeners: readonly NetAddress[]): void {
    this.#listeners = listeners;
    this.#join();
  }

  attach(servers: readonly NetAddress[]): void {
    this.#attached = servers;
    this.#join();
  }

  /** @param console undefined: there is none */
  showConsole(console: NetAddress | undefined): void {
    this.#consoles = console === undefined ? [] : [console];
    this.#join();
  }

  at(port: number): BlockList | undefined {
    return this.#own.at(port);
  }

  #join(): void {
    this.#own = createOwnAddresses([...this.#listeners, ...this.#consoles, ...this.#attached]);
  }
}
