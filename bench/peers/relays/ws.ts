/**
 * ws.ts PORT UPSTREAM_PORT [policy] [cork]: the relay that one writes with `ws`. With `policy` it puts a member into each
 * message of a client, in-process; with `cork` what is written in one turn of the loop leaves in one system call.
 */
import type { Socket } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const [port, upstreamPort, ...modes] = process.argv.slice(2);
const isPolicy = modes.includes("policy");
const isCorked = modes.includes("cork");
const server = new WebSocketServer({ port: Number(port), host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (client, request) => {
  const user = request.headers["x-user"];
  const target = new WebSocket(`ws://127.0.0.1:${upstreamPort}`, { perMessageDeflate: false });
  const early: [Buffer, boolean][] = [];
  client.on("message", (data: Buffer, isBinary) => {
    if (target.readyState === WebSocket.OPEN) forward(data, isBinary);
    else early.push([data, isBinary]);
  });
  target.on("open", () => {
    for (const [data, isBinary] of early) forward(data, isBinary);
  });
  target.on("message", (data: Buffer, isBinary) => {
    if (isCorked) cork(client);
    client.send(data, { binary: isBinary });
  });
  client.on("close", (code, reason) => end(target, code, reason));
  target.on("close", (code, reason) => end(client, code, reason));
  client.on("error", () => client.terminate());
  target.on("error", () => target.terminate());

  function forward(data: Buffer, isBinary: boolean): void {
    if (isCorked) cork(target);
    if (isPolicy) target.send(JSON.stringify({ ...JSON.parse(data.toString()), user }));
    else target.send(data, { binary: isBinary });
  }
});
process.on("SIGTERM", () => process.exit(0));

/** The code goes on as it came, where it may stand in a frame. */
function end(side: WebSocket, code: number, reason: Buffer): void {
  if (code === 1005 || code === 1006) side.close();
  else side.close(code, reason);
}

function cork(webSocket: WebSocket): void {
  const socket = (webSocket as unknown as { readonly _socket: Socket | null })._socket;
  if (socket === null || socket.writableCorked > 0) return;
  socket.cork();
  setImmediate(() => socket.uncork());
}
