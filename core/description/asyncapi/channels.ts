import { DescriptionError } from "../errors.ts";
import type { AsyncApiDocument, Channel } from "./document.ts";

const PROTOCOLS = ["ws", "wss"];

/**
 * The channels whose messages go over one connection: those that are named, or the only one.
 *
 * @param names as the document has them, or their addresses; none for the only channel
 */
export function chooseChannels(
  document: AsyncApiDocument,
  names: readonly string[],
  file: string,
): readonly [Channel, ...Channel[]] {
  const channels = document.channels().all();
  const ofWebSockets = channels.filter(isOfWebSockets);
  const shown = ofWebSockets
    .map((channel) => `\n  ${channel.id()} (${channel.address() ?? "no address"})`)
    .join("");
  if (ofWebSockets.length === 0) {
    const protocols = channels.flatMap((channel) =>
      channel
        .servers()
        .all()
        .map((server) => server.protocol()),
    );
    const message =
      channels.length === 0
        ? `${file} has no channels, so that there is nothing to check.`
        : `${file}: no channel is on a server with the protocol ws or wss, got ${[...new Set(protocols)].join(", ")}.`;
    throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", message);
  }
  if (names.length === 0) {
    const [only, ...others] = ofWebSockets;
    if (only !== undefined && others.length === 0) return [only];
    const message = `${file} has ${ofWebSockets.length} channels. Name the one that is meant with --channel, or several whose messages share a connection:${shown}`;
    throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", message);
  }
  const chosen = names.map((name) => {
    const found = ofWebSockets.find((channel) => channel.id() === name || channel.address() === name);
    if (found !== undefined) return found;
    throw new DescriptionError(
      "ERR_DESCRIPTION_CHANNEL",
      `${file} has no channel "${name}" of WebSockets. It has:${shown}`,
    );
  });
  return chosen as [Channel, ...Channel[]];
}

/** One without servers may be on any. */
function isOfWebSockets(channel: Channel): boolean {
  const servers = channel.servers().all();
  return servers.length === 0 || servers.some((server) => PROTOCOLS.includes(server.protocol()));
}

/** The path of a route: parameters as routes have them, and without a query. */
export function routePathOf(channel: Channel): string {
  const server = channel
    .servers()
    .all()
    .find((each) => PROTOCOLS.includes(each.protocol()));
  const below = `${server?.pathname?.() ?? ""}/${channel.address() ?? ""}`;
  const path = below.replace(/[?#].*$/, "").replaceAll(/\/{2,}/g, "/");
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  return trimmed.replaceAll(/\{([^}]*)\}/g, (_, name: string) => `:${parameterName(name)}`);
}

/** Routes call theirs by words. */
export function parameterName(name: string): string {
  return name.replaceAll(/\W/g, "_");
}
