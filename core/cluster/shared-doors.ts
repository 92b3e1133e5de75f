import type { ListenerConfig } from "../config/index.ts";
import { type BoundAddress, bindAddress } from "../listen/address-handle.ts";
import type { Door } from "../listen/door.ts";
import { type Worker, WorkerGoneError } from "./worker.ts";

/** Who accepts. */
export type Acceptor = Pick<Worker, "accept">;

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
  readonly #acceptors = new Set<Acceptor>();
  readonly #doors = new Map<string, SharedDoor>();

  /** Workers leave when they are told that the listener has gone. Rejects with the system's error. */
  async open(key: string, config: ListenerConfig): Promise<Door> {
    const address = await bindAddress(config);
    const door = { key, address, backlog: config.backlog };
    this.#doors.set(key, door);
    const close = (): void => {
      this.#doors.delete(key);
      address.handle.close();
    };
    try {
      await Promise.all([...this.#acceptors].map((acceptor) => admitTo(door, acceptor)));
    } catch (error) {
      close();
      const { host, port } = address;
      const { code = "" } = error as NodeJS.ErrnoException;
      throw Object.assign(new Error(`listen ${code} ${host}:${port}`), { code, address: host, port });
    }
    return { address: { host: address.host, port: address.port }, close };
  }

  /** A worker that has what it needs to serve: it accepts at all doors there are, and at those to come. */
  async admit(acceptor: Acceptor): Promise<void> {
    this.#acceptors.add(acceptor);
    await Promise.all([...this.#doors.values()].map((door) => admitTo(door, acceptor)));
  }

  /** It is no more. */
  dismiss(acceptor: Acceptor): void {
    this.#acceptors.delete(acceptor);
  }
}

/** One that ends meanwhile has a successor. */
async function admitTo({ key, address, backlog }: SharedDoor, acceptor: Acceptor): Promise<void> {
  try {
    await acceptor.accept?.(key, address, backlog);
  } catch (error) {
    if (!(error instanceof WorkerGoneError)) throw error;
  }
}
