import { once } from "node:events";
import { WebSocketServer } from "ws";

/** `node echo.ts HOST PORT`: says each message back. */
const [, , host, port] = process.argv;
const server = new WebSocketServer({ host: host!, port: Number(port), backlog: 4096 });
server.on("connection", (socket) => {
  socket.on("error", () => {});
  socket.on("message", (body, isBinary) => socket.send(body, { binary: isBinary }));
});
await once(server, "listening");
console.log("ready");
