import test from "ava";
import { HeldClient } from "../../core/session/hold/held-client.ts";
import { retryDelayMs } from "../../core/session/hold/retry-delay.ts";
import { HoldRoom } from "../../core/upgrade/hold/hold-room.ts";
import { eventually } from "../support/eventually.ts";
import { frame } from "../wire/frames.ts";
import { socketPair } from "./session-rig.ts";

test("a room holds so many clients; one that leaves makes place for one, however often it says so", (t) => {
  const room = new HoldRoom(2, 1000);
  const [first, second] = [room.enter(), room.enter()];
  t.truthy(first && second);
  t.is(room.enter(), undefined);
  first?.leave();
  first?.leave();
  t.is(room.clients, 1);
  t.truthy(room.enter());
  t.is(room.enter(), undefined);
});

test("by default a worker holds 10,000 clients", (t) => {
  const room = new HoldRoom();
  for (let i = 0; i < 10_000; i++) room.enter();
  t.is(room.clients, 10_000);
  t.is(room.enter(), undefined);
});

test("with so much kept a room is full for all, until an eighth of it is free again", (t) => {
  const room = new HoldRoom(10, 800);
  const [small, large] = [room.enter()!, room.enter()!];
  const told: boolean[] = [];
  small.onRoom = () => told.push(small.isRoomFull);
  small.keep(100);
  large.keep(699);
  t.deepEqual(told, []);
  large.keep(700);
  t.deepEqual(told, [true]);
  t.is(room.enter(), undefined);
  small.keep(50);
  t.true(room.isFull);
  small.keep(0);
  t.true(room.isFull);
  large.leave();
  t.deepEqual(told, [true, false]);
  t.truthy(room.enter());
  large.keep(0);
  small.keep(799);
  t.false(room.isFull);
  small.leave();
  t.is(room.clients, 1);
});

test("a client that has sent nothing is not read while what others have sent fills the room", async (t) => {
  const room = new HoldRoom(2, 4096);
  const { peer, own } = await socketPair(t);
  const [place, other] = [room.enter()!, room.enter()!];
  const limits = { maxMessageBytes: 1000, maxFrameBytes: 1000 };
  const owner = { onLast() {}, onAnswer() {}, onVanished() {}, onGone() {} };
  const client = new HeldClient(own, { mostMessages: 5, mostBytes: 1000, place, ...limits, owner });
  client.start(Buffer.alloc(0));
  other.keep(4096);
  t.true(own.isPaused());
  peer.write(frame({ opcode: 1, payload: "hi", key: 1 }));
  other.leave();
  t.false(own.isPaused());
  await eventually("it is read", () => client.messages === 1);
  // The least that is taken for what comes.
  const third = room.enter()!;
  third.keep(4096 - 1024);
  t.true(room.isFull);
});

test("who asks again waits twice as long each time, up to five seconds, and not all come back together", (t) => {
  const wait = (failures: number, random: number, heldClients = 1) =>
    retryDelayMs({ failures, random, heldClients });
  const longest = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => wait(failures, 1));
  t.deepEqual(longest, [100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000]);
  t.is(wait(1, 0), 50);
  t.is(wait(8, 0.5), 3750);
  // Many together ask about 700 times a second.
  t.is(wait(1, 1, 10_000), 20_000);
  t.is(wait(100, 0, 10_000), 10_000);
  t.is(wait(8, 1, 2_000), 5_000);
});
