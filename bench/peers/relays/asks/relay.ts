/**
 * relay.ts PORT UPSTREAM_PORT looks|sets: the least that a gateway does whose policies run in another process. Of each of
 * the client's messages it asks that process, which enters an isolate (`asked.ts`). What the server sends passes as it is. No
 * limits, no contexts, no journal, no check of what comes back; whole text frames only. Memory is used again.
 *
 *   looks   the text goes there, the frame goes on as it came
 *   sets    the other process is told of the message in 32 bytes, and a member is set here, in its bytes
 */
import { isUtf8 } from "node:buffer";
import { connect, createServer, type Socket } from "node:net";
import { encodeFrame } from "../../../../core/wire/frame-encoder.ts";
import { applyMask } from "../../../../core/wire/mask.ts";
import { JsonChanges } from "../../../../sandbox/message/json-changes.ts";
import { editJson } from "../../../../sandbox/message/json-edit.ts";
import { SharedReads } from "../../../../sandbox/shared-reads.ts";
import { endTogether } from "../../../lib/forked-relay.ts";
import { Asking, type Place } from "./asking.ts";
import { EDIT, type Question } from "./records.ts";
import { ReusedMemory } from "./reused-memory.ts";
import { type SocketWrites, TurnWrites } from "./turn-writes.ts";

const KEY = 0x5ac3178e;
const TEXT = 1;
const BLOCK_BYTES = 64 * 1024;
/** Of a client's frame: a shorter one has its payload behind 6 bytes, a longer one behind 8. */
const SHORT_BELOW = 126;
const LONGEST_HEADER = 8;

/** Of what has been read at once: how many of its messages have not left. */
interface Read {
  messages: number;
}

interface Message extends Place {
  readonly read: Read;
  readonly frameFrom: number;
  readonly writes: SocketWrites;
}

const [port, upstream = 0] = process.argv.slice(2, 4).map(Number);
const question = process.argv[4] as Question;
const reads = new SharedReads();
const memory = new ReusedMemory();
const turn = new TurnWrites(memory);
const asking = new Asking<Message>(question, memory);
const changes = JsonChanges.read(Buffer.from(EDIT)) as JsonChanges;
const maskKey = () => KEY;
/** What an edit makes is copied into its frame at once. */
let edited = Buffer.alloc(0);
/** Of frames that are made, one behind the other. */
let block: Buffer | undefined;
let blockAt = 0;

const server = createServer({ noDelay: true }, (client) => {
  const target = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
  const writes = turn.to(target);
  let isUpgraded = false;
  let rest: Buffer | undefined;
  follow(client, (chunk) => {
    if (isUpgraded) rest = takeFrames(rest, chunk, writes);
    else target.write(Buffer.from(chunk));
  });
  follow(target, (chunk) => {
    isUpgraded = true;
    const bytes = memory.take(chunk.length);
    bytes.set(chunk);
    memory.write(client, bytes, 0, chunk.length);
    memory.give(bytes);
  });
  endTogether(client, target);
});
follow(asking.socket, ({ length }) => {
  asking.answered(length, question === "looks" ? passOn : sendChanged);
  if (block !== undefined) turn.finish(block);
  block = undefined;
  turn.flush();
});
server.listen(port, "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));

function follow(socket: Socket, onBytes: (bytes: Buffer) => void): void {
  socket.on("data", onBytes);
  reads.follow(socket, onBytes);
  socket.resume();
}

/** @returns the beginning of a frame that has not come whole */
function takeFrames(rest: Buffer | undefined, chunk: Buffer, writes: SocketWrites): Buffer | undefined {
  const length = (rest?.length ?? 0) + chunk.length;
  const bytes = memory.take(length);
  if (rest !== undefined) bytes.set(rest);
  bytes.set(chunk, length - chunk.length);
  const read: Read = { messages: 0 };
  let at = 0;
  while (at + LONGEST_HEADER <= length) {
    const short = bytes.readUInt8(at + 1) & 0x7f;
    const isShort = short < SHORT_BELOW;
    const from = at + (isShort ? 6 : LONGEST_HEADER);
    const to = from + (isShort ? short : bytes.readUInt16BE(at + 2));
    if (to > length) break;
    applyMask(bytes, from, to, bytes.readUInt32BE(from - 4));
    if (!isUtf8(bytes.subarray(from, to))) throw new Error("a message that is no text");
    read.messages++;
    asking.add({ bytes, from, to, frameFrom: at, read, writes });
    at = to;
  }
  const next = at === length ? undefined : Buffer.from(bytes.subarray(at, length));
  if (read.messages === 0) memory.give(bytes);
  return next;
}

function passOn(message: Message): void {
  const { bytes, from, to, frameFrom, writes } = message;
  applyMask(bytes, from, to, bytes.readUInt32BE(from - 4));
  writes.add(bytes, frameFrom, to);
  leave(message);
}

function sendChanged(message: Message): void {
  const { bytes, from, to, writes } = message;
  const text = editJson(bytes.subarray(from, to), changes, editedOf);
  if (text === undefined) throw new Error("a message that is no JSON object");
  const start = blockFor(text.length + LONGEST_HEADER);
  const own = block as Buffer;
  blockAt += encodeFrame(TEXT, text, maskKey, (size) => own.subarray(start, start + size)).length;
  writes.add(own, start, blockAt);
  leave(message);
}

function leave({ read, bytes }: Message): void {
  if (--read.messages === 0) turn.finish(bytes);
}

function editedOf(size: number): Buffer {
  if (edited.length !== size) edited = Buffer.allocUnsafeSlow(size);
  return edited;
}

/** @returns where so many bytes are free in the block */
function blockFor(size: number): number {
  if (block === undefined || blockAt + size > BLOCK_BYTES) {
    if (block !== undefined) turn.finish(block);
    block = memory.take(BLOCK_BYTES);
    blockAt = 0;
  }
  return blockAt;
}
