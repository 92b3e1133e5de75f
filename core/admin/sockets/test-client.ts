import { isIP } from "node:net";
import type { RawData } from "ws";
import { WebSocket } from "ws";
import { z } from "zod";
import { parseShape } from "../../../policies/pack/parse-shape.ts";
import type { ListenerAddress } from "../../listen/listener-plan.ts";
import {
  type TestClientMessage,
  type TestClientRequest,
  testClientRequestSchema,
} from "../api/api-schema.ts";
import { listenerUrl } from "../api/info-api.ts";
import { checkStatus } from "../api/sessions/sessions-api.ts";
import type { GatewayView } from "../gateway-view.ts";
import { tryParseJson } from "./live-feed.ts";

type ConnectRequest = Extract<TestClientRequest, { type: "connect" }>;

/** Above this the gateway's messages wait for the browser. */
const SLOW_BYTES = 1024 * 1024;
const OPEN_TIMEOUT_MS = 30_000;
const LARGEST_MESSAGE = 16 * 1024 * 1024;
const LARGEST_BODY = 64 * 1024;

/** One page's client of the gateway: dials a listener as any client does, and reports to the page what happens. */
export function serveTestClient(page: WebSocket, view: Pick<GatewayView, "listeners" | "desk">): void {
  let peer: WebSocket | undefined;
  page.on("error", () => {});
  page.on("close", () => peer?.terminate());
  page.on("message", (data, isBinary) => {
    const parsed = parseShape(testClientRequestSchema, tryParseJson(isBinary ? "" : String(data)));
    if (!parsed.success) return fail(z.prettifyError(parsed.error));
    try {
      carryOut(parsed.data);
    } catch (error) {
      fail((error as Error).message);
    }
  });

  function carryOut(request: TestClientRequest): void {
    if (request.type === "connect") {
      if (peer !== undefined) return fail("connected already; close first");
      peer = connect(request);
      return;
    }
    if (peer?.readyState !== WebSocket.OPEN) return fail("not connected; connect first");
    switch (request.type) {
      case "send":
        return peer.send(request.encoding === "text" ? request.data : Buffer.from(request.data, "base64"));
      case "ping":
        return peer.ping();
      case "close":
        checkStatus(request);
        return peer.close(request.code, request.reason);
    }
  }

  function connect(request: ConnectRequest): WebSocket {
    const listener = view.listeners().find((address) => listenerUrl(address) === request.listener);
    if (listener === undefined) {
      const known = view.listeners().map(listenerUrl).join(", ");
      throw new Error(`expected listener to be one of ${known}, got "${request.listener}"`);
    }
    const socket = dial(listener, request);
    let wasOpen = false;
    let headers: [string, string][] = [];
    socket.on("upgrade", (response) => {
      headers = pairsOf(response.rawHeaders);
    });
    socket.on("unexpected-response", (outgoing, response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body = (body + chunk).slice(0, LARGEST_BODY);
      });
      response.on("error", () => {});
      response.on("close", () => {
        tell({
          type: "refused",
          status: response.statusCode ?? 0,
          headers: pairsOf(response.rawHeaders),
          body,
        });
        outgoing.destroy();
        peer = undefined;
      });
    });
    socket.on("open", () => {
      wasOpen = true;
      void announce(socket, headers);
    });
    socket.on("message", (data, isBinary) => {
      const bytes = toBuffer(data);
      const payload = isBinary
        ? { encoding: "base64" as const, data: bytes.toString("base64") }
        : { encoding: "text" as const, data: bytes.toString("utf8") };
      tell({ type: "message", time: Date.now(), ...payload });
      if (page.bufferedAmount > SLOW_BYTES) waitFor(socket);
    });
    socket.on("pong", () => tell({ type: "pong", time: Date.now() }));
    socket.on("error", ({ message }) => {
      if (!wasOpen) fail(`cannot connect to ${request.listener}: ${message}`);
      peer = undefined;
    });
    socket.on("close", (code, reason) => {
      peer = undefined;
      if (wasOpen) tell({ type: "closed", code, reason: reason.toString("utf8") });
    });
    return socket;
  }

  /** What comes after the open must come after this, so the peer is not read until the session is found. */
  async function announce(socket: WebSocket, headers: [string, string][]): Promise<void> {
    socket.pause();
    const { localAddress, localPort } = (
      socket as unknown as { _socket: { localAddress?: string; localPort?: number } }
    )._socket;
    const address = `${localAddress}:${localPort}`;
    // It is how the addresses of ten others may begin.
    const found = await view
      .desk("node")
      .list({ filter: { client: address }, limit: 20 })
      .catch(() => undefined);
    const own = found?.sessions.find(({ client }) => client === address);
    const { protocol: subprotocol, extensions } = socket;
    tell({ type: "open", session: own?.id ?? "", subprotocol, extensions, headers });
    socket.resume();
  }

  function waitFor(socket: WebSocket): void {
    socket.pause();
    const timer = setInterval(() => {
      if (page.bufferedAmount > SLOW_BYTES && page.readyState === WebSocket.OPEN) return;
      clearInterval(timer);
      socket.resume();
    }, 50);
  }

  function tell(message: TestClientMessage): void {
    if (page.readyState === WebSocket.OPEN) page.send(JSON.stringify(message));
  }

  function fail(message: string): void {
    tell({ type: "error", message });
  }
}

function dial(listener: ListenerAddress, { path, headers, subprotocols }: ConnectRequest): WebSocket {
  if (!path.startsWith("/")) throw new Error(`expected path to begin with "/", got "${path}"`);
  const fields: Record<string, string | string[]> = {};
  for (const [name, value] of headers) {
    const before = fields[name];
    fields[name] = before === undefined ? value : [before, value].flat();
  }
  const socket = new WebSocket(urlOf(listener, path), subprotocols, {
    headers: fields,
    handshakeTimeout: OPEN_TIMEOUT_MS,
    maxPayload: LARGEST_MESSAGE,
    // Our own listener: who else could answer here?
    rejectUnauthorized: false,
    ...serverNameOf(fields),
  });
  return socket;
}

/** So that a listener with several certificates shows the one that the host asks for. */
function serverNameOf(fields: Readonly<Record<string, unknown>>): { servername?: string } {
  const host = Object.entries(fields).find(([name]) => name.toLowerCase() === "host")?.[1];
  const name = typeof host === "string" ? host.replace(/:\d+$/, "") : "";
  return name === "" || isIP(name) !== 0 ? {} : { servername: name };
}

function urlOf({ host, port, socket, tls }: ListenerAddress, path: string): string {
  if (socket !== undefined) return `${tls ? "wss" : "ws"}+unix:${socket}:${path}`;
  const reachable = host === "0.0.0.0" ? "127.0.0.1" : host === "::" ? "::1" : host;
  return listenerUrl({ host: reachable, port, tls }) + path;
}

function pairsOf(rawHeaders: readonly string[]): [string, string][] {
  return Array.from({ length: rawHeaders.length / 2 }, (_, index) => [
    rawHeaders[2 * index] ?? "",
    rawHeaders[2 * index + 1] ?? "",
  ]);
}

function toBuffer(data: RawData): Buffer {
  if (Array.isArray(data)) return Buffer.concat(data);
  return Buffer.isBuffer(data) ? data : Buffer.from(data);
}
