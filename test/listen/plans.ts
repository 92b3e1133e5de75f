import type { Socket } from "node:net";
import { resolveConfig } from "../../core/config/index.ts";
import type { ListenerPlan } from "../../core/listen/listener-plan.ts";
import { at } from "../support/at.ts";

export const planFor = (port: number, handshakeTimeout = "10s"): ListenerPlan => ({
  config: at(resolveConfig({ listen: [{ port, handshakeTimeout }] }, { dir: "/" }).listen, 0),
});

/** A connection that says what becomes of it. */
export function caller(name: string, notes: string[] = []): Socket {
  const socket = {
    destroyed: false,
    destroy() {
      socket.destroyed = true;
      notes.push(`${name} closed`);
    },
    on() {},
    toString: () => name,
  };
  return socket as unknown as Socket;
}
