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
  if (names.length > 0) return names.map((name) => named(name, channels, file)) as [Channel, ...Channel[]];
  const [only, ...others] = ofWebSockets;
  if (only !== undefined && others.length === 0) return [only];
  throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", `${file}${wordChoice(channels, ofWebSockets)}`);
}

function named(name: string, channels: readonly Channel[], file: string): Channel {
  const found = channels.find((channel) => channel.id() === name || channel.address() === name);
  if (found !== undefined) return found;
  const message = `${file} has no channel "${name}". It has:${listOf(channels)}`;
  throw new DescriptionError("ERR_DESCRIPTION_CHANNEL", message);
}

function wordChoice(channels: readonly Channel[], ofWebSockets: readonly Channel[]): string {
  if (channels.length === 0) return " has no channels, so that there is nothing to check.";
  if (ofWebSockets.length > 0)
    return ` has ${ofWebSockets.length} channels. Name the one that is meant with --channel, or several whose messages share a connection:${listOf(ofWebSockets)}`;
  const protocols = channels.flatMap((channel) =>
    channel
      .servers()
      .all()
      .map((server) => server.protocol()),
  );
  return ` has no channel on a server with the protocol ws or wss, but ${[...new Set(protocols)].join(", ")}. Name one with --channel, if it is meant all the same:${listOf(channels)}`;
}

function listOf(channels: readonly Channel[]): string {
  return channels.map((channel) => `\n  ${channel.id()} (${channel.address() ?? "no address"})`).join("");
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
  // The parser encodes a server's variables.
  const decoded = below.replaceAll(/%7B/gi, "{").replaceAll(/%7D/gi, "}");
  const path = decoded.replace(/[?#].*$/, "").replaceAll(/\/{2,}/g, "/");
  const trimmed = path.length > 1 ? path.replace(/\/$/, "") : path;
  return trimmed.replaceAll(/\{([^}]*)\}/g, (_, name: string) => `:${parameterName(name)}`);
}

/** Routes call theirs by words. */
export function parameterName(name: string): string {
  return name.replaceAll(/\W/g, "_");
}
