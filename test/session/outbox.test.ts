import { Duplex } from "node:stream";
import test from "ava";
import { CopiedOutbox } from "../../core/session/copied-outbox.ts";
import { Outbox, Turn } from "../../core/session/outbox.ts";

function createSocket(highWaterMark?: number) {
  const writes: string[] = [];
  const held: (() => void)[] = [];
  const socket = new Duplex({
    writableHighWaterMark: highWaterMark,
    read() {},
    write(chunk, _encoding, done) {
      writes.push(chunk.toString());
      if (highWaterMark === undefined) done();
      else held.push(done);
    },
    final(done) {
      writes.push("FIN");
      done();
    },
  });
  return { socket, writes, held };
}

const nextTurn = () => new Promise(setImmediate);

test("what one turn pushes is one write, and FIN comes behind it", async (t) => {
  const { socket, writes } = createSocket();
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  const memory = Buffer.from("abcdef");
  outbox.push(memory.subarray(0, 2));
  outbox.push(memory.subarray(2, 3));
  outbox.push(Buffer.from("-"));
  outbox.push(memory.subarray(3, 6));
  outbox.push(memory.subarray(0, 1));
  outbox.end();
  outbox.push(Buffer.from("late"));
  t.false(outbox.isEmpty);
  await nextTurn();
  t.deepEqual(writes, ["abc-defa", "FIN"]);
  t.true(outbox.isEmpty);
});

test("who gets copies gets what leaves, and nothing behind the FIN", async (t) => {
  const { socket, writes } = createSocket();
  const copies: string[] = [];
  const copy = (bytes: Uint8Array): void => void copies.push(Buffer.from(bytes).toString());
  const outbox = new CopiedOutbox(copy, socket, new Turn(), { onFull() {} });
  outbox.push(Buffer.from("a"));
  outbox.pushBorrowed(Buffer.from("bcd"), 0, 2);
  outbox.end();
  outbox.push(Buffer.from("late"));
  await nextTurn();
  t.deepEqual(
    [writes, copies],
    [
      ["abc", "FIN"],
      ["a", "bc"],
    ],
  );
});

test("parts too large to copy together keep their order", async (t) => {
  const { socket, writes } = createSocket();
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  const large = Buffer.alloc(60_000, "x");
  outbox.push(large);
  outbox.push(Buffer.from("-"));
  outbox.push(Buffer.alloc(60_000, "y"));
  await nextTurn();
  t.is(writes.join(""), `${"x".repeat(60_000)}-${"y".repeat(60_000)}`);
});

test("a receiver that falls behind is told once its socket is full", async (t) => {
  const { socket, held } = createSocket(4);
  let calls = 0;
  const outbox = new Outbox(socket, new Turn(), { onFull: () => calls++ });
  outbox.push(Buffer.from("ab"));
  await nextTurn();
  t.deepEqual([calls, outbox.isFull], [0, false]);
  outbox.push(Buffer.from("cd"));
  await nextTurn();
  t.deepEqual([calls, outbox.isFull], [1, true]);
  held.shift()?.();
  held.shift()?.();
  await nextTurn();
  t.false(outbox.isFull);
});

test("what comes for a receiver that has gone is forgotten", async (t) => {
  const { socket, writes } = createSocket();
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  socket.destroy();
  outbox.push(Buffer.from("a"));
  await nextTurn();
  t.deepEqual(writes, []);
  t.true(outbox.isEmpty);
  t.false(outbox.isFull);
});

test("who waits for what was pushed to be with the socket is told in the same turn, and how much that still holds", async (t) => {
  const { socket, writes, held } = createSocket(4);
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  const told: string[] = [];
  const tell = (): void => void told.push(`${writes.join()} ${outbox.bufferedBytes}`);
  outbox.whenHandedOver(tell);
  t.deepEqual(told, [" 0"], "nothing is to leave");
  outbox.push(Buffer.from("abc"));
  outbox.whenHandedOver(tell);
  t.is(told.length, 1);
  await nextTurn();
  t.is(told[1], "abc 3");
  held.shift()!();
  await nextTurn();
  outbox.end();
  outbox.push(Buffer.from("late"));
  outbox.whenHandedOver(tell);
  await nextTurn();
  t.is(told.length, 3);
});
