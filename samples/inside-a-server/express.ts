import express from "express";
import { createAttachedGateway } from "framegate";
import { expressGateway } from "framegate/express";
import { startChat } from "./chat.ts";
import { makeConfig } from "./config.ts";

export async function startExpress(port: number, chat: string) {
  const gateway = await createAttachedGateway(makeConfig(chat));
  const app = express();
  app.use(expressGateway(gateway));
  app.get("/", (_request, response) => void response.send("the application's own page\n"));
  const server = app.listen(port, "127.0.0.1");
  gateway.attach(server);
  return { server, stop: () => gateway.stop().then(() => void server.close()) };
}

if (import.meta.main) {
  const { stop } = await startExpress(3000, await startChat());
  process.once("SIGTERM", () => stop().finally(() => process.exit()));
}
