/** The relay that one writes with `ws` in ten minutes: what there is to beat. With `policy`, it edits in-process. */
import type { AddressInfo } from "node:net";
import { WebSocket, WebSocketServer } from "ws";

const [upstream = "", mode] = process.argv.slice(2);
const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate: false });
server.on("connection", (client, request) => {
  const user = request.headers["x-user"];
  const target = new WebSocket(upstream, { perMessageDeflate: false });
  const early: [Buffer, boolean][] = [];
  client.on("message", (data: Buffer, isBinary) => {
    if (target.readyState === WebSocket.OPEN) forward(data, isBinary);
    else early.push([data, isBinary]);
  });
  target.on("open", () => {
    for (const [data, isBinary] of early) forward(data, isBinary);
  });
  target.on("message", (data: Buffer, isBinary) => client.send(data, { binary: isBinary }));
  client.on("close", () => target.terminate());
  target.on("close", () => client.terminate());
  client.on("error", () => {});
  target.on("error", () => {});

  function forward(data: Buffer, isBinary: boolean): void {
    if (mode !== "policy") return target.send(data, { binary: isBinary });
    target.send(JSON.stringify({ ...JSON.parse(data.toString()), user }));
  }
});
server.on("listening", () => process.send?.({ port: (server.address() as AddressInfo).port }));
process.on("SIGTERM", () => process.exit(0));
process.on("disconnect", () => process.exit(0));
