import { once } from "node:events";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import test from "ava";
import { SharedReads } from "../../sandbox/shared-reads.ts";
import { eventually } from "../support/eventually.ts";
import { socketPair } from "./session-rig.ts";

/** Follows, and writes down what came how. */
function follow(socket: Socket) {
  const seen = { read: "", data: "" };
  socket.on("data", (chunk: Buffer) => {
    seen.data += chunk.toString();
  });
  const isFollowed = new SharedReads().follow(socket, (bytes) => {
    seen.read += bytes.toString();
  });
  return { seen, isFollowed };
}

test("this Node has what reads into one buffer need: for sockets that it accepts, and for those that it dials", async (t) => {
  const { peer, own } = await socketPair(t);
  for (const [socket, other] of [
    [own, peer],
    [peer, own],
  ] as const) {
    const { seen, isFollowed } = follow(socket);
    t.true(isFollowed);
    socket.resume();
    other.write("bytes");
    await eventually("what was sent", () => seen.read.length + seen.data.length === 5);
    t.deepEqual(seen, { read: "bytes", data: "" });
  }
});

test("what a paused socket had read before comes within the call; what follows, once it is resumed", async (t) => {
  const { peer, own } = await socketPair(t);
  own.pause();
  own.read(0);
  peer.write("early");
  await eventually("it to be read", () => own.readableLength === 5);
  const { seen } = follow(own);
  t.deepEqual(seen, { read: "", data: "early" });
  own.pause();
  const isEnded = once(own, "end");
  peer.end("later");
  own.resume();
  await isEnded;
  t.deepEqual(seen, { read: "later", data: "early" });
});

test("a socket over TLS is not followed, and nothing is read of it", async (t) => {
  const { own } = await socketPair(t);
  const socket = new TLSSocket(own, { isServer: true }).on("error", () => {});
  t.false(follow(socket).isFollowed);
});
