import { EventEmitter, once } from "node:events";
import type { Socket } from "node:net";
import { setImmediate as immediate } from "node:timers/promises";
import test, { type ExecutionContext } from "ava";
import { LoneFrame } from "../../core/session/flow/lone-frame.ts";
import { type FlowOwner, MessageFlow } from "../../core/session/flow/message-flow.ts";
import { Turn } from "../../core/session/outbox.ts";
import { PumpQueue } from "../../core/session/relay/pump-queue.ts";
import { FlowTrace } from "../../core/session/tap/flow-trace.ts";
import { createFrameSlab } from "../../core/wire/frame-slab.ts";
import type { Payload } from "../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../sandbox/contract/verdicts.ts";
import type { HookCall, Seat } from "../../sandbox/contract.ts";
import { collectGarbage } from "../support/garbage.ts";
import { frame } from "../wire/frames.ts";
import { HeldSeat, seatOf } from "./relay/pump-rig.ts";
import { socketPair, startSession } from "./session-rig.ts";
import { timelessSeats } from "./timeless-seats.ts";

const KEY = 0x0a0b0c0d;
/** With so many there are more than the system holds for a receiver that takes nothing. */
const COUNT = 26;
const BYTES = 600_000;
/** Large enough for memory of its own, and so few that all of them are read. */
const SMALL_BYTES = 20_000;
const FEW = 4;

/**
 * Sessions that share one memory for messages, each with a policy that holds them for a moment.
 *
 * @param onLarge is told of the memory that a large piece gets
 */
function createSessions(
  t: ExecutionContext,
  seat: Seat | readonly Seat[],
  onLarge: (memory: ArrayBufferLike) => void = () => {},
) {
  const turn = new Turn();
  const takeLarge = (size: number): Buffer => {
    const memory = turn.memory.take(size);
    onLarge(memory.buffer);
    return memory;
  };
  const [allocate, allocateFrame] = [createFrameSlab(takeLarge), createFrameSlab(takeLarge)];
  const shared = { turn, allocate, allocateFrame, maskKeys: () => KEY };
  return async () => {
    const [client, server] = [await socketPair(t), await socketPair(t)];
    const seats = { ...timelessSeats, chain: (origin: string) => (origin === "client" ? [seat].flat() : []) };
    startSession({ client: { socket: client.own }, server: { socket: server.own } }, { shared, seats });
    return { client: client.peer, server: server.peer, ours: client.own, theirs: server.own, allocateFrame };
  };
}

const seatThat = (verdictOf: (call: HookCall) => Outcome): Seat => ({
  ...seatOf(() => ({ kind: "unchanged" })),
  submit: (call) => void setImmediate(() => call.settle(verdictOf(call))),
});

/** Every second message is made anew, as by a verdict that changes members. */
function verdictOf({ sequence, payload, allocate }: HookCall): Outcome {
  if (sequence % 2 === 1) return { kind: "unchanged" };
  const bytes = allocate?.(payload.bytes.length - 1) ?? Buffer.alloc(0);
  bytes.set(payload.bytes.subarray(1));
  return { kind: "message", body: { binary: false, bytes }, drop: false, reply: [], append: [] };
}

function framesOf(
  first: string,
  count: number,
  bytes = BYTES,
): { readonly sent: Buffer[]; readonly passed: Buffer } {
  const frameOf = (i: number, size: number) =>
    frame({ opcode: 1, payload: Buffer.alloc(size, first.charCodeAt(0) + i), key: KEY });
  const numbers = Array.from({ length: count }, (_, i) => i);
  return {
    sent: numbers.map((i) => frameOf(i, bytes)),
    passed: Buffer.concat(numbers.map((i) => frameOf(i, bytes - (i % 2)))),
  };
}

async function read(socket: Socket, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  let filled = 0;
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    filled += chunk.copy(bytes, filled);
    if (filled === length) break;
  }
  return bytes;
}

test("what a slow receiver has not taken is not written over by others' messages", async (t) => {
  const open = createSessions(t, seatThat(verdictOf));
  const [slow, quick] = [await open(), await open()];
  const [held, others] = [framesOf("A", COUNT), framesOf("a", COUNT)];
  const isHeldUp = once(slow.ours, "pause");
  for (const one of held.sent) slow.client.write(one);
  await isHeldUp;
  for (const one of others.sent) quick.client.write(one);
  t.true((await read(quick.server, others.passed.length)).equals(others.passed));
  t.true((await read(slow.server, held.passed.length)).equals(held.passed));
});

test("of messages that go nowhere what they grew out of is used again, though nothing is written", async (t) => {
  const made = new Set<ArrayBufferLike>();
  const calls = new EventEmitter();
  const drop = seatThat(() => {
    calls.emit("call");
    return { kind: "message", drop: true, reply: [], append: [] };
  });
  const { client } = await createSessions(t, drop, (memory) => made.add(memory))();
  for (const one of framesOf("A", COUNT).sent) {
    const called = once(calls, "call");
    client.write(one);
    await called;
  }
  // Besides the messages themselves: each is put together in several steps, from a read to all of it.
  t.true(made.size < COUNT + COUNT / 2, String(made.size));
});

const replaced = ({ payload: { bytes }, allocate }: HookCall): Outcome => {
  const body = { binary: false, bytes: allocate?.(bytes.length).fill("z") ?? bytes };
  return { kind: "message", body, drop: false, reply: [], append: [] };
};

test("what a message becomes takes the memory of one that has become another, before any of them leaves", async (t) => {
  const made = new Set<ArrayBufferLike>();
  const seat = new HeldSeat();
  const { client, server } = await createSessions(t, seat, (memory) => made.add(memory))();
  const frames = framesOf("A", FEW, SMALL_BYTES).sent;
  client.write(Buffer.concat(frames));
  while (seat.calls.length < FEW) await immediate();
  const before = made.size;
  while (seat.calls.length > 0) seat.settle(replaced(seat.calls[0] as HookCall));
  t.is(made.size, before + 1);
  const passed = frame({ opcode: 1, payload: Buffer.alloc(SMALL_BYTES, "z"), key: KEY });
  t.true((await read(server, FEW * passed.length)).equals(Buffer.concat(frames.map(() => passed))));
});

test("what two small messages of one turn become lies one behind the other, and leaves as the one piece that it is", async (t) => {
  const seat = new HeldSeat();
  const { client, server, theirs, allocateFrame } = await createSessions(t, seat)();
  const writes: Uint8Array[] = [];
  const write = theirs.write.bind(theirs);
  theirs.write = (bytes: Uint8Array) => {
    writes.push(bytes);
    return write(bytes);
  };
  client.write(Buffer.concat(framesOf("A", 2, 100).sent));
  while (seat.calls.length < 2) await immediate();
  while (seat.calls.length > 0) seat.settle(replaced(seat.calls[0] as HookCall));
  const passed = frame({ opcode: 1, payload: Buffer.alloc(100, "z"), key: KEY });
  t.true((await read(server, 2 * passed.length)).equals(Buffer.concat([passed, passed])));
  t.is(writes.length, 1);
  const [{ buffer, byteOffset, length }] = writes as [Uint8Array];
  // It is not copied together: the next frame comes right behind it.
  const next = allocateFrame(1);
  t.true(buffer === next.buffer);
  t.is(byteOffset + length, next.byteOffset);
});

test("what a message was is there until the last policy has answered it", async (t) => {
  const [first, last] = [new HeldSeat(), new HeldSeat()];
  const { client } = await createSessions(t, [first, last])();
  client.write(frame({ opcode: 1, payload: Buffer.alloc(SMALL_BYTES, "A"), key: KEY }));
  while (first.calls.length === 0) await immediate();
  const { bytes } = (first.calls[0] as HookCall).payload;
  first.settle(replaced(first.calls[0] as HookCall));
  const call = last.calls[0] as HookCall;
  t.true(Buffer.from(call.payload.bytes).equals(Buffer.alloc(SMALL_BYTES, "z")));
  call.allocate?.(SMALL_BYTES).fill("?");
  t.true(Buffer.from(bytes).equals(Buffer.alloc(SMALL_BYTES, "A")));
});

/** A message that is one frame, before its only policy, and the memory that it has given back. */
function flowAtLast(traceOf: (payload: Payload) => FlowTrace | undefined = () => undefined) {
  const released: Uint8Array[] = [];
  const lone = new LoneFrame(frame({ opcode: 1, payload: Buffer.alloc(SMALL_BYTES, "A") }), 4, 0);
  const payload = { binary: false, bytes: lone.payload };
  const seat = new HeldSeat();
  const owner: FlowOwner = {
    hook: "client",
    onError: "close",
    allocate: Buffer.alloc,
    release: (bytes) => {
      released.push(bytes);
      bytes.fill(0);
    },
    onFlowReady() {},
    onCloseAhead() {},
    onAside() {},
  };
  const trace = traceOf(payload);
  const flow = new MessageFlow(owner, [seat], { lone, payload, sequence: 1, time: 0, trace });
  flow.advance();
  return { flow, seat, lone, payload, released };
}

test("the last policy's replacement gives the message's memory back once, and no one has it any more", (t) => {
  const { flow, seat, lone, released } = flowAtLast();
  seat.settle(replaced(flow));
  t.deepEqual(
    released.map(({ buffer }) => buffer),
    [lone.bytes.buffer],
  );
  // Else the end of the write gives it back again, and two messages get it.
  t.is(flow.lone, undefined);
});

test("what a message was is there for who records, also when the last policy has replaced it", (t) => {
  const { flow, seat, lone, released } = flowAtLast(
    (payload) => new FlowTrace({ isCompressed: false, maskKey: 0, frames: 1 }, payload, 0),
  );
  seat.settle(replaced(flow));
  t.deepEqual(released, []);
  t.is(flow.lone, lone);
  t.true(Buffer.from(flow.trace?.original.bytes ?? []).equals(Buffer.alloc(SMALL_BYTES, "A")));
});

test("a policy that lets the same message through as it closes keeps its memory", (t) => {
  const { flow, seat, lone, payload, released } = flowAtLast();
  const close = { code: 1000, reason: "" };
  seat.settle({ kind: "message", body: payload, close, drop: false, reply: [], append: [] });
  t.deepEqual(released, []);
  t.is(flow.lone, lone);
  t.true(Buffer.from(flow.payload.bytes).equals(Buffer.alloc(SMALL_BYTES, "A")));
});

test("what has left the queue is let go of, while what came later still waits", async (t) => {
  const queue = new PumpQueue();
  const bytes = (() => {
    queue.push({ kind: "raw", bytes: Buffer.alloc(16) });
    queue.push({ kind: "raw", bytes: Buffer.alloc(32) });
    const entry = queue.takeReady();
    return new WeakRef(entry ?? {});
  })();
  await new Promise(setImmediate);
  collectGarbage();
  t.is(bytes.deref(), undefined);
  t.is(queue.bytes, 32);
});
