import type { PayloadView, RequestRecord, UpgradeRecord } from "../../../core/traffic/records.ts";
import { toBytes } from "../payload-bytes.ts";
import { printfCommand, shellWord } from "./shell-words.ts";

type Asked = Pick<UpgradeRecord | RequestRecord, "method" | "path" | "request">;

/** What the gateway listens on, e.g. `wss://localhost:8443`. */
type Listeners = readonly string[];

/** An argument may not be longer, and a message of websocat not without being told. */
const MOST_BYTES = 60_000;
/** A name or an address, with a port: no user before it, no path behind it. */
const HOST = /^(?:\[[0-9a-f:.]+\]|[^\s@/\\?#:[\]]+)(?::\d+)?$/i;
/** What each client sends by itself. */
const OF_THE_HANDSHAKE = /^(?:host|connection|upgrade|sec-websocket-.*|content-length|transfer-encoding)$/i;

/**
 * Connects as the session did, and sends this. Text as wscat does it; what is no text, or no command's argument, by
 * websocat, which reads it from its input.
 */
export function connectCommand(asked: Asked, listeners: Listeners, payload?: PayloadView): string {
  const bytes = payload && toBytes(payload);
  const isText = payload?.encoding === "text";
  const word =
    isText && bytes !== undefined && bytes.length <= MOST_BYTES ? shellWord(payload.data) : undefined;
  const url = wordOf(urlOf(asked, listeners, "ws"));
  const headers = asked.request
    .filter(([name]) => !OF_THE_HANDSHAKE.test(name))
    .map(([name, value]) => `${name}: ${value}`);
  const protocols = asked.request
    .filter(([name]) => name.toLowerCase() === "sec-websocket-protocol")
    .flatMap(([, value]) => value.split(","))
    .map((each) => each.trim())
    .filter((each) => each !== "");
  if (bytes === undefined || (word !== undefined && bytes.length > 0)) {
    const options = [
      ...headers.map((header) => `-H ${wordOf(header)}`),
      ...protocols.map((each) => `-s ${wordOf(each)}`),
      // It waits for what the server says to that.
      ...(word === undefined ? [] : [`-x ${word}`, "-w 5"]),
    ];
    return ["wscat", "-c", url, ...options].join(" ");
  }
  const options = [
    isText ? "--text --no-line" : "--binary",
    "--no-close",
    ...(bytes.length > MOST_BYTES ? [`--buffer-size ${bytes.length + 1}`] : []),
    ...(protocols.length === 0 ? [] : [`--protocol ${wordOf(protocols.join(", "))}`]),
    // One -H takes the arguments behind it, too.
    ...headers.map((header) => `-H=${wordOf(header)}`),
  ];
  return [`${printfCommand(bytes)} |`, "websocat", ...options, url].join(" ");
}

/** Asks what the client asked for, an upgrade too. */
export function curlCommand(asked: Asked, listeners: Listeners): string {
  const { method, request } = asked;
  const options = request
    .filter(([name]) => !/^(?:host|content-length|transfer-encoding)$/i.test(name))
    // An empty field is left out, unless it ends so.
    .map(([name, value]) => `-H ${wordOf(value === "" ? `${name};` : `${name}: ${value}`)}`);
  const isUpgrade = request.some(([name]) => name.toLowerCase() === "upgrade");
  return [
    "curl -i --http1.1 --globoff --path-as-is",
    ...(isUpgrade ? ["--no-buffer"] : []),
    ...(method === "HEAD" ? ["--head"] : method === "GET" ? [] : [`-X ${wordOf(method)}`]),
    wordOf(urlOf(asked, listeners, "http")),
    ...options,
  ].join(" ");
}

/**
 * A page that came by TLS could not have asked without.
 *
 * @throws where a client would read another host in it than the record shows
 */
function urlOf({ request, path }: Asked, listeners: Listeners, scheme: "ws" | "http"): string {
  const [first = ""] = listeners;
  const fieldOf = (wanted: string) => request.find(([name]) => name.toLowerCase() === wanted)?.[1];
  const onlySecure = listeners.length > 0 && listeners.every((each) => each.startsWith("wss:"));
  const isSecure = fieldOf("origin")?.startsWith("https:") === true || onlySecure;
  const host = fieldOf("host") ?? first.replace(/^wss?:\/\//, "").replace(/\/.*$/s, "");
  if (!path.startsWith("/"))
    throw new Error(`No command asks for this: expected a path that begins with "/", got "${path}".`);
  if (!HOST.test(host)) throw new Error(`No command asks for this: "${host}" is no name of a host.`);
  return `${scheme}${isSecure ? "s" : ""}://${host}${path}`;
}

/** Of what a head may hold, in which there is no NUL and no line's end. */
function wordOf(text: string): string {
  return shellWord(text.replace(/[\0\r\n]/g, "")) ?? "''";
}
