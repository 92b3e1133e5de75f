import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame, serverFrame } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";
import { closeBody } from "../../wire/frames.ts";

const relay = shareRelay(test, {
  route: {
    maxMessageSize: "2KiB",
    limits: { maxFrameSize: 500, client: { maxMessageSize: 1000 }, server: { maxFrameSize: 0 } },
  },
});

for (const mode of modes) {
  test(`${mode}: each side has its own limits`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    client.write(clientFrame(OPCODE.binary, Buffer.alloc(500), { fin: false }));
    client.write(clientFrame(OPCODE.continuation, Buffer.alloc(500)));
    t.is((await server.next()).payload.length, 500);
    t.is((await server.next()).payload.length, 500);
    server.write(serverFrame(OPCODE.binary, Buffer.alloc(2048)));
    t.is((await client.next()).payload.length, 2048);
    client.write(clientFrame(OPCODE.binary, Buffer.alloc(500), { fin: false }));
    client.write(clientFrame(OPCODE.continuation, Buffer.alloc(500), { fin: false }));
    client.write(clientFrame(OPCODE.continuation, Buffer.alloc(1)));
    t.is(await readClose(server), "1009 message too big");
  });

  test(`${mode}: a frame above its limit is refused by its header alone`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    client.write(clientFrame(OPCODE.binary, Buffer.alloc(501)).subarray(0, 8));
    t.is(await readClose(server), "1009 frame too big");
    server.write(serverFrame(OPCODE.close, closeBody(1009)));
    t.is(await readClose(client), "1009 ");
  });

  test(`${mode}: a server's message is held to the route's limit`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    server.write(serverFrame(OPCODE.binary, Buffer.alloc(2049)));
    t.is(await readClose(client), "1009 message too big");
  });
}

/** The Close frame that comes, after whatever is before it. */
async function readClose(peer: { next(): Promise<{ opcode: number; payload: Buffer }> }): Promise<string> {
  for (;;) {
    const { opcode: code, payload } = await peer.next();
    if (code === OPCODE.close) return `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`;
  }
}
