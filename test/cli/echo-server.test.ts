import { once } from "node:events";
import test from "ava";
import { WebSocket } from "ws";
import { startEchoServer } from "../../cli/echo-server.ts";

test("text comes back as text, binary as binary, and what is offered first is the subprotocol", async (t) => {
  const server = await startEchoServer();
  t.teardown(() => server.close());
  const socket = new WebSocket(server.url, { perMessageDeflate: false });
  await once(socket, "open");
  t.is(socket.protocol, "");
  const speaker = new WebSocket(server.url, ["graphql-transport-ws", "json"]);
  await once(speaker, "open");
  t.is(speaker.protocol, "graphql-transport-ws");
  socket.send("hello");
  t.deepEqual(await once(socket, "message"), [Buffer.from("hello"), false]);
  socket.send(Buffer.from([1, 2]));
  t.deepEqual(await once(socket, "message"), [Buffer.from([1, 2]), true]);
});

test("closing it ends its connections", async (t) => {
  const server = await startEchoServer();
  const socket = new WebSocket(server.url);
  await once(socket, "open");
  await Promise.all([server.close(), once(socket, "close")]);
  t.is(socket.readyState, WebSocket.CLOSED);
});
