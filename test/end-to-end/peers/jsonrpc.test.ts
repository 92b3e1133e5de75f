import { once } from "node:events";
import test from "ava";
import {
  createJSONRPCRequest,
  JSONRPCClient,
  type JSONRPCErrorResponse,
  JSONRPCServer,
  JSONRPCServerAndClient,
} from "json-rpc-2.0";
import { WebSocket } from "ws";
import { startGateway } from "../../support/gateways/gateway.ts";
import { startServer } from "../../support/peers/peers.ts";

const lens = `
  import { jsonrpc } from "framegate/lenses";

  const refusal = (id) => ({ jsonrpc: "2.0", id, error: { code: -32001, message: "not allowed" } });

  export default jsonrpc({
    client: {
      async request({ id, method, params }) {
        if (method === "shutdown") return { drop: true, reply: [refusal(id)] };
        if (method === "add") return { content: { body: { jsonrpc: "2.0", id, method, params: [...params, 100] } } };
      },
      notification: ({ method }) => (method === "quiet" ? { drop: true } : undefined),
    },
    server: {
      notification: (packet) => ({ content: { body: { ...packet, params: { ...packet.params, by: "gateway" } } } }),
      error: ({ id, error }) => ({ content: { body: { jsonrpc: "2.0", id, error: { code: error.code, message: "failed" } } } }),
    },
  }, { subprotocols: ["rpc.v1"] });`;

/** Both ends speak to each other with this library. */
function speak(socket: WebSocket): JSONRPCServerAndClient {
  const peer: JSONRPCServerAndClient = new JSONRPCServerAndClient(
    new JSONRPCServer({ errorListener: () => {} }),
    new JSONRPCClient((payload) => void socket.send(JSON.stringify(payload))),
  );
  socket.on("message", (data) => void peer.receiveAndSend(JSON.parse(String(data))));
  socket.on("close", () => peer.rejectAllPendingRequests("closed"));
  return peer;
}

test("calls of either side, and batches, through the lens: refused, changed, answered", async (t) => {
  const heard: unknown[] = [];
  const server = await startServer(
    t,
    (socket) => {
      const peer = speak(socket);
      peer.addMethod("add", (numbers: number[]) => numbers.reduce((sum, each) => sum + each, 0));
      peer.addMethod("shutdown", () => heard.push("shutdown"));
      peer.addMethod("log", (params: unknown) => void heard.push(params));
      peer.addMethod("quiet", () => heard.push("quiet"));
      peer.addMethod("fail", () => {
        throw new Error("the database is at 10.0.0.7");
      });
      peer.addMethod("ask", async () => {
        peer.notify("progress", { percent: 50 });
        return { answered: await peer.request("name", {}) };
      });
    },
    { handleProtocols: () => "rpc.v1" },
  );
  const gateway = await startGateway(t, {
    policies: { "lens.ts": lens },
    routes: [{ path: "/", upstream: server.url, policies: ["lens"] }],
  });
  const socket = new WebSocket(gateway.url, "rpc.v1");
  t.teardown(() => socket.terminate());
  await once(socket, "open");
  const client = speak(socket);
  const progress = Promise.withResolvers<unknown>();
  client.addMethod("progress", (params: unknown) => progress.resolve(params));
  client.addMethod("name", () => "eve");

  t.is(await client.request("add", [1, 2]), 103);
  await t.throwsAsync(async () => client.request("shutdown", []), { message: "not allowed" });
  await t.throwsAsync(async () => client.request("fail", []), { message: "failed" });
  client.notify("quiet", []);
  t.deepEqual(await client.request("ask", {}), { answered: "eve" });
  t.deepEqual(await progress.promise, { percent: 50, by: "gateway" });

  const answers = await client.requestAdvanced([
    createJSONRPCRequest("b1", "add", [1]),
    createJSONRPCRequest("b2", "add", [2]),
  ]);
  t.deepEqual(
    answers.map(({ id, result }) => [id, result]),
    [
      ["b1", 101],
      ["b2", 102],
    ],
  );
  t.deepEqual(heard, []);
});

test("what is not JSON-RPC 2.0 is answered as the specification says, and ends the connection", async (t) => {
  const heard: string[] = [];
  const server = await startServer(t, (socket) => socket.on("message", (data) => heard.push(String(data))), {
    handleProtocols: () => "rpc.v1",
  });
  const gateway = await startGateway(t, {
    policies: { "lens.ts": lens },
    routes: [{ path: "/", upstream: server.url, policies: ["lens"] }],
  });
  const endOf = async (message: string | Uint8Array) => {
    const socket = new WebSocket(gateway.url, "rpc.v1");
    const answer = new Promise((resolve) => {
      socket.once("message", (data) =>
        resolve((JSON.parse(String(data)) as JSONRPCErrorResponse).error.code),
      );
    });
    const closed = once(socket, "close");
    await once(socket, "open");
    socket.send(message);
    return [await answer, (await closed)[0]];
  };
  t.deepEqual(await endOf("no JSON"), [-32700, 1008]);
  const call = '"jsonrpc":"2.0","id":1';
  for (const foreign of [
    "[]",
    '{"id":1,"method":"add"}',
    `[{${call},"method":"list"},1]`,
    `{${call},"method":"shutdown","result":1}`,
    `{${call},"Method":"shutdown","result":1}`,
    `{${call},"method":"add","params":"text"}`,
    `{"jsonrpc":"2.0","id":12345678901234567890,"method":"list"}`,
    new TextEncoder().encode(`{${call},"method":"shutdown"}`),
  ])
    t.deepEqual(await endOf(foreign), [-32600, 1008], String(foreign));
  t.deepEqual(heard, []);
  const refused = new WebSocket(gateway.url);
  refused.on("error", () => {});
  const [, response] = await once(refused, "unexpected-response");
  t.is(response.statusCode, 400);
});
