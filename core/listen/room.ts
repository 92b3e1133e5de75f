import type { Socket } from "node:net";
import { type CapPlaces, capKey } from "../leases/caps/places.ts";
import { type Soon, whenThere } from "../leases/caps/soon.ts";

/** Connections that are told why they are closed, at a time; the rest are just closed. */
const MOST_TURNED_AWAY = 16;
const TURN_AWAY_MS = 1_000;

const openKey = capKey("machine", "connections");

const fullAnswer = [
  "HTTP/1.1 503 Service Unavailable",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Length: 24",
  "Retry-After: 1",
  "Connection: close",
  "",
  "503 Service Unavailable\n",
].join("\r\n");

export interface RoomLimits {
  /** Of this process: one more would cost those that are open the descriptors they need. */
  readonly possible: number;
  /** What that is, and what to do about it. */
  readonly why: string;
  /** Over all processes. 0: no more than is possible. */
  readonly wanted: number;
}

/** How many connections there is room for. */
export class Room {
  readonly #limits: RoomLimits;
  readonly #places: CapPlaces;
  #open = 0;
  /** One for all of them, and not `once`, which makes another for each. */
  readonly #leave = (): void => {
    this.#open--;
  };
  readonly #giveBack = (): void => this.#places.give(openKey);
  #turnedAway = 0;

  constructor(limits: RoomLimits, places: CapPlaces) {
    this.#limits = limits;
    this.#places = places;
  }

  /** @returns undefined: there is room, and the connection has it until it is closed; what there is to say when there is none */
  enter(socket: Socket): Soon<string | undefined> {
    const { possible, why, wanted } = this.#limits;
    if (this.#open >= possible) return `${possible} connections are open: ${why}`;
    this.#open++;
    socket.on("close", this.#leave);
    if (wanted === 0) return undefined;
    // Nobody else listens yet, if it has to wait.
    socket.on("error", ignore);
    return whenThere(this.#places.take(openKey, { most: wanted, onStoreLoss: "local" }), (isIn) => {
      socket.off("error", ignore);
      if (!isIn) return `${wanted} connections are open: the option maxConnections is ${wanted}`;
      if (socket.destroyed) this.#places.give(openKey);
      else socket.on("close", this.#giveBack);
      return undefined;
    });
  }

  /** @param speaksTls it could not read the answer without a handshake, which costs more than there is */
  turnAway(socket: Socket, speaksTls: boolean): void {
    socket.on("error", () => {});
    if (speaksTls || this.#turnedAway >= MOST_TURNED_AWAY) return void socket.destroy();
    this.#turnedAway++;
    const patience = setTimeout(() => socket.destroy(), TURN_AWAY_MS);
    socket.once("close", () => {
      this.#turnedAway--;
      clearTimeout(patience);
    });
    // Read, for a close over unread bytes is a reset, which can overtake the answer.
    socket.once("end", () => socket.destroy());
    socket.resume().end(fullAnswer);
  }
}

function ignore(): void {}
