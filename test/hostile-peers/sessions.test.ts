import type { Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { OPCODE } from "../../core/wire/frame.ts";
import type { Side } from "../../sandbox/contract/hooks.ts";
import { openSocket, upgradeHead } from "../support/peers/http.ts";
import { clientFrame, type RawPeer, serverFrame } from "../support/peers/raw-client.ts";
import { shareStage, WAYS, type Way } from "./stage.ts";

/** Peers that go, or stay, at the wrong moment, and peers that send very much of very little. */

const stage = shareStage(test);
const { text, binary, continuation, ping, close } = OPCODE;

type Frame = typeof clientFrame;

/** How far a peer comes before it vanishes. */
const steps: Readonly<Record<string, (frame: Frame) => Uint8Array>> = {
  "at once": () => Buffer.alloc(0),
  "in the middle of a header": (frame) => frame(text, "x".repeat(1000)).subarray(0, 3),
  "in the middle of a message": (frame) => frame(text, "x".repeat(1000)).subarray(0, 500),
  "between fragments": (frame) => frame(text, "begun", { fin: false }),
  "in the middle of a ping": (frame) => frame(ping, "x".repeat(100)).subarray(0, 50),
  "behind a message": (frame) => frame(text, "whole"),
  "in the middle of its Close": (frame) => frame(close, Buffer.of(3, 232)).subarray(0, -1),
  "behind its Close": (frame) => frame(close, Buffer.of(3, 232)),
  "behind a wrong frame": () => Buffer.of(0xff, 0xff),
};

const ways: Readonly<Record<string, (socket: Socket) => void>> = {
  "with a FIN": (socket) => socket.end(),
  "with a reset": (socket) => socket.resetAndDestroy(),
};

for (const [moment, bytes] of Object.entries(steps)) {
  for (const [how, leave] of Object.entries(ways)) {
    test(`a peer that vanishes ${moment}, ${how}: the other leg ends too`, async (t) => {
      await eachSide(t, async ({ vanishing, other, frame, path, what }) => {
        const sent = bytes(frame);
        if (sent.length > 0) vanishing.write(sent);
        leave(vanishing.socket);
        await other.rest();
        // It answers nothing and stays: the close timeout ends what is left.
        const { durationMs } = await stage.ended(path);
        t.is(typeof durationMs, "number", what);
      });
    });
  }
}

test("a peer that vanishes while its request is answered leaves nothing behind", async (t) => {
  for (const [how, leave] of Object.entries(ways)) {
    for (const way of WAYS) {
      const path = stage.path(way);
      const socket = await openSocket(t, stage.gateway.port);
      socket.on("error", () => {});
      socket.write(upgradeHead(path));
      const asked = await stage.server.upgrade(path);
      leave(socket);
      await new Promise((resolve) => asked.socket.once("end", resolve).once("close", resolve).resume());
      asked.socket.destroy();
      t.pass(how);
    }
  }
});

test("a peer that never answers a Close, and one that never leaves after it, are cut off", async (t) => {
  await eachSide(t, async ({ vanishing, other, frame, path, what }) => {
    vanishing.write(frame(close, Buffer.of(3, 232)));
    t.is((await other.next()).opcode, close, what);
    t.like(await stage.ended(path), { code: 1000 }, what);
  });
});

test("half a frame of one peer does not keep the other's Close", async (t) => {
  await eachSide(t, async ({ vanishing, other, frame, answer, path, what }) => {
    vanishing.write(frame(binary, Buffer.alloc(1000)).subarray(0, 700));
    other.write(answer(close, Buffer.of(3, 233)));
    t.is((await vanishing.next()).payload.readUInt16BE(0), 1001, what);
    t.like(await stage.ended(path), { code: 1001 }, what);
  });
});

test("thousands of fragments of one byte are one message", async (t) => {
  await eachSide(t, async ({ vanishing, other, frame, what }) => {
    const count = 1000;
    const fragments = Array.from({ length: count }, (_, i) =>
      frame(i === 0 ? text : continuation, "x", { fin: false }),
    );
    vanishing.write(Buffer.concat([...fragments, frame(continuation, "")]));
    let size = 0;
    for (let fin = false; !fin; ) {
      const got = await other.next();
      size += got.payload.length;
      fin = got.fin;
    }
    t.is(size, count, what);
  });
});

test("a flood of pings reaches the other end whole and in order", async (t) => {
  await eachSide(t, async ({ vanishing, other, frame, what }) => {
    const count = 1000;
    vanishing.write(Buffer.concat(Array.from({ length: count }, (_, i) => frame(ping, String(i)))));
    for (let i = 0; i < count; i++) t.is(String((await other.next()).payload), String(i), what);
  });
});

interface Attack {
  readonly vanishing: RawPeer;
  readonly other: RawPeer;
  /** Makes frames of the vanishing peer's. */
  readonly frame: Frame;
  readonly answer: Frame;
  readonly path: string;
  readonly what: string;
}

/** In each way through the gateway, with each peer as the hostile one. */
async function eachSide(t: ExecutionContext, attack: (attack: Attack) => Promise<void>): Promise<void> {
  for (const way of WAYS) {
    for (const from of ["client", "server"] as const) await attackFrom(t, { way, from }, attack);
  }
}

async function attackFrom(
  t: ExecutionContext,
  { way, from }: { way: Way; from: Side },
  attack: (attack: Attack) => Promise<void>,
): Promise<void> {
  const { client, server, path } = await stage.open(t, way);
  const [vanishing, other] = from === "client" ? [client, server] : [server, client];
  const [frame, answer] = from === "client" ? [clientFrame, serverFrame] : [serverFrame, clientFrame];
  await attack({ vanishing, other, frame, answer, path, what: `${way}, ${from}` });
  vanishing.socket.destroy();
  other.socket.destroy();
}
