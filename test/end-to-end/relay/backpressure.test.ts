import { once } from "node:events";
import type { Socket } from "node:net";
import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { applyMask } from "../../../core/wire/mask.ts";
import { collectGarbage } from "../../support/garbage.ts";
import { clientFrame, type RawPeer, serverFrame } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const relay = shareRelay(test);

const MIB = 1024 ** 2;
const payloadBytes = 64 * 1024;
const total = 64 * MIB;
const count = total / payloadBytes;

// One at a time: they look at the memory of the process that the gateway shares with them.
for (const mode of modes) {
  for (const from of ["client", "server"] as const) {
    test.serial(
      `${mode}: a slow receiver holds the ${from} up, and gets everything when it reads`,
      async (t) => {
        const { path, ...pair } = await relay.openRaw(t, mode);
        const [sender, receiver] =
          from === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
        receiver.socket.pause();
        const before = heldBytes();
        const sent = sendAll(sender.socket, from);
        await stalled(sender.socket, await relay.openRaw(t, mode));

        const held = heldBytes() - before;
        t.log(`stalled after ${mib(taken(sender.socket))} MiB, ${mib(held)} MiB in this process`);
        // Most of this is in the buffers of the operating system, four of them on the way.
        t.true(taken(sender.socket) < total / 2, `${taken(sender.socket)} bytes were taken`);
        t.true(held < 24 * MIB, `${held} bytes are held`);
        t.true(sender.socket.writableNeedDrain);

        receiver.socket.resume();
        t.is(await countOrdered(receiver), count);
        await sent;
        pair.client.socket.end();
        pair.server.socket.end();
        const { bytes, messages } = await relay.ended(path);
        t.deepEqual([bytes, messages], [only(from, total), only(from, count)]);
      },
    );
  }

  test.serial(`${mode}: a slow client does not hold up its own messages`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    client.socket.pause();
    void sendAll(server.socket, "server").catch(() => {});
    await stalled(server.socket, await relay.openRaw(t, mode));
    client.write(clientFrame(OPCODE.text, "I am here"));
    t.is(String((await server.next()).payload), "I am here");
    client.socket.resetAndDestroy();
    server.socket.resetAndDestroy();
  });
}

/** Sends as fast as it is let, each message beginning with its number. */
async function sendAll(socket: Socket, from: "client" | "server"): Promise<void> {
  const frame = (from === "client" ? clientFrame : serverFrame)(OPCODE.binary, Buffer.alloc(payloadBytes));
  const headerBytes = frame.length - payloadBytes;
  const key = from === "client" ? frame.readUInt32BE(headerBytes - 4) : 0;
  const number = Buffer.alloc(4);
  for (let index = 0; index < count; index++) {
    number.writeUInt32BE(index);
    const head = Buffer.from(frame.subarray(0, headerBytes + 4));
    head.set(number, headerBytes);
    applyMask(head, headerBytes, headerBytes + 4, key);
    socket.cork();
    socket.write(head);
    const isTaken = socket.write(frame.subarray(headerBytes + 4));
    socket.uncork();
    if (!isTaken) await once(socket, "drain");
  }
}

/** Stalled: message after message of another connection goes through the gateway, and not a byte of this one. */
async function stalled(
  sender: Socket,
  { client, server }: { readonly client: RawPeer; readonly server: RawPeer },
): Promise<void> {
  let before = -1;
  for (let quiet = 0; quiet < 200; ) {
    client.write(clientFrame(OPCODE.text, "and this?"));
    await server.next();
    quiet = taken(sender) === before ? quiet + 1 : 0;
    before = taken(sender);
  }
}

const zeros = Buffer.alloc(payloadBytes - 4);

/** @returns how many came whole and in order */
async function countOrdered(receiver: RawPeer): Promise<number> {
  for (let index = 0; index < count; index++) {
    const { payload } = await receiver.next();
    if (payload.length !== payloadBytes || payload.readUInt32BE(0) !== index) return index;
    if (!payload.subarray(4).equals(zeros)) return index;
  }
  return count;
}

/** The bytes of buffers that something in this process, so the gateway or the test, still holds. */
function heldBytes(): number {
  collectGarbage();
  return process.memoryUsage().arrayBuffers;
}

/** What the operating system has taken from the socket. */
function taken(socket: Socket): number {
  return socket.bytesWritten - socket.writableLength;
}

function only(from: "client" | "server", amount: number): { client: number; server: number } {
  return from === "client" ? { client: amount, server: 0 } : { client: 0, server: amount };
}

function mib(bytes: number): string {
  return (bytes / MIB).toFixed(1);
}
