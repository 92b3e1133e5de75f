import type { IncomingMessage } from "node:http";
import { mergeSlashes, withoutParameters } from "../routes/loose-readings.ts";
import { decodePath } from "../routes/router.ts";

/** The last part of the paths of SockJS, behind a server and a session. */
const SOCKJS_TRANSPORTS: ReadonlySet<string> = new Set([
  "xhr",
  "xhr_send",
  "xhr_streaming",
  "eventsource",
  "htmlfile",
  "jsonp",
  "jsonp_send",
]);

/** What these answer to a GET is a script that calls a function by its name: none is given without. */
const SOCKJS_CALLBACKS: ReadonlySet<string> = new Set(["htmlfile", "jsonp"]);

/** Where servers of Engine.IO are unless they are told otherwise, and all behind it; some take a request without a query there for polling. */
const ENGINE_FOLDERS: ReadonlySet<string> = new Set(["socket.io", "engine.io"]);

/** The script of the client, which Socket.IO's server gives out of the same folder. */
const ENGINE_SCRIPT = /^(?:socket|engine)\.io(?:\.esm|\.msgpack)?(?:\.min)?\.js(?:\.map)?$/;

/**
 * Whether a plain request carries messages in place of a WebSocket, by the polling of Engine.IO (Socket.IO) or one of the
 * transports of SockJS. What servers might read so counts as well: what is refused can be had over a WebSocket. So it is not
 * by the names that clients give to servers and sessions of SockJS, nor by their methods: there are servers that take any.
 */
export function carriesMessages({ method, url = "/" }: Pick<IncomingMessage, "method" | "url">): boolean {
  const mark = url.indexOf("?");
  const parameters = readParameters(mark === -1 ? "" : url.slice(mark + 1));
  const parts = partsOf(mark === -1 ? url : url.slice(0, mark));
  return (
    parameters.some(isEngineParameter) ||
    isEngineFolder(parts, parameters) ||
    isSockJsTransport(
      parts,
      method === "GET" && !parameters.some(([name]) => name === "c" || name === "callback"),
    )
  );
}

type Parameter = readonly [name: string, value: string];

/** Some servers divide at `;` too. */
function readParameters(query: string): readonly Parameter[] {
  return [...new URLSearchParams(query.replaceAll(";", "&"))];
}

function partsOf(path: string): readonly string[] {
  const decoded = decodePath(path) ?? [];
  const parts = mergeSlashes(decoded.flatMap((segment) => segment.split("/")).map(withoutParameters));
  return (parts.at(-1) === "" ? parts.slice(0, -1) : parts).map((part) => part.toLowerCase());
}

/** A request with `EIO` is a transport's, and one that is no upgrade is polling, whether it says so or not. */
function isEngineParameter([name, value]: Parameter): boolean {
  return name === "EIO" || (name === "transport" && value.toLowerCase() === "polling");
}

function isEngineFolder(parts: readonly string[], parameters: readonly Parameter[]): boolean {
  if (!parts.some((part) => ENGINE_FOLDERS.has(part))) return false;
  return !ENGINE_SCRIPT.test(parts.at(-1) ?? "") || parameters.some(([name]) => name === "sid");
}

/** @param isUncalled it is a GET that names no function */
function isSockJsTransport(parts: readonly string[], isUncalled: boolean): boolean {
  const [server, session, last = ""] = parts.slice(-3);
  const isSession = server !== undefined && session !== undefined && !/\./.test(server + session);
  return isSession && SOCKJS_TRANSPORTS.has(last) && !(isUncalled && SOCKJS_CALLBACKS.has(last));
}
