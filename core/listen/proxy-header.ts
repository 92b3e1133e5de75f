import { isIP } from "node:net";

/**
 * The header of the PROXY protocol, versions 1 and 2, at the beginning of a connection: a load balancer's word on who
 * the client is. Pure: bytes in, what they say out.
 */
export type ProxyHeader =
  | { readonly state: "incomplete" }
  | { readonly state: "malformed"; readonly detail: string }
  | {
      readonly state: "complete";
      /** Bytes of the header; what follows is the client's. */
      readonly length: number;
      /** Undefined when the proxy speaks for itself (a health check), or does not say: the connection's own is the truth. */
      readonly client?: { readonly address: string; readonly port: number; readonly family: "IPv4" | "IPv6" };
    };

const signature = Buffer.from("0d0a0d0a000d0a515549540a", "hex");
/** The longest line of version 1, its CRLF included. */
const MAX_LINE = 107;
const INCOMPLETE: ProxyHeader = { state: "incomplete" };

export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (bytes.length === 0) return INCOMPLETE;
  const begin = bytes.subarray(0, signature.length);
  if (begin.equals(signature.subarray(0, begin.length))) return readVersion2(bytes);
  const word = bytes.subarray(0, 6).toString("latin1");
  if ("PROXY ".startsWith(word)) return readVersion1(bytes);
  return malformed("the connection does not begin with a PROXY protocol header");
}

function readVersion1(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, MAX_LINE).indexOf("\r\n");
  if (end === -1) {
    return bytes.length < MAX_LINE ? INCOMPLETE : malformed(`no end of line within ${MAX_LINE} bytes`);
  }
  const length = end + 2;
  const [, protocol, source = "", destination = "", sourcePort = "", destinationPort = "", ...rest] = bytes
    .subarray(0, end)
    .toString("latin1")
    .split(" ");
  if (protocol === "UNKNOWN") return { state: "complete", length };
  if (protocol !== "TCP4" && protocol !== "TCP6") return malformed("expected TCP4, TCP6 or UNKNOWN");
  const family = protocol === "TCP4" ? 4 : 6;
  if (isIP(source) !== family || isIP(destination) !== family)
    return malformed(`expected ${protocol} addresses`);
  if (!isPort(sourcePort) || !isPort(destinationPort) || rest.length > 0)
    return malformed("expected two ports");
  const client = { address: source, port: Number(sourcePort), family: `IPv${family}` } as const;
  return { state: "complete", length, client };
}

function readVersion2(bytes: Buffer): ProxyHeader {
  if (bytes.length < 16) return INCOMPLETE;
  const version = bytes[12]! >> 4;
  const command = bytes[12]! & 0xf;
  const family = bytes[13]! >> 4;
  const addressBytes = bytes.readUInt16BE(14);
  const length = 16 + addressBytes;
  if (version !== 2) return malformed(`expected version 2, got ${version}`);
  if (command > 1) return malformed(`expected the command LOCAL or PROXY, got ${command}`);
  if (family > 3) return malformed(`unknown address family ${family}`);
  const needed = [0, 12, 36, 216][family]!;
  if (command === 1 && addressBytes < needed) return malformed("the addresses are cut short");
  if (bytes.length < length) return INCOMPLETE;
  if (command === 0 || (family !== 1 && family !== 2)) return { state: "complete", length };
  const address = bytes.subarray(16, 16 + (family === 1 ? 4 : 16));
  const client =
    family === 1
      ? ({ address: address.join("."), port: bytes.readUInt16BE(24), family: "IPv4" } as const)
      : ({ address: formatIPv6(address), port: bytes.readUInt16BE(48), family: "IPv6" } as const);
  return { state: "complete", length, client };
}

/** In the canonical form, as sockets have it (RFC 5952), by way of the URL parser. */
function formatIPv6(bytes: Buffer): string {
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(index * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
}

function isPort(text: string): boolean {
  return /^(0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65_535;
}

function malformed(detail: string): ProxyHeader {
  return { state: "malformed", detail };
}
