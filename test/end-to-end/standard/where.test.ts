import { createHash } from "node:crypto";
import test from "ava";
import { shareChains } from "../../standard/support.ts";
import { startServer } from "../../support/peers/peers.ts";

const start = shareChains();

test("route-by: an attribute of a policy before it chooses the server", async (t) => {
  const other = await startServer(t, (socket) => socket.send("the other one"));
  const sha256 = createHash("sha256").update("k").digest("hex");
  const [{ connect, refused, server }, none] = await Promise.all([
    start(
      t,
      [
        ["api-key", { keys: [{ id: "acme", sha256 }] }],
        ["route-by", { by: "attributes.apiKey", routes: { acme: other.url } }],
      ],
      { route: { connect: { allow: [other.url] } } },
    ),
    start(t, [["route-by", { by: "query.v", routes: { a: other.url } }]]),
  ]);
  const client = await connect("/", { headers: { "x-api-key": "k" } });
  t.is(await client.next(), "the other one");
  t.is(server.requests.length, 0);

  t.is((await none.refused("/?v=b")).status, 404);
  t.is((await refused()).status, 401);
});

test("headers: of the request to the server, and of the 101", async (t) => {
  const { connect, server } = await start(t, [
    ["headers", { request: { "X-Version": "{query.v}", Cookie: null }, response: { "X-Gate": "yes" } }],
  ]);
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const finishRequest = (request: {
    on(event: "upgrade", listener: (response: never) => void): void;
    end(): void;
  }) => {
    request.on("upgrade", (response: { headers: Record<string, string> }) =>
      resolve(response.headers["x-gate"]),
    );
    request.end();
  };
  await connect("/?v=7", {
    headers: { "X-Version": "forged", Cookie: "a=1" },
    finishRequest: finishRequest as never,
  });
  t.like(server.requests[0]!.headers, { "x-version": "7", cookie: undefined });
  t.is(await promise, "yes");
});
