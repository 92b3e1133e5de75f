import type { EventEmitter } from "node:events";
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

/** Who has its part of the upgrades of a server. */
export interface UpgradeTaker {
  /** Whether it is for this one to answer, and nobody else hears of it. */
  concerns(request: IncomingMessage): boolean;
  /** Also of what is nobody's, where nobody else would answer. */
  take(upgrade: ServerUpgrade): void;
}

/**
 * Stands before the `upgrade` listeners of a server, those that are there and those that come: many answer whatever they
 * get, as `ws` does with 400 on a path that is not its own. All takers of a server share one place before it: each would
 * take the other for a listener that answers.
 *
 * @returns gives the server back: as it was, once nobody takes anything
 * @throws where the server reads HTTP/2 alone
 */
export function interceptUpgrades(server: TakenServer, taker: UpgradeTaker): () => void {
  // What all have that read HTTP/1.1, those of node:http2 with `allowHTTP1` too.
  if (!("headersTimeout" in server))
    throw new Error(
      "attach: expected a server of node:http or node:https, or one of node:http2 with `allowHTTP1`, got one that reads HTTP/2 alone: no upgrade comes by it. Attach one that reads HTTP/1.1",
    );
  const upgrades = isInPlace(server) ? server[upgradesOf]! : interceptServer(server);
  server[upgradesOf] = upgrades;
  upgrades.add(taker);
  return () => upgrades.remove(taker);
}

/** Where a server listens for one of the latter, Node tells of a request by that alone. */
const ANSWERED: ReadonlySet<string | symbol> = new Set(["request", "checkContinue", "checkExpectation"]);
const upgradesOf = Symbol("framegate.upgrades");
const roll = Symbol("framegate.roll");

type TakenServer = Server & {
  [upgradesOf]?: ServerUpgrades;
  /** Of Node 24.9 and later. */
  shouldUpgradeCallback?: (this: Server, request: IncomingMessage) => boolean;
};

interface ServerUpgrades {
  /** Set by its own event, which comes by where `emit` still leads through here. */
  isHeard: boolean;
  add(taker: UpgradeTaker): void;
  remove(taker: UpgradeTaker): void;
}

/** Who came later may have put its own `emit` before this one, or have thrown this one out. */
function isInPlace(server: TakenServer): boolean {
  const upgrades = server[upgradesOf];
  if (upgrades === undefined) return false;
  upgrades.isHeard = false;
  (server as EventEmitter).emit(roll);
  return upgrades.isHeard;
}

function interceptServer(server: TakenServer): ServerUpgrades {
  const answers = new LastAnswers();
  const takers = new Set<UpgradeTaker>();
  const { emit, shouldUpgradeCallback } = server;
  const isOwn = Object.hasOwn(server, "emit");
  // Without a listener Node takes an upgrade for a plain request.
  const placeholder = (): void => {};

  const upgrades: ServerUpgrades = {
    isHeard: false,
    add(taker) {
      if (takers.size === 0) hold();
      takers.add(taker);
    },
    remove(taker) {
      takers.delete(taker);
      if (takers.size > 0) return;
      server.off("upgrade", placeholder);
      if (shouldUpgradeCallback !== undefined && server.shouldUpgradeCallback === shouldUpgrade)
        server.shouldUpgradeCallback = shouldUpgradeCallback;
      // Somebody may have put something before it, which calls what it has found.
      if (server.emit !== intercept) return;
      if (isOwn) server.emit = emit;
      else Reflect.deleteProperty(server, "emit");
    },
  };
  server.emit = intercept as Server["emit"];
  return upgrades;

  function hold(): void {
    server.on("upgrade", placeholder);
    if (shouldUpgradeCallback !== undefined) server.shouldUpgradeCallback = shouldUpgrade;
  }

  function intercept(this: Server, event: string | symbol, ...args: unknown[]): boolean {
    const pass = (): boolean => Reflect.apply(emit, this, [event, ...args]);
    if (event === roll) {
      upgrades.isHeard = true;
      return true;
    }
    if (takers.size === 0) return pass();
    if (ANSWERED.has(event)) {
      const [request, response] = args as [IncomingMessage, ServerResponse];
      answers.note(request.socket, response);
    }
    if (event !== "upgrade") return pass();
    const [request, socket, head] = args as [IncomingMessage, Socket, Buffer];
    const hand = (isPipelined: boolean): void => {
      const taker = takerOf(request, this.listeners("upgrade"));
      if (taker !== undefined) taker.take({ request, socket, head, isPipelined });
      // All may have gone while an answer was still owed.
      else if (!pass()) socket.destroy();
    };
    if (!answers.whenDone(socket, () => hand(true))) hand(false);
    return true;
  }

  /** What asks for another protocol, as HTTP/2 in the clear, stays a plain request where it was one before. */
  function shouldUpgrade(this: Server, request: IncomingMessage): boolean {
    const isWebSocket = request.headers.upgrade?.toLowerCase() === "websocket";
    if (takers.size > 0) {
      if (isElseLost(this.listeners("upgrade"))) return isWebSocket;
      if (isWebSocket && [...takers].some((taker) => taker.concerns(request))) return true;
    }
    return Reflect.apply(shouldUpgradeCallback!, this, [request]);
  }

  function isElseLost(listeners: readonly unknown[]): boolean {
    return listeners.every((listener) => listener === placeholder);
  }

  function takerOf(request: IncomingMessage, listeners: readonly unknown[]): UpgradeTaker | undefined {
    const all = [...takers];
    return all.find((taker) => taker.concerns(request)) ?? (isElseLost(listeners) ? all[0] : undefined);
  }
}
