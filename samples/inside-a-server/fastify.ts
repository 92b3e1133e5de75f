import fastify from "fastify";
import { createAttachedGateway } from "framegate";
import { fastifyGateway } from "framegate/fastify";
import { startChat } from "./chat.ts";
import { makeConfig } from "./config.ts";

export async function startFastify(port: number, chat: string) {
  const gateway = await createAttachedGateway(makeConfig(chat));
  const app = fastify();
  app.register(fastifyGateway, { gateway });
  app.get("/", async () => "the application's own page\n");
  await app.listen({ port, host: "127.0.0.1" });
  return { server: app.server, stop: () => app.close() };
}

if (import.meta.main) {
  const { stop } = await startFastify(3000, await startChat());
  process.once("SIGTERM", () => stop().finally(() => process.exit()));
}
