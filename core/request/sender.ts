import type { IncomingMessage } from "node:http";
import { type BlockList, isIP, type Socket } from "node:net";
import { TLSSocket } from "node:tls";
import type { ClientCertificate } from "../../sandbox/policy-api.ts";
import type { HeaderOptions } from "../config/index.ts";
import type { HeaderFields } from "../net/headers.ts";
import { hasAddress } from "../net/networks.ts";
import { describeCertificate } from "./client-certificate.ts";

/** Who sent a request: the peer of the socket, or whom a trusted proxy speaks for. */
export interface Sender {
  readonly address: string;
  /** 0 where a proxy does not say. */
  readonly port: number;
  readonly tls: boolean;
  /** The peer's own: a proxy's certificate says nothing of the client behind it. */
  readonly certificate: ClientCertificate | null;
  /** The host that was asked for, with its port. */
  readonly host: string;
  /** What the server is told. */
  readonly told: {
    /** Absent: by how the gateway itself was reached. */
    readonly proto?: string;
    /** The peers before the gateway, the last one the socket's. */
    readonly chain: readonly string[];
    /** Of those before the last peer, in the words of RFC 7239. */
    readonly forwarded: string | undefined;
  };
}

/** @param trusted proxies whose word is taken; undefined: none, and what they say is passed on with the peer added */
export function readSender(
  request: Pick<IncomingMessage, "headers">,
  socket: Socket,
  trusted: BlockList | undefined,
): Sender {
  const { headers } = request;
  const peer = socket.remoteAddress ?? "";
  const direct = {
    address: peer,
    port: socket.remotePort ?? 0,
    tls: socket instanceof TLSSocket,
    certificate: socket instanceof TLSSocket ? describeCertificate(socket) : null,
    host: headers.host ?? "",
  };
  const before = listOf(headers["x-forwarded-for"]);
  const forwarded = headers.forwarded;
  if (trusted === undefined) return { ...direct, told: { chain: [...before, peer], forwarded } };
  if (!hasAddress(trusted, peer)) return { ...direct, told: { chain: [peer], forwarded: undefined } };

  const said = readForwarded(forwarded);
  const hops = before.length > 0 ? before : said.for;
  const address = findClient(peer, hops, trusted);
  const proto = (listOf(headers["x-forwarded-proto"]).at(-1) ?? said.proto)?.toLowerCase();
  const isKnown = proto !== undefined && /^(https?|wss?)$/.test(proto);
  return {
    address,
    port: address === peer ? direct.port : 0,
    tls: isKnown ? /s$/.test(proto) : direct.tls,
    certificate: address === peer ? direct.certificate : null,
    host: listOf(headers["x-forwarded-host"]).at(-1) ?? said.host ?? direct.host,
    told: { ...(isKnown && { proto }), chain: [...before, peer], forwarded },
  };
}

/** @param scheme "ws" or "http" */
export function forwardedFields(
  { address, tls, host, told }: Sender,
  forwarded: HeaderOptions["forwarded"],
  scheme: "ws" | "http",
): HeaderFields {
  const proto = told.proto ?? `${scheme}${tls ? "s" : ""}`;
  const fields: [string, string][] = [];
  if (forwarded.includes("x-forwarded")) {
    fields.push(
      ["X-Forwarded-For", told.chain.join(", ")],
      ["X-Forwarded-Proto", proto],
      ["X-Forwarded-Host", host],
    );
  }
  if (forwarded.includes("forwarded")) {
    const peer = told.chain.at(-1) ?? address;
    const node = isIP(peer) === 6 ? `"[${peer}]"` : peer;
    const element = `for=${node};host=${quote(host)};proto=${proto}`;
    fields.push(["Forwarded", told.forwarded === undefined ? element : `${told.forwarded}, ${element}`]);
  } else if (told.forwarded !== undefined) {
    fields.push(["Forwarded", told.forwarded]);
  }
  return fields;
}

/** From the nearest hop outwards: a hop is believed only when the one that names it is trusted. */
function findClient(peer: string, hops: readonly string[], trusted: BlockList): string {
  let address = peer;
  for (const hop of hops.toReversed()) {
    if (!hasAddress(trusted, address)) break;
    const named = readNode(hop);
    if (named === undefined) break;
    address = named;
  }
  return address;
}

/** "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]:80"; undefined for "unknown" and the like. */
function readNode(text: string): string | undefined {
  const bare =
    /^\[([^\]]*)\](?::\w+)?$/.exec(text)?.[1] ?? (isIP(text) === 6 ? text : text.replace(/:\w+$/, ""));
  return isIP(bare) === 0 ? undefined : bare;
}

/** RFC 7239 section 4, as far as it is of use; host and proto are those of the nearest hop. */
function readForwarded(header: string | undefined): {
  readonly for: readonly string[];
  readonly host: string | undefined;
  readonly proto: string | undefined;
} {
  const valuesOf = (name: string): string[] =>
    [...(header ?? "").matchAll(new RegExp(`(?:^|[;,])\\s*${name}=("[^"]*"|[^;,\\s"]+)`, "gi"))].map(
      ([, value = ""]) => value.replaceAll('"', ""),
    );
  return { for: valuesOf("for"), host: valuesOf("host").at(-1), proto: valuesOf("proto").at(-1) };
}

function listOf(header: string | readonly string[] | undefined): readonly string[] {
  if (header === undefined) return NONE;
  return [header]
    .flat()
    .join(",")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "");
}

const NONE: readonly never[] = [];

/** RFC 7239 section 4: a value that is no token is quoted. */
function quote(value: string): string {
  return /^[\w!#$%&'*+.^`|~-]+$/.test(value) ? value : `"${value.replace(/["\\]/g, "\\$&")}"`;
}
