/** Of one worker: clients that wait for a server, and memory for what they have sent. */
const MOST_HELD = 10_000;
const MOST_BYTES = 256 * 1024 * 1024;

/** So much of it is to be free again before clients are read again that were not for want of it. */
const FREE_AGAIN = 1 / 8;

/** How many clients a worker holds that have no server yet, and what it keeps of them. */
export class HoldRoom {
  readonly #mostClients: number;
  readonly #mostBytes: number;
  readonly #places = new Set<HoldPlace>();
  #bytes = 0;
  #isFull = false;

  constructor(mostClients = MOST_HELD, mostBytes = MOST_BYTES) {
    this.#mostClients = mostClients;
    this.#mostBytes = mostBytes;
  }

  /** That wait now. */
  get clients(): number {
    return this.#places.size;
  }

  /** None of them is to be read. */
  get isFull(): boolean {
    return this.#isFull;
  }

  /** @returns undefined: there is none */
  enter(): HoldPlace | undefined {
    if (this.#places.size >= this.#mostClients || this.#isFull) return undefined;
    const place: HoldPlace = new HoldPlace(
      this,
      (bytes) => this.#count(bytes),
      () => this.#places.delete(place),
    );
    this.#places.add(place);
    return place;
  }

  #count(bytes: number): void {
    this.#bytes += bytes;
    const bound = this.#isFull ? this.#mostBytes * (1 - FREE_AGAIN) : this.#mostBytes;
    const isFull = this.#bytes >= bound;
    if (isFull === this.#isFull) return;
    this.#isFull = isFull;
    for (const place of this.#places) place.onRoom?.();
  }
}

/** Of one client, which has it until it leaves. */
export class HoldPlace {
  /** The room is full, or not any more. */
  onRoom: (() => void) | undefined;
  readonly #room: Pick<HoldRoom, "isFull" | "clients">;
  readonly #count: (bytes: number) => void;
  readonly #giveUp: () => boolean;
  #bytes = 0;

  constructor(
    room: Pick<HoldRoom, "isFull" | "clients">,
    count: (bytes: number) => void,
    giveUp: () => boolean,
  ) {
    this.#room = room;
    this.#count = count;
    this.#giveUp = giveUp;
  }

  get isRoomFull(): boolean {
    return this.#room.isFull;
  }

  /** In the room. */
  get heldClients(): number {
    return this.#room.clients;
  }

  /** @param bytes of memory for what it has sent, from now on */
  keep(bytes: number): void {
    const more = bytes - this.#bytes;
    this.#bytes = bytes;
    if (more !== 0) this.#count(more);
  }

  /** More calls than one do nothing. */
  leave(): void {
    if (this.#giveUp()) this.keep(0);
  }
}
