/**
 * asked.ts looks|sets|rewrites POLICIES: the process that `relay.ts` asks. It enters an isolate once for all messages of a frame, with
 * their texts as one string and under a time limit as hosts have it, calls the policy there with each, and answers. With several
 * policies each has an isolate, and a frame goes through all of them: what comes back changed is no chain of this one.
 */
import { Socket } from "node:net";
import { slackenTimers } from "../../../../sandbox/client/process/timer-slack.ts";
import { AskedIsolate } from "./asked-isolate.ts";
import {
  ANSWER_BYTES,
  COUNT_AT,
  createFrameReader,
  HEAD_BYTES,
  LENGTH_AT,
  type Question,
  RECORD_BYTES,
  SOCKET_FD,
  TOLD_BYTES,
  UNCHANGED,
} from "./records.ts";

const HOOKS: Readonly<Record<Question, string>> = {
  looks: `({ content }) => content.body.length > 1_000_000 ? { drop: true } : undefined`,
  sets: `({ websock }) => ({ content: { set: { user: websock.context.attributes.user } } })`,
  rewrites: `({ content, websock }) =>
    ({ content: { body: { ...JSON.parse(content.body), user: websock.context.attributes.user } } })`,
};
const READ_BYTES = 256 * 1024;
/** A character of UTF-16 takes so many bytes of UTF-8 at most. */
const MOST_OF_UNIT = 3;

const [question, policies] = process.argv.slice(2) as [Question, string];
const hasTexts = question !== "sets";
const before = Array.from({ length: Number(policies) - 1 }, () => new AskedIsolate(HOOKS[question]));
const last = new AskedIsolate(HOOKS[question]);
slackenTimers();
let out = Buffer.allocUnsafeSlow(READ_BYTES);

const socket = new Socket({
  fd: SOCKET_FD,
  onread: {
    buffer: Buffer.allocUnsafeSlow(READ_BYTES),
    callback(length, bytes) {
      read((bytes as Buffer).subarray(0, length));
      return true;
    },
  },
});
socket.on("error", () => {});
socket.on("close", () => process.exit());
const read = createFrameReader(takeFrame);

function takeFrame(bytes: Buffer, from: number, to: number): void {
  const count = bytes.readUInt32LE(from + COUNT_AT);
  if (count === 0) {
    tellConnection(bytes.readUInt32LE(from + HEAD_BYTES), bytes.toString("utf8", from + TOLD_BYTES, to));
    return;
  }
  const textsAt = from + HEAD_BYTES + count * RECORD_BYTES;
  const records = bytes.subarray(from + HEAD_BYTES, textsAt);
  let texts = hasTexts ? bytes.toString("utf8", textsAt, to) : "";
  // When a string has as many units as bytes, so has every part of it.
  if (texts.length !== to - textsAt) texts = readTexts(bytes, textsAt, records);
  for (const isolate of before) {
    const said = enter(isolate, records, texts);
    if (said !== "" || isolate.ints.subarray(0, count).some((length) => length !== UNCHANGED))
      throw new Error("a message that is not unchanged before the end of the chain");
  }
  answer(count, enter(last, records, texts), last.ints);
}

function enter(isolate: AskedIsolate, records: Buffer, texts: string): string {
  isolate.recordBytes.set(records);
  return isolate.enter(records.length / RECORD_BYTES, texts);
}

function tellConnection(connection: number, context: string): void {
  for (const isolate of [...before, last]) {
    isolate.ints[0] = connection;
    isolate.enter(0, context);
  }
}

/** Not ASCII: each by itself, and how many units it has into its record. */
function readTexts(bytes: Buffer, start: number, records: Buffer): string {
  let texts = "";
  let at = start;
  for (let record = 0; record < records.length; record += RECORD_BYTES) {
    const end = at + records.readUInt32LE(record + LENGTH_AT);
    const text = bytes.toString("utf8", at, end);
    records.writeUInt32LE(text.length, record + LENGTH_AT);
    texts += text;
    at = end;
  }
  return texts;
}

function answer(count: number, said: string, lengths: Int32Array): void {
  const textsAt = HEAD_BYTES + count * ANSWER_BYTES;
  const most = textsAt + said.length * MOST_OF_UNIT;
  if (out.length < most || socket.writableLength > 0)
    out = Buffer.allocUnsafeSlow(Math.max(most, out.length));
  let end = textsAt + out.write(said, textsAt);
  const isEven = end - textsAt === said.length;
  if (!isEven) end = writeTexts(said, lengths.subarray(0, count), textsAt);
  for (let i = 0; i < count; i++) out.writeInt32LE(lengths[i] as number, HEAD_BYTES + i * ANSWER_BYTES);
  out.writeUInt32LE(end, 0);
  out.writeUInt32LE(count, COUNT_AT);
  socket.write(out.subarray(0, end));
}

/** Not ASCII: each by itself, and how many bytes it has in place of its units. */
function writeTexts(said: string, lengths: Int32Array, start: number): number {
  let units = 0;
  let at = start;
  for (const [i, length] of lengths.entries()) {
    if (length < 0) continue;
    lengths[i] = out.write(said.slice(units, units + length), at);
    units += length;
    at += lengths[i];
  }
  return at;
}
