import type { PacketHandler, Protocol, SideName } from "./protocol.ts";

export type Handler<Packet, Own, Back> = PacketHandler<Packet, Own, Back>;

/** Of a side, by kind of packet. What they take and give is what the kind says. */
export type Handlers = ReadonlyMap<string, Handler<never, unknown, unknown>>;

/**
 * The handlers that the author of a policy gives a lens. Throws at a name of which nothing comes: it would be a check that nobody makes.
 *
 * @param lens what it is called, for the message
 */
export function sortHandlers(
  lens: string,
  given: object,
  { client, server, both }: Readonly<Record<keyof Protocol, readonly string[]>>,
): Readonly<Record<SideName, Handlers>> {
  const sorted = { client: new Map(), server: new Map() };
  for (const [name, value] of Object.entries(given)) {
    if (value === undefined) continue;
    if (both.length > 0 && (name === "client" || name === "server")) {
      for (const [kind, handler] of Object.entries(value as object)) {
        if (handler !== undefined) sorted[name].set(kind, require(both, `${name}.${kind}`, kind, handler));
      }
    } else {
      const from = client.includes(name) ? "client" : "server";
      sorted[from].set(name, require([...client, ...server], name, name, value));
    }
  }
  return sorted;

  function require(kinds: readonly string[], path: string, kind: string, handler: unknown): unknown {
    if (!kinds.includes(kind)) {
      const below = both.length === 0 ? [] : [`below \`client\` and \`server\`: ${both.join(", ")}`];
      throw new TypeError(
        `${lens}: expected handlers with names of packets (${[...client, ...server, ...below].join(", ")}), got \`${path}\``,
      );
    }
    if (typeof handler === "function") return handler;
    throw new TypeError(`${lens}: expected \`${path}\` to be a function`);
  }
}
