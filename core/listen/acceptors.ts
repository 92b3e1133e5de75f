import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Handle } from "./address-handle.ts";
import { CONNECTION, PER_CONNECTION, presetConnections } from "./connection-options.ts";

/** Whose connections this process accepts by itself, by the key of the listener. The address is somebody else's, and stays. */
export class Acceptors {
  readonly #take: (key: string, socket: Socket) => void;
  readonly #servers = new Map<string, Server>();
  #isClosed = false;

  constructor(take: (key: string, socket: Socket) => void) {
    this.#take = take;
  }

  /** Settles when it listens. Rejects with the system's error. */
  async add(key: string, handle: Handle, backlog: number): Promise<void> {
    // Told before the end, and come after it: nobody is let in any more.
    if (this.#isClosed || this.#servers.has(key)) return handle.close();
    const isPreset = presetConnections(handle);
    const options = isPreset ? CONNECTION : { ...CONNECTION, ...PER_CONNECTION };
    const server = createServer(options, (socket) => this.#take(key, socket));
    const listening = once(server, "listening");
    server.listen(handle, backlog);
    this.#servers.set(key, server);
    try {
      await listening;
    } catch (error) {
      this.#servers.delete(key);
      throw error;
    }
    // An accept that fails (EMFILE) concerns one connection; the next may be fine.
    server.on("error", () => {});
  }

  /** Of these and of no others. */
  keep(keys: readonly string[]): void {
    for (const [key, server] of this.#servers) {
      if (keys.includes(key)) continue;
      this.#servers.delete(key);
      server.close();
    }
  }

  /** Of none, for good. */
  close(): void {
    this.#isClosed = true;
    this.keep([]);
  }
}
