import type { GatewayEvent } from "../events.ts";
import type { FromWorker } from "./messages.ts";

/** For how long what is told of a connection waits for more: nobody reads a log line, or a pulse, sooner. */
const LINGER_MS = 50;

/** What there is to tell of each connection or request: the events that come in numbers, and on which nothing waits. */
const LINGERING: ReadonlySet<GatewayEvent["type"]> = new Set([
  "session-start",
  "session-renewed",
  "session-end",
  "upgrade-refused",
  "request-proxied",
  "request-refused",
  "connection-refused",
]);

/**
 * What a worker process tells the supervisor, in that order. Each write wakes the other process, which costs both more than
 * what is in it: so what can wait goes along with what cannot, or in a moment with others of its kind.
 */
export class Outgoing {
  readonly #write: (messages: readonly FromWorker[]) => void;
  #waiting: FromWorker[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(write: (messages: readonly FromWorker[]) => void) {
    this.#write = write;
  }

  send(message: FromWorker): void {
    this.#waiting.push(message);
    if (message.type !== "event" || !LINGERING.has(message.event.type)) return this.#flush();
    // Not stopped by what goes before: it costs less to find nothing now and then.
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#waiting.length > 0) this.#flush();
    }, LINGER_MS);
  }

  #flush(): void {
    const messages = this.#waiting;
    this.#waiting = [];
    this.#write(messages);
  }
}
