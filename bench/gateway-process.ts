/** The gateway as it runs in production, one worker: a spliced route, one whose policy looks, one whose policy rewrites. */
import { fileURLToPath } from "node:url";
import { createGateway } from "../core/index.ts";

const [upstream = ""] = process.argv.slice(2);
const gateway = await createGateway({
  listen: [{ port: 0 }],
  console: false,
  workers: 1,
  log: { level: "error" },
  policies: fileURLToPath(new URL("policies", import.meta.url)),
  routes: [
    { path: "/spliced", upstream },
    { path: "/recorded", upstream, recording: true },
    { path: "/looks", upstream, policies: ["look"] },
    { path: "/rewrites", upstream, policies: ["add-user"] },
  ],
});
await gateway.start();
process.send?.({ port: gateway.addresses.listen[0]?.port });
process.on("disconnect", () => process.exit(0));
process.on("SIGTERM", () => {
  gateway.stop().finally(() => process.exit(0));
});
