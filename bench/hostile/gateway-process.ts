/** The gateway as it runs in production, one worker, with the policies and routes of its argument. */
import { type ConfigInput, createGateway } from "../../core/index.ts";

const [input = "{}"] = process.argv.slice(2);
const { policies, routes } = JSON.parse(input) as Pick<ConfigInput, "policies" | "routes">;
const gateway = await createGateway({
  listen: [{ host: "127.0.0.1", port: 0 }],
  console: false,
  workers: 1,
  log: { level: "silent" },
  ...{ policies, routes },
});
await gateway.start();
process.send?.({ port: gateway.addresses.listen[0]?.port });
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => {
  gateway.stop().finally(() => process.exit(0));
});
