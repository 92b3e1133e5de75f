import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { hasAddress, readNetworks } from "../net/networks.ts";
import { readProxyHeader } from "./proxy-header.ts";

export type ProxyRefusal = {
  readonly code: "ERR_PROXY_UNTRUSTED" | "ERR_PROXY_HEADER";
  readonly detail: string;
};

/** How long a proxy may take for its header, which it sends in one piece. */
const HEADER_TIMEOUT_MS = 5_000;

/**
 * Takes the PROXY protocol header off the front of connections, so that their `remoteAddress` and `remotePort` are the
 * client's for everybody who comes after. `take` gets the socket with the bytes that follow, unread.
 */
export function createProxyReader(
  trusted: "any" | readonly string[],
  take: (socket: Socket) => void,
  refuse: (socket: Socket, refusal: ProxyRefusal) => void,
): (socket: Socket) => void {
  const isTrusted = createTrust(trusted);

  return (socket) => {
    const { remoteAddress } = socket;
    if (!isTrusted(remoteAddress)) {
      const detail = `${remoteAddress} is not among trustedProxies`;
      return end({ code: "ERR_PROXY_UNTRUSTED", detail });
    }
    let bytes: Buffer = Buffer.alloc(0);
    const timer = setTimeout(() => malformed("no whole header in time"), HEADER_TIMEOUT_MS);
    socket.on("readable", onReadable).on("error", ignore).once("close", onClose).once("end", onEnd);

    function onReadable(): void {
      for (let chunk = read(); chunk !== null; chunk = read()) {
        bytes = bytes.length === 0 ? chunk : Buffer.concat([bytes, chunk]);
        const header = readProxyHeader(bytes);
        if (header.state === "incomplete") continue;
        if (header.state === "malformed") return malformed(header.detail);
        stop();
        if (header.client !== undefined) setPeer(socket, header.client);
        // Put back before it is handed over: TLS and HTTP both read what is buffered first.
        if (bytes.length > header.length) socket.unshift(bytes.subarray(header.length));
        return take(socket);
      }
    }

    function read(): Buffer | null {
      return socket.read() as Buffer | null;
    }

    function onEnd(): void {
      if (bytes.length > 0) return malformed("the connection ended within the header");
      // A look at the port, as load balancers take it: nothing to report.
      stop();
      socket.destroy();
    }

    function onClose(): void {
      stop();
    }

    function malformed(detail: string): void {
      stop();
      end({ code: "ERR_PROXY_HEADER", detail });
    }

    function stop(): void {
      clearTimeout(timer);
      socket.off("readable", onReadable).off("error", ignore).off("close", onClose).off("end", onEnd);
    }

    function end(refusal: ProxyRefusal): void {
      refuse(socket, refusal);
      socket.on("error", ignore).destroy();
    }
  };
}

/** What a TLS socket should say about its peer is known by the socket that it was made over. */
export function copyPeer(socket: TLSSocket): void {
  // Node has no public way from one to the other.
  const { _parent: raw } = socket as TLSSocket & { readonly _parent?: Socket };
  const { remoteAddress: address, remotePort: port, remoteFamily: family } = raw ?? {};
  if (address !== undefined && port !== undefined && family !== undefined)
    setPeer(socket, { address, port, family });
}

function setPeer(socket: Socket, peer: { address: string; port: number; family: string }): void {
  Object.defineProperties(socket, {
    remoteAddress: { value: peer.address, configurable: true },
    remotePort: { value: peer.port, configurable: true },
    remoteFamily: { value: peer.family, configurable: true },
  });
}

function createTrust(trusted: "any" | readonly string[]): (address: string | undefined) => boolean {
  if (trusted === "any") return () => true;
  const list = readNetworks(trusted);
  // A Unix socket's other end has no address: who may connect is up to the rights of the file.
  return (address) => address === undefined || hasAddress(list, address);
}

function ignore(): void {}
