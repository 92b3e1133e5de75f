/**
 * http-net.ts PORT UPSTREAM_PORT [hop]: a relay of upgrades that Node's `http` server parses, with a handshake written by hand
 * over `node:net` to the server. It looks at no frame. With `hop` it first tells another process of the upgrade, and waits
 * for its answer, as the gateway asks a sandbox host.
 */
import { spawn } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import { connect, Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { carry } from "./carry.ts";

const SOCKET_FD = 3;
const LINE_END = 10;
const ASKED = "asked";

const [first, second, mode] = process.argv.slice(2);
if (first === ASKED) answer();
else relay(Number(first), Number(second), mode === "hop" ? startAsking() : (_, then) => then());

function relay(port: number, upstreamPort: number, ask: (text: string, then: () => void) => void): void {
  const server = createServer();
  server.on("upgrade", (request, socket, head) => {
    const { method, url, rawHeaders } = request;
    ask(JSON.stringify({ method, url, rawHeaders }), () =>
      open(upstreamPort, request, socket as Socket, head),
    );
  });
  server.listen(port, "127.0.0.1");
  process.on("SIGTERM", () => process.exit(0));
}

function open(upstreamPort: number, request: IncomingMessage, client: Socket, head: Buffer): void {
  const target = connect({ host: "127.0.0.1", port: upstreamPort, noDelay: true, allowHalfOpen: true });
  const fields: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    fields.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`);
  }
  target.write(`GET ${request.url} HTTP/1.1\r\n${fields.join("")}\r\n`, "latin1");
  if (head.length > 0) target.write(head);
  carry(client, target);
  carry(target, client);
}

/** Texts go there and answers come back in order, a line each. */
function startAsking(): (text: string, then: () => void) => void {
  const child = spawn(process.execPath, ["--no-warnings", fileURLToPath(import.meta.url), ASKED], {
    stdio: ["ignore", "inherit", "inherit", "pipe"],
  });
  const asked = child.stdio[SOCKET_FD] as Socket;
  const waiting: (() => void)[] = [];
  asked.on("data", (bytes) => {
    for (const byte of bytes) if (byte === LINE_END) waiting.shift()?.();
  });
  return (text, then) => {
    waiting.push(then);
    asked.write(`${text}\n`);
  };
}

function answer(): void {
  const socket = new Socket({ fd: SOCKET_FD });
  socket.on("data", (bytes) => {
    let answers = "";
    for (const byte of bytes) if (byte === LINE_END) answers += "{}\n";
    if (answers !== "") socket.write(answers);
  });
  socket.on("error", () => {});
  socket.on("close", () => process.exit());
}
