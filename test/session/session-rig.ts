import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ExecutionContext } from "ava";
import type { SessionEnd } from "../../core/events.ts";
import { Deadlines } from "../../core/session/limits/deadlines.ts";
import { Turn } from "../../core/session/outbox.ts";
import { Session, type SessionOptions } from "../../core/session/session.ts";
import { SharedReads } from "../../core/session/shared-reads.ts";
import { createFrameSlab } from "../../core/wire/frame-slab.ts";
import { createMaskKeys } from "../../core/wire/mask.ts";

/** Two ends of a TCP connection: the peer's, which dialled, and ours. */
export async function socketPair(t: ExecutionContext): Promise<{ peer: Socket; own: Socket }> {
  const server = createServer({ allowHalfOpen: true }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const peer = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  const [own] = (await once(server, "connection")) as [Socket];
  server.close();
  peer.on("error", () => {});
  t.teardown(() => {
    peer.destroy();
    own.destroy();
  });
  return { peer, own };
}

/** A session between two sockets, without limits and policies but those that are given. */
export function startSession(
  legs: Readonly<Record<"client" | "server", { readonly socket: Socket; readonly head?: Buffer }>>,
  options: Partial<SessionOptions> = {},
): { readonly session: Session; readonly ended: Promise<SessionEnd> } {
  const { promise: ended, resolve: onEnd } = Promise.withResolvers<SessionEnd>();
  const head = Buffer.alloc(0);
  const session = new Session({
    id: "s",
    route: "/",
    client: { head, ...legs.client, address: "c" },
    server: { head, ...legs.server, url: "ws://s" },
    deflate: {},
    deflateLimits: { minBytes: 1024, maxRatio: 0 },
    limits: { client: limits, server: limits },
    closeTimeoutMs: 60_000,
    onError: "close",
    rates: { client: undefined, server: undefined },
    watch: {
      expires: undefined,
      expireMs: 0,
      idle: { timeoutMs: 0, countPings: false },
      keepalive: false,
      slowConsumer: { bufferedBytes: 0, timeoutMs: 0 },
    },
    pingPayload: Buffer.alloc(8),
    tap: undefined,
    deadlines: new Deadlines(),
    seats: { chain: () => [], async end() {} },
    sandbox: { pendingBytes: 0 },
    turn: new Turn(),
    reads: new SharedReads(),
    maskKeys: createMaskKeys(),
    allocate: createFrameSlab(),
    onEnd,
    onLeave() {},
    ...options,
  });
  session.start();
  return { session, ended };
}

const limits = { maxMessageBytes: 10_000_000, maxFrameBytes: 0 };
