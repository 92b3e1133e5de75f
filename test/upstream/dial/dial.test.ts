import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { resolveTarget } from "../../../core/net/target.ts";
import { type DialOptions, dial } from "../../../core/upstream/dial/dial.ts";
import { UpstreamError } from "../../../core/upstream/dial/errors.ts";
import { nextStep, type UpstreamLabel } from "../../../core/upstream/dial/next-step.ts";
import { dialThrough } from "../../../core/upstream/dial/proxy-tunnel.ts";

const request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
const patience = { connectTimeoutMs: 60_000, handshakeTimeoutMs: 60_000 };

/** Dial a server that says these parts, one after the other has been sent, once the request has come. */
async function dialServer(
  t: ExecutionContext,
  parts: readonly string[],
  options: Partial<DialOptions> & { end?: boolean; host?: string } = {},
) {
  const server = createServer();
  t.teardown(() => server.close());
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  const heard = new Promise<{ peer: Socket; text: string }>((resolve) => {
    server.once("connection", (peer: Socket) => {
      t.teardown(() => peer.destroy());
      peer.on("error", () => {});
      peer.once("data", async (bytes) => {
        for (const part of parts) await new Promise((sent) => peer.write(part, sent));
        if (options.end) peer.end();
        resolve({ peer, text: bytes.toString() });
      });
    });
  });
  const target = resolveTarget(`http://${options.host ?? "127.0.0.1"}:${port}`, "/");
  if (target === undefined) throw new Error("no target");
  const dialled = dial(target, request, { ...patience, signal: new AbortController().signal, ...options });
  return { dialled, heard };
}

async function codeOf(dialled: Promise<unknown>): Promise<string> {
  const error = await dialled.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  return error instanceof UpstreamError ? error.code : `${error}`;
}

const switching = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n";

test("the request as given, the head, and what comes behind it", async (t) => {
  const { dialled, heard } = await dialServer(t, [switching.slice(0, 20), `${switching.slice(20)}frames`]);
  const { head, rest, socket } = await dialled;
  t.is((await heard).text, request);
  t.is(head.status, 101);
  t.is(rest.toString(), "frames");
  t.true(socket.isPaused());
  socket.destroy();
});

test("interim answers are not the answer (RFC 9110 section 15.2)", async (t) => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  const { dialled } = await dialServer(t, [`${interim}${switching}frames`]);
  const { head, rest, socket } = await dialled;
  t.is(head.status, 101);
  t.is(rest.toString(), "frames");
  socket.destroy();
});

test("what is no HTTP response, too long a head, or an end before it", async (t) => {
  const bad = "ERR_UPSTREAM_BAD_HANDSHAKE";
  t.is(await codeOf((await dialServer(t, ["SSH-2.0\r\n\r\n"])).dialled), bad);
  t.is(await codeOf((await dialServer(t, ["HTTP/1.1 101 x\r\n", `A: ${"x".repeat(70_000)}`])).dialled), bad);
  t.is(await codeOf((await dialServer(t, ["HTTP/1.1 101"], { end: true })).dialled), bad);
});

test("a server that does not answer", async (t) => {
  const { dialled } = await dialServer(t, [], { handshakeTimeoutMs: 20 });
  t.is(await codeOf(dialled), "ERR_UPSTREAM_HANDSHAKE_TIMEOUT");
});

test("a client that has gone, before or meanwhile, ends it", async (t) => {
  t.is(
    await codeOf((await dialServer(t, [], { signal: AbortSignal.abort() })).dialled),
    "ERR_UPSTREAM_ABORTED",
  );
  const client = new AbortController();
  const { dialled, heard } = await dialServer(t, [], { signal: client.signal });
  const { peer } = await heard;
  const isClosed = once(peer, "close");
  client.abort();
  t.is(await codeOf(dialled), "ERR_UPSTREAM_ABORTED");
  await isClosed;
});

test("nobody listens there: the cause is kept", async (t) => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, "close");
  const target = resolveTarget(`ws://127.0.0.1:${port}`, "/");
  if (target === undefined) throw new Error("no target");
  const error = await t.throwsAsync(
    dial(target, request, { ...patience, signal: new AbortController().signal }),
    {
      instanceOf: UpstreamError,
      code: "ERR_UPSTREAM_UNREACHABLE",
    },
  );
  t.is((error.cause as NodeJS.ErrnoException).code, "ECONNREFUSED");
});

test("all addresses of a name are tried (RFC 8305)", async (t) => {
  const { dialled } = await dialServer(t, [switching], {
    host: "orders.internal",
    transport: {
      lookup(_host, { all }, callback) {
        t.true(all);
        callback(null, [
          { address: "127.0.0.2", family: 4 },
          { address: "127.0.0.1", family: 4 },
        ]);
      },
    },
  });
  const { socket } = await dialled;
  t.is(socket.remoteAddress, "127.0.0.1");
  socket.destroy();
});

test("what to do about a server that cannot be had is told in the config's words, by the place of the upstream", async (t) => {
  const target = resolveTarget("wss://orders.internal:9443", "/")!;
  const step = (code: string, upstream?: UpstreamLabel) =>
    nextStep(Object.assign(new Error(code), { code }), target, upstream);
  const self = "DEPTH_ZERO_SELF_SIGNED_CERT";
  t.regex(step(self, "orders"), /: set `upstreams\.orders\.tls\.ca` to the PEM file of who has$/);
  t.regex(step(self, "route /chat"), /: set `upstream\.tls\.ca` of the route \/chat to the PEM file/);
  t.regex(step(self), /: set `tls\.ca` in an entry of `upstreams` for it to the PEM file/);
  t.regex(step("ERR_TLS_CERT_ALTNAME_INVALID", "orders"), /set `upstreams\.orders\.tls\.servername` to one$/);
  t.regex(step("ERR_SSL_WRONG_VERSION_NUMBER", "orders"), /does not speak TLS: let `upstreams\.orders\.url`/);
  t.regex(step("ENOTFOUND"), /^no such host: correct the route's `upstream`, or the policy's `connect`/);
  t.is(step("ENOENT"), "");
  t.is(step("EPIPE"), "");
  t.regex(step("ENOTFOUND", { proxyOf: "orders" }), /^no such host: correct `upstreams\.orders\.proxy`,/);

  const { port, close } = await freePort();
  await close();
  const nobody = resolveTarget(`ws://127.0.0.1:${port}`, "/chat")!;
  const transport = { upstream: "orders" };
  const dialled = dial(nobody, request, { ...patience, signal: new AbortController().signal, transport });
  for (const [upstream, option] of [
    ["orders", "`upstreams.orders.proxy`"],
    ["route /chat", "`upstream.proxy` of the route /chat"],
  ] as const) {
    const url = `http://127.0.0.1:${port}`;
    const transport = { proxy: { url, proxyOf: upstream } };
    const options = { ...patience, signal: new AbortController().signal, transport };
    await t.throwsAsync(dialThrough(target, request, options), {
      message: `proxy ${url}, for ${target.url}: connect ECONNREFUSED 127.0.0.1:${port}; nothing listens there: start the proxy, or correct ${option}`,
    });
  }
  await t.throwsAsync(dialled, {
    message: `ws://127.0.0.1:${port}/chat: connect ECONNREFUSED 127.0.0.1:${port}; nothing listens there: start the server, or correct \`upstreams.orders.url\``,
  });
});

async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return { port, close: () => new Promise((closed) => server.close(closed)) };
}
