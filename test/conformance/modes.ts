import type { ExecutionContext, TestFn } from "ava";
import type { Side } from "../../sandbox/contract/hooks.ts";
import { clientFrame, connectRaw, type RawPeer, serverFrame } from "../support/peers/raw-client.ts";
import { type Relay, shareRelay } from "../support/peers/relay.ts";

/** Every way through the gateway: which directions policies read, and which legs are compressed. */
export interface Mode {
  readonly name: string;
  /** Messages that come uncompressed, by who sends them. */
  readonly isRead: Readonly<Record<Side, boolean>>;
  readonly isCompressed: Readonly<Record<Side, boolean>>;
  readonly policies: readonly string[];
}

const reading = {
  spliced: { client: false, server: false },
  "client's read": { client: true, server: false },
  "server's read": { client: false, server: true },
  "both read": { client: true, server: true },
} as const;

const compressed = {
  plain: { client: false, server: false },
  compressed: { client: true, server: true },
  "client's leg compressed": { client: true, server: false },
  "server's leg compressed": { client: false, server: true },
} as const;

export const modes: readonly Mode[] = Object.entries(reading).flatMap(([reads, isRead]) =>
  Object.entries(compressed)
    .filter(([, legs]) => legs.client === legs.server || isRead.client === isRead.server)
    .map(([legs, isCompressed]) => ({
      name: `${reads}, ${legs}`,
      isRead: {
        // On their way to a leg that is compressed, from one that is not.
        client: isRead.client || (!isCompressed.client && isCompressed.server),
        server: isRead.server || (!isCompressed.server && isCompressed.client),
      },
      isCompressed,
      policies: [...(isRead.client ? ["reads-client"] : []), ...(isRead.server ? ["reads-server"] : [])],
    })),
);

export interface OpenSession {
  readonly client: RawPeer;
  readonly server: RawPeer;
  readonly path: string;
}

export type FrameMaker = typeof clientFrame;

/** A session as one of its peers sees it, who sends something that the other is to get. */
export interface Play {
  readonly mode: Mode;
  readonly from: Side;
  readonly sender: RawPeer;
  readonly receiver: RawPeer;
  /** Makes frames of the sender's. */
  readonly frame: FrameMaker;
  /** Makes frames of the receiver's. */
  readonly answer: FrameMaker;
  readonly path: string;
  /** Another session of the same kind. */
  reopen(): Promise<Play>;
}

export interface Modes {
  readonly relay: Relay;
  open(t: ExecutionContext, mode: Mode): Promise<OpenSession>;
  /** A test of one sentence of the RFCs, which plays it in every mode, with each side as the sender. */
  each(title: string, play: (t: ExecutionContext, session: Play) => Promise<void>, fits?: Fits): void;
}

type Fits = (mode: Mode, from: Side) => boolean;

const pass = "() => {}";
const policies = {
  "reads-client.ts": `export const client = ${pass};`,
  "reads-server.ts": `export const server = ${pass};`,
};

export const MAX_MESSAGE_BYTES = 200_000;

/** One gateway with a route for each mode, shared by the tests of a file. */
export function shareModes(test: TestFn): Modes {
  const relay = shareRelay(test, {
    policies,
    routes: (upstream) =>
      modes.map(({ name, policies: uses, isCompressed }) => ({
        path: `/${slug(name)}/*`,
        upstream,
        closeTimeout: 0,
        maxMessageSize: MAX_MESSAGE_BYTES,
        policies: uses,
        compression: isCompressed.client === isCompressed.server || isCompressed,
      })),
  });

  return { relay, open, each };

  async function open(t: ExecutionContext, mode: Mode): Promise<OpenSession> {
    const path = relay.path(slug(mode.name));
    const extension = (parameters: string) => [`Sec-WebSocket-Extensions: permessage-deflate${parameters}`];
    const accepted = relay.server.upgrade(path).then((upgrade) => {
      const offer = String(upgrade.request.headers["sec-websocket-extensions"] ?? "");
      const asked = offer.includes("server_no_context_takeover") ? "; server_no_context_takeover" : "";
      return upgrade.acceptRaw({ headers: mode.isCompressed.server ? extension(asked) : [] });
    });
    const headers = mode.isCompressed.client ? extension("; client_max_window_bits") : [];
    const client = await connectRaw(t, relay.gateway.port, path, headers);
    return { client, server: await accepted, path };
  }

  function each(
    title: string,
    play: (t: ExecutionContext, session: Play) => Promise<void>,
    fits?: Fits,
  ): void {
    test(title, async (t) => {
      const plays = modes.flatMap((mode) => (["client", "server"] as const).map((from) => ({ mode, from })));
      const fitting = plays.filter(({ mode, from }) => fits?.(mode, from) ?? true);
      t.true(fitting.length > 0);
      // One after the other: the tests of a file run side by side already.
      for (const { mode, from } of fitting) await playOne(t, { mode, from }, play);
    });
  }

  async function playOne(
    t: ExecutionContext,
    { mode, from }: Pick<Play, "mode" | "from">,
    play: (t: ExecutionContext, session: Play) => Promise<void>,
  ): Promise<void> {
    const session = await openPlay(t, mode, from);
    try {
      await play(t, session);
    } catch (error) {
      throw new Error(`${mode.name}, sent by the ${from}: ${(error as Error).message}`, { cause: error });
    } finally {
      session.sender.socket.destroy();
      session.receiver.socket.destroy();
    }
  }

  async function openPlay(t: ExecutionContext, mode: Mode, from: Side): Promise<Play> {
    const { client, server, path } = await open(t, mode);
    const isClient = from === "client";
    return {
      mode,
      from,
      path,
      sender: isClient ? client : server,
      receiver: isClient ? server : client,
      frame: isClient ? clientFrame : serverFrame,
      answer: isClient ? serverFrame : clientFrame,
      reopen: () => openPlay(t, mode, from),
    };
  }
}

function slug(name: string): string {
  return name.replaceAll(/[^a-z]+/g, "-");
}
