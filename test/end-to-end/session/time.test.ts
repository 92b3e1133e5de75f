import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const expiring = `
  export const upgrade = () => ({ expires: Date.now() + 300 });
`;

const relay = shareRelay(test, {
  policies: { "expiring.ts": expiring },
  routes: (upstream) => [
    { path: "/expire/*", upstream, expire: "400ms" },
    { path: "/token/*", upstream, policies: ["expiring"], expire: "1h" },
    ...modes.flatMap((mode) => {
      const policies = mode === "policy" ? ["unchanged"] : [];
      return [
        { path: `/idle-${mode}/*`, upstream, policies, idle: "400ms" },
        { path: `/idle-pings-${mode}/*`, upstream, policies, idle: { timeout: "400ms", countPings: true } },
      ];
    }),
  ],
});

test("a connection ends with its life, although messages pass", async (t) => {
  const { client, server, path } = await relay.open(t, "expire");
  const chatter = setInterval(() => client.send("still here"), 20);
  t.teardown(() => clearInterval(chatter));
  t.deepEqual(await client.closed, { code: 1001, reason: "expired" });
  t.deepEqual(await server.closed, { code: 1001, reason: "expired" });
  t.like(await relay.ended(path), { initiator: "gateway", code: 1001, reason: "expired", cause: "expire" });
});

test("the expiry of an upgrade verdict goes before a longer life", async (t) => {
  const { client } = await relay.open(t, "token");
  t.deepEqual(await client.closed, { code: 1008, reason: "expired" });
});

for (const mode of modes) {
  test(`${mode}: pings do not keep an idle connection open`, async (t) => {
    const { client, server } = await relay.open(t, `idle-${mode}`);
    const pings = setInterval(() => client.ws.ping(), 20);
    t.teardown(() => clearInterval(pings));
    t.deepEqual(await client.closed, { code: 1001, reason: "idle" });
    t.deepEqual(await server.closed, { code: 1001, reason: "idle" });
  });

  test(`${mode}: messages of either side keep a connection open, and so do pings where they count`, async (t) => {
    const bySide = await relay.openRaw(t, `idle-${mode}`);
    const byPing = await relay.openRaw(t, `idle-pings-${mode}`);
    const startedAt = performance.now();
    for (let count = 0; performance.now() - startedAt < 1200; count++) {
      bySide.client.write(clientFrame(OPCODE.text, `${count}`));
      t.is((await bySide.server.next()).opcode, OPCODE.text);
      byPing.client.write(clientFrame(OPCODE.ping, `${count}`));
      t.is((await byPing.server.next()).opcode, OPCODE.ping);
    }
    const frames = await Promise.all([bySide.client.next(), byPing.client.next()]);
    t.deepEqual(
      frames.map((frame) => frame.opcode),
      [OPCODE.close, OPCODE.close],
    );
  });
}
