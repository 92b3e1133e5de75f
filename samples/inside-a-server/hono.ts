import type { Server } from "node:http";
import { serve } from "@hono/node-server";
import { createAttachedGateway } from "framegate";
import { honoGateway } from "framegate/hono";
import { Hono } from "hono";
import { startChat } from "./chat.ts";
import { makeConfig } from "./config.ts";

export async function startHono(port: number, chat: string) {
  const gateway = await createAttachedGateway(makeConfig(chat));
  const app = new Hono();
  app.use(honoGateway(gateway));
  app.get("/", (context) => context.text("the application's own page\n"));
  const server = serve({ fetch: app.fetch, port, hostname: "127.0.0.1" }) as Server;
  gateway.attach(server);
  return { server, stop: () => gateway.stop().then(() => void server.close()) };
}

if (import.meta.main) {
  const { stop } = await startHono(3000, await startChat());
  process.once("SIGTERM", () => stop().finally(() => process.exit()));
}
