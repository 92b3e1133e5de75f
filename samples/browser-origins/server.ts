import { createServer, type Server } from "node:http";
import { WebSocketServer } from "ws";

/** The application behind the gateway: it says to everybody what one says, and tells a newcomer what was said. */
export function startChat(port: number): Server {
  const history: string[] = [];
  const server = createServer((request, response) => {
    if (request.method === "DELETE") history.length = 0;
    response.setHeader("Content-Type", "application/json");
    response.end(JSON.stringify(history));
  });
  // Takes the first subprotocol that the gateway offers.
  const sockets = new WebSocketServer({ server });
  sockets.on("connection", (socket, request) => {
    socket.on("error", () => {});
    socket.on("message", (text) => {
      const line = `${request.headers["x-user"]}: ${text}`;
      history.push(line);
      for (const each of sockets.clients) each.send(line);
    });
  });
  return server.listen(port, "127.0.0.1");
}

if (import.meta.main) startChat(3000);
