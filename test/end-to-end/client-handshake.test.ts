import test from "ava";
import { startGateway } from "../support/gateways/gateway.ts";
import { openSocket, readAnswer, upgradeHead } from "../support/peers/http.ts";
import { connectClient, startServer } from "../support/peers/peers.ts";

test("a client that does not finish the head of its request gets 408; a session may be silent for longer", async (t) => {
  const server = await startServer(t);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url }],
    config: { listen: [{ port: 0, handshakeTimeout: "200ms" }] },
  });
  const client = await connectClient(t, gateway.url);
  for (const begun of ["", upgradeHead("/").slice(0, -2)]) {
    const socket = await openSocket(t, gateway.port);
    socket.write(begun);
    t.is((await readAnswer(socket)).status, 408, begun);
  }
  client.send("still here");
  t.is(await client.next(), "still here");
});
