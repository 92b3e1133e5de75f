import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { LastAnswers } from "../listen/last-answers.ts";

/** A request for an upgrade, as Node gives it. */
export interface ServerUpgrade {
  readonly request: IncomingMessage;
  readonly socket: Socket;
  readonly head: Buffer;
  /** It was sent before the request ahead of it had its answer. */
  readonly isPipelined: boolean;
}

/**
 * Stands before the `upgrade` listeners of a server, those that are there and those that come: many answer whatever they
 * get, as `ws` does with 400 on a path that is not its own.
 *
 * @param take whether it is taken: nobody else hears of it then. What nobody is there for must be
 * @returns gives the server back as it was
 */
export function interceptUpgrades(
  server: Server,
  take: (upgrade: ServerUpgrade, isElseLost: boolean) => boolean,
): () => void {
  const answers = new LastAnswers();
  const { emit } = server;
  // Without a listener Node takes an upgrade for a plain request.
  const placeholder = (): void => {};
  server.on("upgrade", placeholder);
  const intercept = function (this: Server, event: string | symbol, ...args: unknown[]): boolean {
    const pass = (): boolean => Reflect.apply(emit, this, [event, ...args]);
    if (event === "request") {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      answers.note(request.socket, response);
    }
    if (event !== "upgrade") return pass();
    const [request, socket, head] = args as [IncomingMessage, Socket, Buffer];
    const hand = (isPipelined: boolean): void => {
      const isElseLost = this.listeners("upgrade").every((listener) => listener === placeholder);
      if (!take({ request, socket, head, isPipelined }, isElseLost)) pass();
    };
    if (!answers.whenDone(socket, () => hand(true))) hand(false);
    return true;
  };
  server.emit = intercept as Server["emit"];
  return () => {
    server.off("upgrade", placeholder);
    // Somebody may have put something before it: that calls what it has found.
    if (server.emit === intercept) server.emit = emit;
  };
}
