/**
 * asked.ts looks|sets: the process that `relay.ts` asks. It enters an isolate once for all messages that came together, with
 * their texts as one string and under a time limit as hosts have it, calls a function there with each, and answers.
 */
import { Socket } from "node:net";
import { slackenTimers } from "../../../../sandbox/client/process/timer-slack.ts";
import { findAddon } from "../../../../sandbox/client/transport/addon.ts";
import { loadAddon } from "../../../../sandbox/host/isolated-vm.ts";
import { SharedDeadline } from "../../../../sandbox/host/limits/shared-deadline.ts";
import { machineNow } from "../../../../sandbox/machine-clock.ts";
import { ANSWER_BYTES, COUNT_BYTES, HEAD_BYTES, type Question, SOCKET_FD } from "./records.ts";

const HOOKS: Readonly<Record<Question, string>> = {
  looks: `({ content }) => content.body.length > 1_000_000 ? { drop: true } : undefined`,
  sets: `() => ({ content: { set: { user: "alice" } } })`,
};
/** All messages of a batch are of one length. */
const entryFor = (hook: string) => `const hook = ${hook};
  (count, length, text) => {
    let out = "";
    for (let i = 0; i < count; i++) {
      const verdict = hook({ content: { body: text.slice(i * length, (i + 1) * length) } });
      if (verdict !== undefined) {
        out += "{";
        for (const name in verdict.content.set) out += '"+' + name + '":' + JSON.stringify(verdict.content.set[name]);
        out += "}";
      }
    }
    return out;
  };`;
const LIMIT_MS = 60;
const READ_BYTES = 256 * 1024;

const question = process.argv[2] as Question;
const isolate = new (loadAddon(findAddon()).Isolate)({ memoryLimit: 128 });
const context = isolate.createContextSync();
const entry = isolate.compileScriptSync(entryFor(HOOKS[question])).runSync(context, { reference: true });
const deadline = new SharedDeadline();
slackenTimers();
let come = Buffer.alloc(READ_BYTES);
let comeTo = 0;

const socket = new Socket({
  fd: SOCKET_FD,
  onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
});
socket.on("error", () => {});
socket.on("close", () => process.exit());

function onRead(length: number, read: Uint8Array): boolean {
  const end = comeTo + length;
  if (end > come.length) come = Buffer.concat([come.subarray(0, comeTo)], 2 * end);
  come.set(read.subarray(0, length), comeTo);
  comeTo = end;
  let at = 0;
  for (let taken = takeBatch(at); taken > 0; taken = takeBatch(at)) at += taken;
  come.copyWithin(0, at, comeTo);
  comeTo -= at;
  return true;
}

/** @returns how many bytes it has; 0: it has not come whole */
function takeBatch(start: number): number {
  if (comeTo - start < COUNT_BYTES + HEAD_BYTES) return 0;
  const count = come.readUInt32LE(start);
  const from = start + COUNT_BYTES + count * HEAD_BYTES;
  const length = question === "looks" ? come.readUInt32LE(start + COUNT_BYTES) : 0;
  const to = from + count * length;
  if (to > comeTo) return 0;
  const timeout = deadline.timeoutFor(machineNow(), LIMIT_MS);
  const options = { timeout, result: { copy: true } } as const;
  const said = String(entry.applySync(undefined, [count, length, come.toString("utf8", from, to)], options));
  const answer = Buffer.allocUnsafe(count * ANSWER_BYTES[question]);
  answer.write(said, "latin1");
  socket.write(answer);
  return to - start;
}
