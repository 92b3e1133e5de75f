import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import test, { type ExecutionContext } from "ava";
import { Deadlines } from "../../core/session/limits/deadlines.ts";
import { RateBuckets } from "../../core/session/limits/rate-gate.ts";
import { eventually } from "../support/eventually.ts";
import { frame } from "../wire/frames.ts";
import { HeldSeat, unchanged } from "./relay/pump-rig.ts";
import { socketPair, startSession } from "./session-rig.ts";
import { timelessSeats } from "./timeless-seats.ts";

// What peers send before the session begins: while policies' hooks run, a server is dialled, or its 101 is waited for.

type Side = "client" | "server";
const SIDES: readonly Side[] = ["client", "server"];

/** As much as Node reads of a socket that nobody reads. */
const FULL_BYTES = 64 * 1024;
/** More messages than a pump's queue takes. */
const HEAD_COUNT = 1500;
const EARLY_COUNT = 20_000;
const LATER_COUNT = 40_000;

/** Messages of eight bytes, so that reads begin where one does; each says where it stands. */
function numbered(side: Side, from: number, to: number): Buffer {
  const frames: Buffer[] = [];
  const key = side === "client" ? { key: 0 } : {};
  for (let place = from; place < to; place++) {
    const payload = Buffer.alloc(side === "client" ? 2 : 6);
    payload.writeUIntBE(place, 0, payload.length);
    frames.push(frame({ opcode: 2, payload, ...key }));
  }
  return Buffer.concat(frames);
}

interface Ends {
  readonly peer: Socket;
  readonly own: Socket;
  readonly head: Buffer;
}

/** A client whose upgrade is held, and that has sent this behind it. */
async function clientLeg(t: ExecutionContext, head: Buffer, early: Buffer): Promise<Ends> {
  const server = createServer().listen(0, "127.0.0.1");
  t.teardown(() => server.close());
  await once(server, "listening");
  const upgraded = once(server, "upgrade") as Promise<[IncomingMessage, Socket, Buffer]>;
  const peer = connect({
    port: (server.address() as AddressInfo).port,
    host: "127.0.0.1",
    allowHalfOpen: true,
  });
  peer.on("error", () => {});
  const request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n";
  peer.write(Buffer.concat([Buffer.from(request), head]));
  const [, own, received] = await upgraded;
  t.teardown(() => {
    peer.destroy();
    own.destroy();
  });
  peer.write(early);
  return { peer, own, head: received };
}

/** A server that has sent this behind its 101, as dialling leaves it. */
async function serverLeg(t: ExecutionContext, head: Buffer, early: Buffer): Promise<Ends> {
  const { peer: own, own: peer } = await socketPair(t);
  peer.on("error", () => {});
  own.pause();
  own.read(0);
  peer.write(early);
  return { peer, own, head };
}

/** Both legs; `side` has sent this before the session begins. */
async function legsOf(t: ExecutionContext, side: Side, head: Buffer, early: Buffer) {
  const none = Buffer.alloc(0);
  const client = await clientLeg(t, side === "client" ? head : none, side === "client" ? early : none);
  const server = await serverLeg(t, side === "server" ? head : none, side === "server" ? early : none);
  const [sender, receiver] = side === "client" ? [client, server] : [server, client];
  const received: Buffer[] = [];
  receiver.peer.on("data", (chunk: Buffer) => received.push(chunk));
  return {
    legs: {
      client: { socket: client.own, head: client.head },
      server: { socket: server.own, head: server.head },
    },
    sender,
    receiver,
    receivedBytes: () => received.reduce((sum, { length }) => sum + length, 0),
    received: () => Buffer.concat(received),
  };
}

/** What is sent now is there, and who reads has had many occasions to. */
async function sendAndLetRead(peer: Socket, bytes: Buffer): Promise<void> {
  peer.write(bytes);
  for (let turn = 0; turn < 200; turn++) await new Promise(setImmediate);
}

for (const side of SIDES) {
  const head = numbered(side, 0, HEAD_COUNT);
  const early = numbered(side, HEAD_COUNT, EARLY_COUNT);
  const later = numbered(side, EARLY_COUNT, LATER_COUNT);
  const all = Buffer.concat([head, early, later]);
  const isFull = ({ own }: Ends) => own.readableLength >= FULL_BYTES;

  test(`a rate's delay holds for what a ${side} sent early, and all arrives in order`, async (t) => {
    const { legs, sender, received, receivedBytes } = await legsOf(t, side, head, early);
    await eventually("Node to have read what it reads", () => isFull(sender));
    let now = 0;
    const deadlines = new Deadlines(() => now);
    const key = { source: "connection", name: "" } as const;
    const rule = { messages: 10, bytes: 0, perMs: 1000, action: "delay", key } as const;
    const rate = new RateBuckets(deadlines, () => now).open(rule, undefined, () => {});
    const { session } = startSession(legs, {
      deadlines,
      rates: { client: undefined, server: undefined, [side]: rate },
    });
    const taken = session.traffic.messages[side];
    t.true(sender.own.isPaused());
    await sendAndLetRead(sender.peer, later);
    t.is(session.traffic.messages[side], taken);

    await eventually("all to arrive", () => {
      now += 10_000_000;
      deadlines.tick();
      return receivedBytes() >= all.length;
    });
    t.true(received().equals(all));
  });

  test(`a policy that does not answer holds up a ${side} that sent early, and all arrives in order`, async (t) => {
    const { legs, sender, received, receivedBytes } = await legsOf(t, side, head, early);
    await eventually("Node to have read what it reads", () => isFull(sender));
    const seat = new HeldSeat();
    startSession(legs, { seats: { ...timelessSeats, chain: (origin) => (origin === side ? [seat] : []) } });
    const asked = seat.calls.length;
    t.true(sender.own.isPaused());
    await sendAndLetRead(sender.peer, later);
    t.is(seat.calls.length, asked);

    await eventually("all to arrive", () => {
      seat.settle(...seat.calls.map(() => unchanged));
      return receivedBytes() >= all.length;
    });
    t.true(received().equals(all));
  });

  test(`a ${side} may have said all, and FIN, before the session begins`, async (t) => {
    for (const bytes of [numbered(side, 10, 20), early]) {
      const start = numbered(side, 0, 10);
      const { legs, sender, receiver, received } = await legsOf(t, side, start, bytes);
      sender.peer.end();
      await eventually("it to be there", () => isFull(sender) || sender.own.readableLength === bytes.length);
      const { ended } = startSession(legs);
      await once(receiver.peer, "end");
      t.true(received().equals(Buffer.concat([start, bytes])));
      sender.peer.resume();
      receiver.peer.end();
      t.like(await ended, { initiator: side, cause: "vanished", detail: "FIN" });
    }
  });

  test(`a fault in what a ${side} sent early ends the session behind what was good`, async (t) => {
    const reserved = frame({ opcode: 3, ...(side === "client" && { key: 0 }) });
    const bad = Buffer.concat([reserved, early]);
    const { legs, sender, received } = await legsOf(t, side, head, bad);
    await eventually("Node to have read what it reads", () => isFull(sender));
    const { session, ended } = startSession(legs);
    await eventually("the Close", () => received().length > head.length);
    t.true(received().subarray(0, head.length).equals(head));
    session.destroy();
    t.like(await ended, { initiator: side, code: 1002, cause: "protocol" });
  });
}
