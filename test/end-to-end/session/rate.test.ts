import test from "ava";
import type { RouteInput } from "../../../core/index.ts";
import { connectRaw } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const tagging = `
  export const upgrade = ({ request }) => ({ attributes: { tenant: request.headers.get("x-tenant") } });
`;
const slow = { messages: 5, per: "1h" } as const;
const rates: Readonly<Record<string, RouteInput["rate"]>> = {
  close: slow,
  drop: { ...slow, action: "drop" },
  bytes: { bytes: 50, per: "1h", action: "drop" },
  delay: { messages: 5, per: "500ms", action: "delay" },
  server: { server: { ...slow, action: "drop" } },
  address: { ...slow, action: "drop", key: "address" },
  header: { ...slow, action: "drop", key: "header:X-Key" },
};

const relay = shareRelay(test, {
  policies: { "tagging.ts": tagging },
  routes: (upstream) => [
    ...Object.entries(rates).flatMap(([name, rate]) =>
      modes.map((mode) => {
        const policies = mode === "policy" ? ["unchanged"] : [];
        return { path: `/${name}-${mode}/*`, upstream, policies, rate };
      }),
    ),
    {
      ...{ path: "/attribute/*", upstream, policies: ["tagging"] },
      rate: { ...slow, action: "drop" as const, key: "attribute:tenant" },
    },
  ],
});

type Sides = Awaited<ReturnType<typeof relay.open>>;

/** Sends so many, and one more over a direction without limit that tells when they have come. */
async function received({ client, server }: Sides, count: number): Promise<number> {
  for (let index = 0; index < count; index++) client.send(`message ${index}`);
  let got = 0;
  const onMessage = (): void => void got++;
  server.ws.on("message", onMessage);
  const isThere = new Promise((resolve) => server.ws.once("ping", resolve));
  client.ws.ping("after them");
  await isThere;
  server.ws.off("message", onMessage);
  return got;
}

for (const mode of modes) {
  test(`${mode}: more messages than the rate close the connection, after those within it`, async (t) => {
    const { client, server, path } = await relay.open(t, `close-${mode}`);
    for (let index = 0; index < 6; index++) client.send(`${index}`);
    t.deepEqual(await server.take(5), ["0", "1", "2", "3", "4"]);
    t.deepEqual(await client.closed, { code: 1008, reason: "rate exceeded" });
    t.deepEqual(await server.closed, { code: 1008, reason: "rate exceeded" });
    t.like(await relay.ended(path), { initiator: "gateway", code: 1008, cause: "rate" });
  });

  test(`${mode}: more than the rate is dropped where it says so, by messages or bytes`, async (t) => {
    t.is(await received(await relay.open(t, `drop-${mode}`), 20), 5);
    // Nine bytes each.
    t.is(await received(await relay.open(t, `bytes-${mode}`), 20), 5);
  });

  test(`${mode}: a sender is held up where the rate says so, and loses nothing`, async (t) => {
    const { client, server } = await relay.open(t, `delay-${mode}`);
    const startedAt = performance.now();
    for (let index = 0; index < 10; index++) client.send(`${index}`);
    t.is((await server.take(10)).length, 10);
    client.send("late");
    t.is(await server.next(), "late");
    t.true(performance.now() - startedAt >= 500);
  });

  test(`${mode}: the server's messages have a rate of their own`, async (t) => {
    const { client, server } = await relay.open(t, `server-${mode}`);
    t.is(await received({ client: server, server: client, path: "" }, 20), 5);
    t.is(await received({ client, server, path: "" }, 20), 20);
  });

  test(`${mode}: messages that may be dropped do not depend on each other`, async (t) => {
    const path = relay.path(`drop-${mode}`);
    const answer = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover";
    const [client, { request }] = await Promise.all([
      connectRaw(t, relay.gateway.port, path, ["Sec-WebSocket-Extensions: permessage-deflate"]),
      relay.server.upgrade(path).then((upgrade) => {
        upgrade.acceptRaw({ headers: [answer] });
        return upgrade;
      }),
    ]);
    t.regex(String(request.headers["sec-websocket-extensions"]), /server_no_context_takeover/);
    t.regex(client.head, /client_no_context_takeover/);
  });

  test(`${mode}: connections of one address share an allowance, a later one too`, async (t) => {
    const first = await relay.open(t, `address-${mode}`);
    t.is(await received(first, 3), 3);
    t.is(await received(await relay.open(t, `address-${mode}`), 3), 2);
    first.client.close();
    await relay.ended(first.path);
    t.is(await received(await relay.open(t, `address-${mode}`), 3), 0);
  });

  test(`${mode}: those with the same header share an allowance`, async (t) => {
    const open = (key: string) => relay.open(t, `header-${mode}`, { client: { headers: { "x-key": key } } });
    t.is(await received(await open("a"), 4), 4);
    t.is(await received(await open("a"), 4), 1);
    t.is(await received(await open("b"), 4), 4);
  });
}

test("those with the same attribute share an allowance", async (t) => {
  const open = (tenant: string) =>
    relay.open(t, "attribute", { client: { headers: { "x-tenant": tenant } } });
  t.is(await received(await open("a"), 4), 4);
  t.is(await received(await open("a"), 4), 1);
  t.is(await received(await open("b"), 4), 4);
});
