import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import type { ExecutionContext } from "ava";
import type { RouteConfig } from "../../core/config/index.ts";
import { Deadlines } from "../../core/session/limits/deadlines.ts";
import { RouteMeters } from "../../core/session/meters/route-meters.ts";
import { Newcomers } from "../../core/session/newcomers.ts";
import { Turn } from "../../core/session/outbox.ts";
import { Session } from "../../core/session/session.ts";
import type { SessionRules, SessionSetup, SharedParts } from "../../core/session/session-setup.ts";
import type { SessionEnd } from "../../core/session-end.ts";
import { createFrameSlab } from "../../core/wire/frame-slab.ts";
import { createMaskKeys } from "../../core/wire/mask.ts";
import { SharedReads } from "../../sandbox/shared-reads.ts";
import { timelessSeats } from "./timeless-seats.ts";

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

/** What tests say of a session; the rest is as it is by default. */
interface SessionOptions extends Partial<Pick<SessionSetup, "seats" | "rates" | "terms">> {
  readonly closeTimeoutMs?: number;
  readonly deadlines?: Deadlines;
  /** What several sessions share. */
  readonly shared?: Partial<
    Pick<SharedParts, "newcomers" | "turn" | "maskKeys" | "allocate" | "allocateFrame">
  >;
}

/** A session between two sockets, without limits and policies but those that are given. */
export function startSession(
  legs: Readonly<Record<"client" | "server", { readonly socket: Socket; readonly head?: Buffer }>>,
  { closeTimeoutMs = 60_000, deadlines = new Deadlines(), shared, ...options }: SessionOptions = {},
): { readonly session: Session; readonly ended: Promise<SessionEnd> } {
  const { promise: ended, resolve } = Promise.withResolvers<SessionEnd>();
  const rules = { ...RULES, closeTimeoutMs };
  const session = new Session(
    {
      id: "s",
      startedAt: performance.now(),
      runtime: { name: "/", config: rules as RouteConfig },
      sockets: { client: legs.client.socket, server: legs.server.socket },
      deflate: {},
      meters: new RouteMeters().of("/"),
      rates: { client: undefined, server: undefined },
      terms: undefined,
      sampler: undefined,
      recycleSpreadMs: undefined,
      tap: undefined,
      mirror: undefined,
      seats: timelessSeats,
      held: { giveBack() {} },
      rules,
      shared: {
        deadlines,
        newcomers: new Newcomers(),
        pingPayload: Buffer.alloc(8),
        sandbox: { pendingBytes: 0 },
        turn: new Turn(),
        reads: new SharedReads(),
        maskKeys: createMaskKeys(),
        allocate: createFrameSlab(),
        allocateFrame: createFrameSlab(),
        ...shared,
      },
      ...options,
    },
    { onEnd: (_, end) => resolve(end), onLeave() {}, onRenewed() {} },
  );
  session.start({ client: legs.client.head ?? nothing, server: legs.server.head ?? nothing });
  return { session, ended };
}

const nothing = Buffer.alloc(0);
const limits = { maxMessageBytes: 10_000_000, maxFrameBytes: 0 };
const RULES = {
  onError: "close",
  compression: { minBytes: 1024, maxRatio: 0 },
  session: {
    expireMs: 0,
    idle: { timeoutMs: 0, countPings: false },
    keepalive: false,
    limits: { client: limits, server: limits },
    slowConsumer: { bufferedBytes: 0, timeoutMs: 0 },
  },
} as unknown as SessionRules;
