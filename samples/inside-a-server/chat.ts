import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { WebSocketServer } from "ws";

/** The application's own sockets. Nobody but the gateway reaches them: they listen on this machine alone. */
export async function startChat(): Promise<string> {
  const chat = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  chat.on("connection", (socket) => {
    socket.on("error", () => {});
    socket.on("message", (text) => socket.send(`chat heard: ${text}`));
  });
  await once(chat, "listening");
  return `http://127.0.0.1:${(chat.address() as AddressInfo).port}`;
}
