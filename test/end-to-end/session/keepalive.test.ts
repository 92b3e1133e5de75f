import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame, type RawFrame, serverFrame } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";
import { closeBody } from "../../wire/frames.ts";

const relay = shareRelay(test, {
  routes: (upstream) =>
    modes.flatMap((mode) => {
      const route = { upstream, policies: mode === "policy" ? ["unchanged"] : [] };
      return (["client", "server", "both"] as const).map((legs) => ({
        ...route,
        path: `/${legs}-${mode}/*`,
        keepalive: { interval: "100ms", timeout: legs === "both" ? "30s" : "2s", legs },
      }));
    }),
});

for (const mode of modes) {
  for (const leg of ["client", "server"] as const) {
    test(`${mode}: a ${leg} that answers nothing is cut off, and the other side sees it vanish`, async (t) => {
      const { path, ...pair } = await relay.openRaw(t, `${leg}-${mode}`);
      const [silent, witness] = leg === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
      t.is((await silent.next()).opcode, OPCODE.ping);
      t.like(await witness.rest(), { frames: [], ended: "reset" });
      t.like(await relay.ended(path), { initiator: "gateway", code: 1006, cause: "keepalive" });
    });
  }

  test(`${mode}: pings of the gateway stay between it and the peer, the peers' own pass`, async (t) => {
    const { client, server } = await relay.openRaw(t, `both-${mode}`);
    for (let round = 0; round < 3; round++) {
      client.write(clientFrame(OPCODE.pong, (await pinged(t, client)).payload));
      server.write(serverFrame(OPCODE.pong, (await pinged(t, server)).payload));
    }
    const foreign = Buffer.alloc(8, "x");
    client.write(clientFrame(OPCODE.pong, foreign));
    t.deepEqual(await notPing(server), { opcode: OPCODE.pong, payload: foreign });
    server.write(serverFrame(OPCODE.text, "hello"));
    t.deepEqual(await notPing(client), { opcode: OPCODE.text, payload: Buffer.from("hello") });
  });
}

test("a client that has sent its Close is not cut off for its silence", async (t) => {
  const { client, server, path } = await relay.openRaw(t, "client-spliced");
  client.write(clientFrame(OPCODE.close, closeBody(1000)));
  t.is((await server.next()).opcode, OPCODE.close);
  // One that came later has been cut off for its silence in the meantime.
  const later = await relay.openRaw(t, "client-spliced");
  t.like(await relay.ended(later.path), { cause: "keepalive" });
  server.write(serverFrame(OPCODE.close, closeBody(1000)));
  t.is((await notPing(client)).opcode, OPCODE.close);
  client.socket.end();
  server.socket.end();
  t.like(await relay.ended(path), { initiator: "client", code: 1000 });
});

async function pinged(t: ExecutionContext, peer: { next(): Promise<RawFrame> }): Promise<RawFrame> {
  const frame = await peer.next();
  t.is(frame.opcode, OPCODE.ping);
  return frame;
}

async function notPing(peer: { next(): Promise<RawFrame> }): Promise<Pick<RawFrame, "opcode" | "payload">> {
  for (;;) {
    const { opcode: code, payload } = await peer.next();
    if (code !== OPCODE.ping) return { opcode: code, payload };
  }
}
