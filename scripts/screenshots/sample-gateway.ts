/** A gateway before a small trading house: orders and a chat through policies, quotes spliced. */
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type WebSocket, WebSocketServer } from "ws";
import { createGateway, createLogger } from "../../core/index.ts";

export interface SampleGateway {
  /** ws://127.0.0.1:PORT */
  readonly url: string;
  /** http://127.0.0.1:PORT */
  readonly consoleUrl: string;
  /** Saves a policy as an editor would. */
  edit(name: string, change: (source: string) => string): Promise<void>;
  close(): Promise<void>;
}

export async function startSampleGateway(): Promise<SampleGateway> {
  const root = await mkdtemp(join(tmpdir(), "framegate-screenshots-"));
  const dir = join(root, "policies");
  await cp(fileURLToPath(new URL("policies", import.meta.url)), dir, { recursive: true });
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  await once(server, "listening");
  server.on("connection", serve);
  const upstream = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const gateway = await createGateway(
    {
      listen: [{ port: 0 }],
      console: { port: 0, token: false },
      workers: 2,
      policies: dir,
      trustedProxies: ["127.0.0.1"],
      drain: { timeout: "1s" },
      routes: [
        {
          name: "orders",
          path: "/orders",
          upstream: `${upstream}/orders`,
          policies: ["sign-in", "order-limits", "mask-accounts"],
          origins: ["https://desk.example.com"],
          recording: { payload: "1KiB" },
        },
        { name: "quotes", path: "/quotes/:symbol", upstream: `${upstream}/quotes`, recording: true },
        {
          name: "chat",
          path: "/chat/:room",
          upstream: `${upstream}/chat`,
          policies: ["sign-in", "chat-manners"],
          recording: true,
        },
        { name: "archive", path: "/archive/*", upstream: "http://127.0.0.1:1" },
      ],
    },
    { logger: createLogger({ level: "error" }) },
  );
  await gateway.start();
  const { listen, console } = gateway.addresses;
  return {
    url: `ws://127.0.0.1:${listen[0]!.port}`,
    consoleUrl: `http://127.0.0.1:${console!.port}`,
    async edit(name, change) {
      const file = join(dir, `${name}.ts`);
      await writeFile(file, change(await readFile(file, "utf8")));
    },
    async close() {
      await gateway.stop();
      for (const socket of server.clients) socket.terminate();
      server.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

function serve(socket: WebSocket, request: IncomingMessage): void {
  socket.on("error", () => {});
  const path = request.url ?? "";
  if (path.startsWith("/quotes")) return quote(socket);
  if (path.startsWith("/chat")) return chat(socket, request);
  socket.on("message", (data) => {
    const order = JSON.parse(String(data)) as { type: string; id: number; symbol: string; quantity: number };
    if (order.type === "heartbeat")
      return socket.send(JSON.stringify({ type: "heartbeat", time: Date.now() }));
    const price = priceOf(order.symbol);
    const fill = { type: "fill", id: order.id, symbol: order.symbol, quantity: order.quantity, price };
    socket.send(JSON.stringify({ ...fill, account: "DE89370400440532013000", venue: "XETR" }));
  });
}

/** Binary, as feeds are: symbol, price, size. */
function quote(socket: WebSocket): void {
  let size = 0;
  const timer = setInterval(() => {
    const bytes = Buffer.alloc(24);
    bytes.write("ACME.DE", 0, "latin1");
    bytes.writeDoubleBE(priceOf("ACME"), 8);
    bytes.writeDoubleBE(++size * 100, 16);
    socket.send(bytes);
  }, 120);
  socket.on("close", () => clearInterval(timer));
}

function chat(socket: WebSocket, { headers }: IncomingMessage): void {
  const user = headers["x-user"];
  socket.on("message", (data) => {
    const { text } = JSON.parse(String(data)) as { text: string };
    socket.send(JSON.stringify({ from: user, text, time: new Date().toISOString() }));
    if (text.endsWith("?"))
      socket.send(JSON.stringify({ from: "desk-bot", text: "Asked the desk; one moment." }));
  });
}

function priceOf(symbol: string): number {
  return Math.round((100 + symbol.length * 7 + Math.sin(Date.now() / 9000) * 3) * 100) / 100;
}
