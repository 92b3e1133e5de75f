import { createServer } from "node:http";
import { attachGateway } from "framegate";
import { startChat } from "./chat.ts";
import { makeConfig } from "./config.ts";

export async function startNode(port: number, chat: string) {
  const server = createServer((_request, response) => response.end("the application's own page\n"));
  const gateway = await attachGateway(server, makeConfig(chat));
  server.listen(port, "127.0.0.1");
  return { server, stop: () => gateway.stop().then(() => void server.close()) };
}

if (import.meta.main) {
  const { stop } = await startNode(3000, await startChat());
  process.once("SIGTERM", () => stop().finally(() => process.exit()));
}
