import type { Socket } from "node:net";
import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame, serverFrame } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test, {
  routes: (upstream) =>
    modes.map((mode) => ({
      ...{ path: `/slow-${mode}/*`, upstream, policies: mode === "policy" ? ["unchanged"] : [] },
      ...{ slowConsumer: { bufferedBytes: "256KiB", timeout: "500ms" }, closeTimeout: 0 },
    })),
});

for (const mode of modes) {
  for (const slow of ["client", "server"] as const) {
    test.serial(`${mode}: a ${slow} that takes nothing ends the connection, on both sides`, async (t) => {
      const { path, ...pair } = await relay.openRaw(t, `slow-${mode}`);
      const sender = slow === "client" ? pair.server : pair.client;
      pair[slow].socket.pause();
      const frame = (slow === "client" ? serverFrame : clientFrame)(OPCODE.binary, Buffer.alloc(64 * 1024));
      flood(sender.socket, frame);
      const { opcode: code, payload } = await sender.next();
      t.is(code, OPCODE.close);
      t.is(`${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`, "1013 slow consumer");
      // Neither has a closing handshake in it, nor a closeTimeout.
      t.like(await relay.ended(path), {
        initiator: "gateway",
        code: 1013,
        reason: "slow consumer",
        cause: "slow-consumer",
      });
    });
  }
}

function flood(socket: Socket, frame: Buffer): void {
  while (!socket.destroyed && socket.write(frame));
  socket.once("drain", () => flood(socket, frame));
}
