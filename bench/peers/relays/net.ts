/**
 * net.ts PORT UPSTREAM_PORT: the least that a relay on `node:net` does. It looks at nothing: what one side sends is written
 * to the other, the request head and its answer too.
 */
import { connect, createServer } from "node:net";
import { carry } from "./carry.ts";

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
  const target = connect({ host: "127.0.0.1", port: upstreamPort ?? 0, noDelay: true, allowHalfOpen: true });
  carry(client, target);
  carry(target, client);
});
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
