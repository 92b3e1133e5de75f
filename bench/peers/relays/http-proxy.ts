/** http-proxy.ts PORT UPSTREAM_PORT: http-proxy-3, as its README has it. */
import { createServer, type IncomingMessage } from "node:http";
import { createRequire } from "node:module";
import type { Duplex } from "node:stream";

interface ProxyServer {
  ws(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  on(event: "error", listener: () => void): void;
}

// It is none of the product's packages, so that its types are not there where the product is compiled.
const { createProxyServer } = createRequire(import.meta.url)("http-proxy-3") as {
  createProxyServer(options: { readonly target: string; readonly ws: true }): ProxyServer;
};
const [port, upstreamPort] = process.argv.slice(2);
const proxy = createProxyServer({ target: `http://127.0.0.1:${upstreamPort}`, ws: true });
proxy.on("error", () => {});
const server = createServer();
server.on("upgrade", (request, socket, head) => proxy.ws(request, socket, head));
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
