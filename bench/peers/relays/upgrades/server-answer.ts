import { hash } from "node:crypto";

const HEAD_END = "\r\n\r\n";
const MOST_BYTES = 16 * 1024;
const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/**
 * Checks a server's answer to an upgrade without extensions and subprotocols (RFC 6455, 4.1), which goes on to the client as it is.
 *
 * @returns where it ends; 0: it has not come whole
 */
export function endOfAnswer(bytes: Buffer, key: string): number {
  const text = bytes.toString("latin1", 0, MOST_BYTES);
  const end = text.indexOf(HEAD_END);
  if (end === -1) {
    if (text.length === MOST_BYTES) throw new Error("an answer with too long a head");
    return 0;
  }
  const [status = "", ...fields] = text.slice(0, end).split("\r\n");
  if (!status.startsWith("HTTP/1.1 101")) throw new Error(`no upgrade: ${status}`);
  let accept: string | undefined;
  let isUpgrade = false;
  let isConnection = false;
  for (const field of fields) {
    const colon = field.indexOf(":");
    const value = field.slice(colon + 1).trim();
    switch (field.slice(0, colon).toLowerCase()) {
      case "upgrade":
        isUpgrade = value.toLowerCase() === "websocket";
        break;
      case "connection":
        isConnection = value.toLowerCase() === "upgrade";
        break;
      case "sec-websocket-accept":
        accept = value;
        break;
      case "sec-websocket-extensions":
      case "sec-websocket-protocol":
        throw new Error("the server agrees to what nobody has offered");
    }
  }
  if (!isUpgrade || !isConnection || accept !== hash("sha1", key + GUID, "base64"))
    throw new Error("the server's handshake is wrong");
  return end + HEAD_END.length;
}
