/**
 * http-net.ts PORT UPSTREAM_PORT: a relay of upgrades that Node's `http` server parses, with a handshake written by hand
 * over `node:net` to the server. It looks at no frame.
 */
import { createServer } from "node:http";
import { connect, type Socket } from "node:net";
import { carry } from "./carry.ts";

const [port, upstreamPort] = process.argv.slice(2).map(Number);
const server = createServer();
server.on("upgrade", (request, socket, head) => {
  const client = socket as Socket;
  const target = connect({ host: "127.0.0.1", port: upstreamPort ?? 0, noDelay: true, allowHalfOpen: true });
  const fields: string[] = [];
  for (let i = 0; i < request.rawHeaders.length; i += 2) {
    fields.push(`${request.rawHeaders[i]}: ${request.rawHeaders[i + 1]}\r\n`);
  }
  target.write(`GET ${request.url} HTTP/1.1\r\n${fields.join("")}\r\n`, "latin1");
  if (head.length > 0) target.write(head);
  carry(client, target);
  carry(target, client);
});
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
