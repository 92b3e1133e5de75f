import type { Socket } from "node:net";

/** Connections that are told why they are closed, at a time; the rest are just closed. */
const MOST_TURNED_AWAY = 16;
const TURN_AWAY_MS = 1_000;

const fullAnswer = [
  "HTTP/1.1 503 Service Unavailable",
  "Content-Type: text/plain; charset=utf-8",
  "Content-Length: 24",
  "Retry-After: 1",
  "Connection: close",
  "",
  "503 Service Unavailable\n",
].join("\r\n");

/** How many connections a process has room for. One more would cost those that are open the descriptors they need. */
export class Room {
  readonly #max: number;
  /** What there is to say when there is none. */
  readonly words: string;
  #open = 0;
  /** One for all of them, and not `once`, which makes another for each. */
  readonly #leave = (): void => {
    this.#open--;
  };
  #turnedAway = 0;

  /** @param why so many */
  constructor(max: number, why: string) {
    this.#max = max;
    this.words = `${max} connections are open: ${why}`;
  }

  /** @returns whether there is room: the connection has it until it is closed */
  enter(socket: Socket): boolean {
    if (this.#open >= this.#max) return false;
    this.#open++;
    socket.on("close", this.#leave);
    return true;
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
