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

/** Where servers of Engine.IO are unless they are told otherwise; some take a request without a query there for polling. */
const ENGINE_FOLDERS: ReadonlySet<string> = new Set(["socket.io", "engine.io"]);

/**
 * Whether a plain request carries messages in place of a WebSocket, by the polling of Engine.IO (Socket.IO) or one of the
 * transports of SockJS. What servers might read so counts as well: what is refused can be had over a WebSocket.
 *
 * @param url the request target
 */
export function carriesMessages(url: string): boolean {
  const mark = url.indexOf("?");
  const path = mark === -1 ? url : url.slice(0, mark);
  return (mark !== -1 && isEngineQuery(url.slice(mark + 1))) || isTransportPath(path);
}

/** A request with `EIO` is a transport's, and one that is no upgrade is polling, whether it says so or not; some servers divide at `;` too. */
function isEngineQuery(query: string): boolean {
  return [...new URLSearchParams(query.replaceAll(";", "&"))].some(([name, value]) => {
    return name === "EIO" || (name === "transport" && value.toLowerCase() === "polling");
  });
}

function isTransportPath(path: string): boolean {
  const decoded = decodePath(path) ?? [];
  const parts = mergeSlashes(decoded.flatMap((segment) => segment.split("/")).map(withoutParameters));
  const [server, session, last = ""] = (parts.at(-1) === "" ? parts.slice(0, -1) : parts).slice(-3);
  if (ENGINE_FOLDERS.has(parts.filter((part) => part !== "").at(-1) ?? "")) return true;
  const isSession = server !== undefined && session !== undefined && !/\./.test(server + session);
  return isSession && SOCKJS_TRANSPORTS.has(last.toLowerCase());
}
