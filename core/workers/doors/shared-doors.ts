import type { ListenerConfig } from "../../config/index.ts";
import { type BoundAddress, bindAddress } from "../../listen/address-handle.ts";
import type { Door } from "../../listen/door.ts";
import { type Worker, WorkerGoneError } from "../worker.ts";

/** Who accepts. */
export type Acceptor = Pick<Worker, "accept" | "ended">;

interface SharedDoor {
  readonly key: string;
  readonly address: BoundAddress;
  readonly backlog: number;
}

/**
 * Doors that workers accept at by themselves, which spares each connection the way through this process. An address is
 * bound here and stays so when workers end: who comes meanwhile waits in the system's queue for their successors.
 */
export class SharedDoors {
  readonly #patienceMs: number;
  readonly #acceptors = new Set<Acceptor>();
  readonly #doors = new Map<string, SharedDoor>();

  /** @param patienceMs A worker that has not answered for so long has lost the address on its way. */
  constructor(patienceMs: number) {
    this.#patienceMs = patienceMs;
  }

  /** Workers leave when they are told that the listener has gone. Rejects with the system's error, or a worker's. */
  async open(key: string, config: ListenerConfig): Promise<Door> {
    const address = await bindAddress(config);
    const door = { key, address, backlog: config.backlog };
    this.#doors.set(key, door);
    const close = (): void => {
      this.#doors.delete(key);
      address.handle.close();
    };
    try {
      await Promise.all([...this.#acceptors].map((acceptor) => this.#offer(door, acceptor)));
    } catch (error) {
      close();
      const { host, port } = address;
      const { code, message } = error as NodeJS.ErrnoException;
      const failure = new Error(`listen ${host}:${port}: ${message}`, { cause: error });
      throw Object.assign(failure, { code, address: host, port });
    }
    return { address: { host: address.host, port: address.port }, close };
  }

  /** A worker that has what it needs to serve: it accepts at all doors there are, and at those to come. */
  async admit(acceptor: Acceptor): Promise<void> {
    this.#acceptors.add(acceptor);
    await Promise.all([...this.#doors.values()].map((door) => this.#offer(door, acceptor)));
  }

  /** It is no more. */
  dismiss(acceptor: Acceptor): void {
    this.#acceptors.delete(acceptor);
  }

  async #offer({ key, address, backlog }: SharedDoor, acceptor: Acceptor): Promise<void> {
    const late = Promise.withResolvers<never>();
    // It may have been lost on its way, for want of a descriptor: nobody tells of that.
    const patience = setTimeout(
      () => late.reject(new Error(`a worker has not accepted there within ${this.#patienceMs} ms`)),
      this.#patienceMs,
    );
    try {
      await Promise.race([acceptor.accept?.(key, address, backlog), late.promise]);
    } catch (error) {
      if (!(error instanceof WorkerGoneError)) throw error;
      // One that ends has a successor, which is offered it too. One that could not be reached and lives on has not.
      await Promise.race([acceptor.ended, late.promise]).catch(() => {
        throw new Error(`a worker cannot be given it: ${error.message}`, { cause: error });
      });
    } finally {
      clearTimeout(patience);
    }
  }
}
