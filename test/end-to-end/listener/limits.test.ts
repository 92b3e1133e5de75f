import { once } from "node:events";
import { access, readdir, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { join } from "node:path";
import test from "ava";
import { createGateway, createLogger } from "../../../core/index.ts";
import { startProcess } from "../../cli/process.ts";
import { makeFolder } from "../../config/folder.ts";
import { startGateway } from "../../support/gateways/gateway.ts";
import { ask, readAnswer, upgradeHead } from "../../support/peers/http.ts";
import { connectClient, echo, startServer } from "../../support/peers/peers.ts";

test("a head above maxHeaderBytes gets 431", async (t) => {
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: "ws://127.0.0.1:1" }],
    config: { listen: [{ port: 0, maxHeaderBytes: "2KiB" }] },
  });
  t.is((await ask(t, gateway.port, upgradeHead("/x", { "X-Long": "x".repeat(1000) }))).status, 502);
  t.is((await ask(t, gateway.port, upgradeHead("/x", { "X-Long": "x".repeat(3000) }))).status, 431);
});

test("a request with more than maxHeaders fields gets 431, an upgrade as well as a plain one", async (t) => {
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: "ws://127.0.0.1:1" }],
    config: { listen: [{ port: 0, maxHeaders: 50 }] },
  });
  const fields = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, "x"]));
  t.is((await ask(t, gateway.port, upgradeHead("/x", fields(45)))).status, 502);
  t.is((await ask(t, gateway.port, upgradeHead("/x", fields(46)))).status, 431);
  const refused = await gateway.logged(({ msg, status }) => msg === "upgrade refused" && status === 431);
  t.like(refused, { code: "ERR_TOO_MANY_HEADERS", detail: "51 header fields" });
  const plain = { ...fields(60), Upgrade: "", Connection: "close" };
  t.is((await ask(t, gateway.port, upgradeHead("/x", plain))).status, 431);
});

test("a Unix socket takes sessions, and its file is gone after the stop", async (t) => {
  const dir = await makeFolder(t);
  const path = join(dir, "gate.sock");
  const server = await startServer(t, echo);
  const gateway = await startGateway(t, {
    routes: [{ path: "/*", upstream: server.url }],
    config: { listen: [{ socket: path }] },
  });
  const client = await connectClient(t, `ws+unix:${path}:/x`);
  client.send("over a file");
  t.is(await client.next(), "over a file");
  t.deepEqual(gateway.gateway.addresses.listen, [{ host: "", port: 0, socket: path, tls: false }]);
  await gateway.stop();
  await t.throwsAsync(access(path), { code: "ENOENT" });
});

test("a socket that a killed process left behind is replaced; one in use, and any other file, is not", async (t) => {
  const dir = await makeFolder(t);
  const stale = join(dir, "stale.sock");
  const script = `require("node:net").createServer().listen(${JSON.stringify(stale)}, () => console.log("up"))`;
  const killed = startProcess(t, process.execPath, ["-e", script]);
  await killed.output(/up/);
  killed.process.kill("SIGKILL");
  await killed.ended;
  t.deepEqual(await readdir(dir), ["stale.sock"], "it left its file behind");
  const routes = [{ path: "/*", upstream: "ws://127.0.0.1:1" }];
  await startGateway(t, { routes, config: { listen: [{ socket: stale }] } });
  const socket = connect({ path: stale, allowHalfOpen: true });
  socket.write(upgradeHead("/x"));
  t.is((await readAnswer(socket)).status, 502);

  const used = join(dir, "used.sock");
  const owner = createServer().listen(used);
  t.teardown(() => owner.close());
  await once(owner, "listening");
  const file = join(dir, "file");
  await writeFile(file, "precious");
  for (const path of [used, file]) {
    const gateway = await createGateway(
      {
        listen: [{ socket: path }],
        console: false,
        workers: 0,
        policies: dir,
        sandbox: { warmSpare: false },
      },
      { logger: createLogger({ level: "silent" }) },
    );
    const error = await t.throwsAsync(gateway.start(), { code: "ERR_LISTEN" });
    t.true(error.message.includes(`cannot listen on ${path}: the file is there`), error.message);
    await t.notThrowsAsync(access(path));
  }
});

test("with reusePort two gateways share a port, without it they do not", async (t) => {
  const routes = [{ path: "/*", upstream: "ws://127.0.0.1:1" }];
  // Shares the port until a gateway has it, so that nobody else gets it in between.
  const first = createServer().listen({ host: "127.0.0.1", port: 0, reusePort: true });
  await once(first, "listening");
  const { port } = first.address() as { port: number };
  const listen = [{ port, reusePort: true, backlog: 16 }];
  await startGateway(t, { routes, config: { listen } });
  await new Promise((closed) => first.close(closed));
  await startGateway(t, { routes, config: { listen } });
  t.is((await ask(t, port, upgradeHead("/x"))).status, 502);
  await t.throwsAsync(startGateway(t, { routes, config: { listen: [{ port }] } }), { code: "ERR_LISTEN" });
});
