import { Agent, type ClientRequest, type RequestOptions, request } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Target } from "../../net/target.ts";
import type { Transport } from "./connect.ts";
import { connectThrough } from "./proxy-tunnel.ts";

/** A connection that no request uses is closed after so long. */
const IDLE_CONNECTION_MS = 30_000;

/** Requests of plain HTTP, over connections that are kept for the next request to the same server. */
export interface KeptConnections {
  /**
   * A request that has its connection; nothing of it has been sent.
   *
   * @throws UpstreamError
   */
  open(target: Target, options: KeptRequestOptions): Promise<ClientRequest>;
  /** Ends the connections that no request uses. */
  close(): void;
}

export interface KeptRequestOptions {
  readonly method: string;
  /** Names and values in turn: all fields of the request, as they go on the wire. */
  readonly headers: readonly string[];
  /** 0: unlimited. */
  readonly connectTimeoutMs: number;
  readonly signal: AbortSignal;
  readonly transport: Transport;
}

export function createKeptConnections(): KeptConnections {
  const agent = new ServerAgent();
  const transports = new WeakMap<Transport, number>();
  let transportCount = 0;

  return {
    open(target, { method, headers, connectTimeoutMs, signal, transport }) {
      const options: ServerRequestOptions = {
        agent,
        key: `${numberOf(transport)} ${target.tls} ${target.host} ${target.port} ${target.socketPath ?? ""}`,
        connect: () => connectThrough(target, { connectTimeoutMs, signal, transport }),
        path: target.path,
        method,
        headers,
        setDefaultHeaders: false,
      };
      return new Promise((resolve, reject) => {
        const opened = request(options);
        // Stays: an error that comes before anybody else looks must not end the process.
        opened.on("error", reject);
        opened.once("socket", (socket: Socket) => {
          // A tunnel comes paused.
          socket.resume();
          resolve(opened);
        });
      });
    },
    close: () => agent.destroy(),
  };

  /** A connection made with other certificates, or by another proxy, is another one; a reload may change them. */
  function numberOf(transport: Transport): number {
    const known = transports.get(transport) ?? ++transportCount;
    transports.set(transport, known);
    return known;
  }
}

interface ServerRequestOptions extends RequestOptions {
  /** Requests with the same key may use each other's connections. */
  readonly key: string;
  connect(): Promise<Socket>;
}

/** Node's pool of connections, with our way to make one. */
class ServerAgent extends Agent {
  constructor() {
    super({ keepAlive: true, timeout: IDLE_CONNECTION_MS });
  }

  override getName({ key }: ServerRequestOptions): string {
    return key;
  }

  override createConnection(
    { connect }: ServerRequestOptions,
    done?: (error: Error | null, socket: Duplex) => void,
  ): undefined {
    connect().then(
      (socket) => {
        // A server that ends an idle connection must not find it half open, and used again.
        socket.allowHalfOpen = false;
        done?.(null, socket);
      },
      (error: Error) => done?.(error, undefined as unknown as Duplex),
    );
  }
}
