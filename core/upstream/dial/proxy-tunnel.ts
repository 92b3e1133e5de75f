import type { Socket } from "node:net";
import { resolveTarget, type Target } from "../../net/target.ts";
import { type ConnectOptions, connect, type UpstreamProxy } from "./connect.ts";
import { type Dialled, type DialOptions, dial, shakeHands } from "./dial.ts";
import { UpstreamError } from "./errors.ts";

/** Dial a server directly, or through the proxy of its transport. @throws UpstreamError */
export async function dialThrough(
  target: Target,
  request: string,
  options: DialOptions & { onConnected?(): void },
): Promise<Dialled> {
  const socket = await connectThrough(target, options);
  options.onConnected?.();
  return shakeHands(socket, target, request, options);
}

/** Connect to a server directly, or through the proxy of its transport. @throws UpstreamError */
export function connectThrough(target: Target, options: ConnectOptions): Promise<Socket> {
  const proxy = options.transport?.proxy;
  return proxy === undefined ? connect(target, options) : connectByTunnel(proxy, target, options);
}

async function connectByTunnel(
  proxy: UpstreamProxy,
  target: Target,
  options: ConnectOptions,
): Promise<Socket> {
  const startedAt = performance.now();
  const tunnel = await openTunnel(proxy, target, options);
  // The tunnel is a part of connecting.
  const leftMs = Math.max(1, options.connectTimeoutMs - (performance.now() - startedAt));
  const connectTimeoutMs = options.connectTimeoutMs === 0 ? 0 : Math.ceil(leftMs);
  return connect(target, { ...options, connectTimeoutMs, tunnel: tunnel.socket });
}

/** RFC 9110 section 9.3.6 */
async function openTunnel(
  { url, proxyOf }: UpstreamProxy,
  target: Target,
  options: ConnectOptions,
): Promise<Dialled> {
  const { username, password, origin } = new URL(url);
  const way = `proxy ${origin}, for ${target.url}`;
  const authority = `${target.host.includes(":") ? `[${target.host}]` : target.host}:${target.port}`;
  const credentials = Buffer.from(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`);
  const fields = [
    `CONNECT ${authority} HTTP/1.1`,
    `Host: ${authority}`,
    ...(username === "" ? [] : [`Proxy-Authorization: Basic ${credentials.toString("base64")}`]),
  ];
  const { connectTimeoutMs, signal, transport } = options;
  const proxyTarget = resolveTarget(origin, "/");
  if (proxyTarget === undefined) throw new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `${way}: no such proxy`);
  const tunnel = await dial(proxyTarget, `${fields.join("\r\n")}\r\n\r\n`, {
    connectTimeoutMs,
    handshakeTimeoutMs: connectTimeoutMs,
    signal,
    transport: {
      upstream: { proxyOf },
      ...(transport?.lookup && { lookup: transport.lookup }),
      ...(transport?.own && { own: transport.own }),
    },
  }).catch((cause: UpstreamError) => {
    const isLate = cause.code === "ERR_UPSTREAM_HANDSHAKE_TIMEOUT";
    throw new UpstreamError(
      isLate ? "ERR_UPSTREAM_CONNECT_TIMEOUT" : cause.code,
      `${way}: ${cause.message.replace(`${proxyTarget.url}: `, "")}`,
      {
        cause,
      },
    );
  });
  const { status } = tunnel.head;
  if (status >= 200 && status < 300 && tunnel.rest.length === 0) return tunnel;
  tunnel.socket.destroy();
  throw new UpstreamError("ERR_UPSTREAM_UNREACHABLE", `${way}: the proxy answered ${status} to CONNECT`);
}
