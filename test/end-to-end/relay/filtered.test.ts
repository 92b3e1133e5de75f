import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { deflateAlone } from "../../support/peers/compressor.ts";
import { clientFrame, connectRaw } from "../../support/peers/raw-client.ts";
import { shareRelay } from "../../support/peers/relay.ts";

const slow = `
  export const when = { client: { startsWith: "slow" } };
  export const client = async () => { for (let i = 0; i < 500; i++) await null; };`;
const relay = shareRelay(test, {
  policies: { "slow.ts": slow },
  routes: (upstream) => [{ path: "/slow/*", upstream, policies: ["slow"] }],
});
const standAlone = "permessage-deflate; server_no_context_takeover; client_no_context_takeover";

test("what no policy is for passes as the very frames that came, in order behind what policies still have", async (t) => {
  const path = relay.path("slow");
  const [client, server] = await Promise.all([
    connectRaw(t, relay.gateway.port, path, [`Sec-WebSocket-Extensions: ${standAlone}`]),
    relay.server
      .upgrade(path)
      .then((upgrade) => upgrade.acceptRaw({ headers: [`Sec-WebSocket-Extensions: ${standAlone}`] })),
  ]);
  const received: Buffer[] = [];
  server.socket.on("data", (chunk: Buffer) => received.push(chunk));
  const frames = [
    clientFrame(OPCODE.text, "slow one"),
    clientFrame(OPCODE.text, "in ", { fin: false }),
    clientFrame(OPCODE.ping, "p"),
    clientFrame(OPCODE.continuation, "two frames"),
    clientFrame(OPCODE.text, "slow as well"),
    clientFrame(OPCODE.binary, "whole"),
    clientFrame(OPCODE.text, deflateAlone("compressed"), { rsv1: true }),
    clientFrame(OPCODE.text, deflateAlone("slow and compressed"), { rsv1: true }),
    clientFrame(OPCODE.text, "last"),
  ];
  client.write(Buffer.concat(frames));
  for (let left = frames.length; left > 0; left--) await server.next();
  // A ping between the fragments of a message that is put together leaves before it.
  const [first, start, ping, ...rest] = frames as [Buffer, Buffer, Buffer, ...Buffer[]];
  t.true(Buffer.concat(received).equals(Buffer.concat([first, ping, start, ...rest])));
});
