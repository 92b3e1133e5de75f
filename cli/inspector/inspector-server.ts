import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { pathToFileURL } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import type { PolicyInspector } from "./inspector.ts";

/** Where Chrome DevTools, and other debuggers that speak its protocol, attach to a policy. */
export interface InspectorServer {
  /** ws://127.0.0.1:PORT/TOKEN */
  readonly url: string;
  close(): Promise<void>;
}

const HOST = "127.0.0.1";
const NAMES = new Set([HOST, "localhost", "[::1]"]);
/** A heap snapshot comes in chunks; a debugger's own messages are small, but for a live edit. */
const MAX_MESSAGE = 16 * 1024 * 1024;

/**
 * A debugger may run any code in the policy's isolate. So: on the loopback interface only, under a path that nobody can
 * guess, and not for web pages: neither those of other sites that make a name resolve to us (the Host header), nor those
 * that open a WebSocket themselves (the Origin header).
 */
export async function startInspectorServer(
  policy: string,
  inspector: PolicyInspector,
  port: number,
): Promise<InspectorServer> {
  const token = randomUUID();
  const sockets = new WebSocketServer({ noServer: true, maxPayload: MAX_MESSAGE });
  const server = createServer((request, response) => {
    const body = isForUs(request) ? describe(request.url ?? "/") : undefined;
    const status = body === undefined ? (isForUs(request) ? 404 : 403) : 200;
    response.writeHead(status, {
      "Content-Type": "application/json; charset=UTF-8",
      "Cache-Control": "no-cache",
    });
    response.end(JSON.stringify(body ?? {}));
  });
  server.on("upgrade", (request, socket, head) => {
    if (!isForUs(request) || isWebPage(request) || request.url !== `/${token}`) {
      socket.end("HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
      return;
    }
    sockets.handleUpgrade(request, socket, head, (debuggers) => attach(inspector, debuggers));
  });
  server.listen(port, HOST);
  await once(server, "listening");
  const { port: bound } = server.address() as AddressInfo;
  const path = `${HOST}:${bound}/${token}`;

  function describe(url: string): unknown {
    if (url === "/json/version") return { Browser: "Framegate", "Protocol-Version": "1.3" };
    if (url !== "/json" && url !== "/json/list") return undefined;
    const { file } = inspector.isolate ?? {};
    return [
      {
        id: token,
        type: "node",
        title: `policy ${policy}`,
        description: "a policy of a Framegate gateway",
        url: file === undefined ? "" : pathToFileURL(file).href,
        webSocketDebuggerUrl: `ws://${path}`,
        devtoolsFrontendUrl: `devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws=${path}`,
      },
    ];
  }

  return { url: `ws://${path}`, close: () => close(server, sockets) };
}

function attach(inspector: PolicyInspector, socket: WebSocket): void {
  const session = inspector.attach((text) => socket.send(text));
  socket.on("message", (data) => {
    try {
      session.fromDebugger(String(data));
    } catch {
      socket.close(1007, "not a message of the inspector protocol");
    }
  });
  socket.on("error", () => {}); // 'close' follows
  socket.on("close", () => session.close());
}

/** Names of ours only: a page of another site that has its name resolve to this machine sends that name. */
function isForUs({ headers: { host = "" } }: IncomingMessage): boolean {
  return NAMES.has(host.replace(/:\d+$/, ""));
}

function isWebPage({ headers: { origin } }: IncomingMessage): boolean {
  return origin !== undefined && !origin.startsWith("devtools://") && !origin.startsWith("vscode-webview://");
}

async function close(server: Server, sockets: WebSocketServer): Promise<void> {
  for (const socket of sockets.clients) socket.terminate();
  server.closeAllConnections();
  server.close();
  await once(server, "close");
}
