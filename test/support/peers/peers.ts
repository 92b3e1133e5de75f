import { once } from "node:events";
import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { ExecutionContext } from "ava";
import { type ClientOptions, type ServerOptions, WebSocket, WebSocketServer } from "ws";

export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly wss: WebSocketServer;
  /** Requests of the upgrades so far. */
  readonly requests: readonly IncomingMessage[];
  /** The next connection, or the first that nobody has asked for yet. */
  accept(): Promise<WebSocket>;
}

/** A real WebSocket server; `onConnection` defaults to an echo. */
export async function startServer(
  t: Pick<ExecutionContext, "teardown">,
  onConnection: (socket: WebSocket, request: IncomingMessage) => void = echo,
  options: ServerOptions = {},
): Promise<TestServer> {
  const wss = new WebSocketServer({ host: "127.0.0.1", port: 0, ...options });
  await once(wss, "listening");
  const requests: IncomingMessage[] = [];
  const accepted: WebSocket[] = [];
  const takers: ((socket: WebSocket) => void)[] = [];
  wss.on("connection", (socket, request) => {
    socket.on("error", () => {});
    requests.push(request);
    onConnection(socket, request);
    const taker = takers.shift();
    if (taker === undefined) accepted.push(socket);
    else taker(socket);
  });
  t.teardown(() => {
    for (const socket of wss.clients) socket.terminate();
    wss.close();
  });
  const { port } = wss.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    wss,
    requests,
    accept() {
      const socket = accepted.shift();
      return socket === undefined ? new Promise((resolve) => takers.push(resolve)) : Promise.resolve(socket);
    },
  };
}

export function echo(socket: WebSocket): void {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
}

export interface TestPeer {
  readonly ws: WebSocket;
  readonly socket: Socket;
  send(data: string | Uint8Array): void;
  /** The next message, text as a string and binary as bytes. */
  next(): Promise<string | Buffer>;
  /** The next `count` messages. */
  take(count: number): Promise<readonly (string | Buffer)[]>;
  /** What has come and nobody asked for; after `closed` nothing is added. */
  readonly left: readonly (string | Buffer)[];
  nextJson(): Promise<unknown>;
  /** How the connection ended, as `ws` sees it. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  close(code?: number, reason?: string): void;
}

export type TestClient = TestPeer;

/** A real WebSocket client, connected. Rejects with the refusal's status in the message. */
export async function connectClient(
  t: ExecutionContext,
  url: string,
  options: ClientOptions & { protocols?: string[] } = {},
): Promise<TestClient> {
  const ws = new WebSocket(url, options.protocols ?? [], { perMessageDeflate: false, ...options });
  t.teardown(() => ws.terminate());
  const peer = wrapWebSocket(ws);
  // Rejects with the `error` of a refused upgrade.
  await once(ws, "open");
  return peer;
}

export function wrapWebSocket(ws: WebSocket): TestPeer {
  ws.on("error", () => {});
  const inbox = openInbox(ws);
  const nextJson = async (): Promise<unknown> => JSON.parse((await inbox.next()) as string);
  return {
    ws,
    get socket() {
      return (ws as unknown as { _socket: Socket })._socket;
    },
    ...inbox,
    nextJson() {
      const value = nextJson();
      value.catch(() => {});
      return value;
    },
    send: (data) => ws.send(data),
    close: (code, reason) => ws.close(code, reason),
  };
}

/** Keeps what comes from the moment it is called. Who waits for a message is told when none can come any more. */
export function openInbox(ws: WebSocket): Pick<TestPeer, "next" | "take" | "left" | "closed"> {
  const messages: (string | Buffer)[] = [];
  const takers: PromiseWithResolvers<string | Buffer>[] = [];
  let end: Error | undefined;
  ws.on("message", (data: Buffer, isBinary) => {
    const message = isBinary ? data : data.toString("utf8");
    const taker = takers.shift();
    if (taker === undefined) messages.push(message);
    else taker.resolve(message);
  });
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    ws.on("close", (code, reason) => {
      resolve({ code, reason: reason.toString("utf8") });
      end = new Error(`no message came: the connection was closed with ${code} "${reason.toString("utf8")}"`);
      for (const taker of takers.splice(0)) taker.reject(end);
    });
  });
  const next = async (): Promise<string | Buffer> => {
    const message = messages.shift();
    if (message !== undefined) return message;
    if (end !== undefined) throw end;
    const taker = Promise.withResolvers<string | Buffer>();
    takers.push(taker);
    return taker.promise;
  };
  return {
    next() {
      const message = next();
      // A test may ask and look at how the connection ended instead.
      message.catch(() => {});
      return message;
    },
    take: (count) => Promise.all(Array.from({ length: count }, next)),
    left: messages,
    closed,
  };
}

/** The answer to an upgrade that is refused. */
export async function refusedUpgrade(
  url: string,
  options: ClientOptions = {},
): Promise<{ readonly status: number; readonly headers: IncomingMessage["headers"]; readonly body: string }> {
  const ws = new WebSocket(url, options);
  ws.on("error", () => {});
  const [, response] = (await once(ws, "unexpected-response")) as [unknown, IncomingMessage];
  let body = "";
  for await (const chunk of response) body += String(chunk);
  return { status: response.statusCode ?? 0, headers: response.headers, body };
}
