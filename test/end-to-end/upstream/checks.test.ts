import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { WebSocketServer } from "ws";
import { startGateway, type TestGateway } from "../../support/gateways/gateway.ts";
import { connectClient } from "../../support/peers/peers.ts";
import { startNumbered } from "../../support/servers/upstreams.ts";

/** A server that says "sick or well" and its status at /healthz, and takes upgrades while it is well. */
async function startPatient(t: ExecutionContext) {
  const state = { status: 200, checks: 0 };
  const server = createServer((_request, response) => {
    state.checks++;
    response.writeHead(state.status).end();
  });
  const wss = new WebSocketServer({ noServer: true });
  server.on("upgrade", (request, socket: Socket, head) => {
    socket.on("error", () => {});
    if (state.status !== 200) {
      socket.end("HTTP/1.1 503 Service Unavailable\r\n\r\n");
      return;
    }
    wss.handleUpgrade(request, socket, head, (ws) => {
      ws.on("error", () => {});
      ws.send("patient");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.teardown(() => {
    for (const socket of wss.clients) socket.terminate();
    server.closeAllConnections();
    server.close();
  });
  return { state, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
}

async function ask(t: ExecutionContext, gateway: TestGateway): Promise<string> {
  const client = await connectClient(t, gateway.url);
  return String(await client.next());
}

async function metric(gateway: TestGateway, target: string): Promise<string | undefined> {
  const { port } = gateway.gateway.addresses.console!;
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return text
    .split("\n")
    .find((line) => line.startsWith("framegate_upstream_healthy") && line.includes(target));
}

for (const probe of ["http", "upgrade"] as const) {
  test(`a server whose ${probe} check is bad gets no connections until it is good`, async (t) => {
    const patient = await startPatient(t);
    const [spare] = await startNumbered(t);
    const gateway = await startGateway(t, {
      config: {
        console: { port: 0, token: false },
        upstreams: {
          clinic: {
            targets: [{ url: patient.url }, { url: spare.url, priority: 1 }],
            // The spare knows no plain HTTP: it is never well, and is used all the same when nobody is.
            health: { slowStart: 0, check: { probe, path: "/healthz", interval: "20ms", timeout: "10s" } },
          },
        },
      },
      routes: [{ path: "/*", upstream: "clinic" }],
    });
    t.is(await ask(t, gateway), "patient");
    t.regex((await metric(gateway, patient.url))!, / 1$/);

    patient.state.status = 503;
    const down = await gateway.logged(
      ({ msg, target }) => msg === "server gets no new connections" && target === patient.url,
    );
    t.is(down.upstream, "clinic");
    t.regex(String(down.reason), new RegExp(`expected ${probe === "http" ? 200 : 101} for .*, got 503`));
    t.regex((await metric(gateway, patient.url))!, / 0$/);
    if (probe === "upgrade") t.is(await ask(t, gateway), "0");

    patient.state.status = 200;
    await gateway.logged(({ msg, target }) => msg === "server is healthy again" && target === patient.url);
    t.is(await ask(t, gateway), "patient");
  });
}
