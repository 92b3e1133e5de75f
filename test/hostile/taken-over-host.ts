/**
 * A sandbox host in which somebody else's code runs: it does what hosts do until a call tells it to attack, and then writes
 * whatever it likes to its socket. Bundled by the test, and started as any host is.
 */
import { Socket } from "node:net";
import { CALLS_FD, RESULTS_FD } from "../../sandbox/host-descriptors.ts";
import { machineNow } from "../../sandbox/machine-clock.ts";
import { ASK_KIND } from "../../sandbox/wire/ask-texts.ts";
import { encodeAsk } from "../../sandbox/wire/asks.ts";
import { isSeatOp } from "../../sandbox/wire/call-record.ts";
import { decodeCalls } from "../../sandbox/wire/calls.ts";
import type { ClientMessage } from "../../sandbox/wire/control.ts";
import { createFrameReader, FRAME_KIND, FrameWriter, readControl } from "../../sandbox/wire/frames.ts";
import {
  NO_SESSION,
  RESULT_BYTES,
  RESULT_KIND,
  type ResultKind,
  ResultRecords,
} from "../../sandbox/wire/result-record.ts";
import { encodeResults } from "../../sandbox/wire/results.ts";

interface Call {
  readonly id: number;
  readonly instance: number;
}

const calls = new Socket({ fd: CALLS_FD });
const results = new Socket({ fd: RESULTS_FD });
const out = new FrameWriter();
/** Of the instances that ask for something: the call that is answered when they have been. */
const waiting = new Map<number, Call>();

function say(message: object): void {
  out.control(message);
}

function answer({ id, instance }: Call, kind: ResultKind, text = "", lengths: Partial<Lengths> = {}): void {
  const records = new ResultRecords(new ArrayBuffer(RESULT_BYTES), 0, 1);
  records.write(0, {
    ...{ id, kind, textLength: text.length, sessionLength: NO_SESSION, binaryLength: 0 },
    ...lengths,
  });
  encodeResults(out, instance, { count: 1, records, text, binary: undefined, spentUs: 0 });
}

interface Lengths {
  readonly id: number;
  readonly textLength: number;
  readonly sessionLength: number;
  readonly binaryLength: number;
}

function write(kind: number, length: number, body: Uint8Array): void {
  out.flush(results);
  const head = Buffer.alloc(5);
  head.writeUInt32LE(length, 0);
  head.writeUInt8(kind, 4);
  results.write(Buffer.concat([head, body]));
}

function log(instance: number, level: string, text: unknown): void {
  say({ type: "log", instance, lines: [[0, level, text]] });
}

const json = JSON.stringify;
const upgrade = (call: Call, verdict: object) => answer(call, RESULT_KIND.upgrade, json(verdict));
const message = (call: Call, verdict: object) => answer(call, RESULT_KIND.message, json(verdict));
const reject = (call: Call, change: object) =>
  upgrade(call, { reject: { status: 400, headers: {}, body: "", contentType: "text/plain", ...change } });

function ask(call: Call, instance: number, text: string): void {
  waiting.set(call.instance, call);
  const kind = ASK_KIND.fetch;
  encodeAsk(out, instance, { id: 1, kind, deadline: machineNow() + 1000, text, binary: undefined });
}

/** By what the call says. */
const attacks: Readonly<Record<string, (call: Call) => void>> = {
  "an unknown log level": (call) => log(call.instance, "fatal", "x"),
  "a log line that is no text": (call) => log(call.instance, "info", { length: 1 }),
  "a message of no kind": () => say({ type: "constructor" }),
  "a message that is no JSON": () => write(FRAME_KIND.control, 3, Buffer.from("{x")),
  "a frame of 250 MB": () => write(FRAME_KIND.results, 250 * 1024 * 1024, Buffer.alloc(64)),
  "a frame of no kind": () => write(77, 2, Buffer.alloc(1)),
  "a negative length": (call) => answer(call, RESULT_KIND.text, "x", { textLength: -3400 }),
  "a length beyond the frame": (call) => answer(call, RESULT_KIND.text, "x", { textLength: 3400 }),
  "a session that begins before the frame": (call) =>
    answer(call, RESULT_KIND.text, "x", { textLength: 3400, sessionLength: -3399 }),
  "an answer to what was not asked": (call) => answer({ ...call, id: call.id + 1 }, RESULT_KIND.unchanged),
  "an ask of no kind": ({ instance }) =>
    encodeAsk(out, instance, { id: 1, kind: 99, deadline: 0, text: "{}", binary: undefined }),

  "status 101": (call) => reject(call, { status: 101 }),
  "status 1e9": (call) => reject(call, { status: 1e9 }),
  "a response in a header": (call) => reject(call, { headers: { a: ["b\r\n\r\nHTTP/1.1 200 OK"] } }),
  "a response in the content type": (call) => reject(call, { contentType: "text/plain\r\na: b" }),
  "a header in a name": (call) => upgrade(call, { headers: { "a: b\r\nauthorization": ["c"] } }),
  "an injected header": (call) => upgrade(call, { headers: { a: ["b\r\nAuthorization: c"] } }),
  "a second Host": (call) => upgrade(call, { headers: { Host: ["other"] } }),
  "a header that is no text": (call) => upgrade(call, { responseHeaders: { a: [{ length: 1 }] } }),
  "headers without end": (call) => upgrade(call, { headers: { a: Array(50_000).fill("b") } }),
  "a subprotocol with more": (call) => upgrade(call, { subprotocol: "a\r\nSet-Cookie: b" }),
  "a target of another scheme": (call) => upgrade(call, { connect: "file:///etc/passwd" }),
  "attributes that are none": (call) => upgrade(call, { attributes: 5 }),
  "attributes without a floor": (call) =>
    answer(call, RESULT_KIND.upgrade, `{"attributes":{"a":${"[".repeat(20_000)}${"]".repeat(20_000)}}}`),
  "an expiry that is none": (call) => upgrade(call, { expires: -1 }),

  "150,000 replies": (call) => message(call, { reply: Array(150_000).fill({ t: "" }) }),
  "a body that begins before the frame": (call) => message(call, { reply: [{ b: -3400 }, { b: 3400 }] }),
  "a body of a length alone": (call) => message(call, { body: { t: { length: 2 ** 31 } } }),
  "a close code that never travels": (call) => message(call, { close: { code: 1006, reason: "" } }),
  "an edit that is no JSON": (call) => answer(call, RESULT_KIND.edit, '{"+a":1},"b":2'),
  "an edit that sets one member twice": (call) => answer(call, RESULT_KIND.edit, '{"+a":1,"+\\u0061":2}'),
  "an edit beside a body": (call) => message(call, { edit: "{}", body: { t: "x" } }),
  "a verdict of another hook": (call) => upgrade(call, {}),
  "a fault that is none": (call) => answer(call, RESULT_KIND.fault, '{"reason":"killed"}'),

  "a body that would become memory": (call) =>
    ask(
      call,
      call.instance,
      json({ url: "http://a.test/", method: "POST", headers: [], body: { length: 2 ** 31 } }),
    ),
  "an ask in the name of another": (call) => {
    ask(
      call,
      call.instance + 1,
      json({ url: "http://a.test/", method: "GET", headers: [], redirect: "follow" }),
    );
    answer(call, RESULT_KIND.unchanged);
  },
};

function onControl(said: ClientMessage): void {
  if (said.type === "start") say({ type: "ready" });
  if (said.type === "ping") say({ type: "pong", sequence: said.sequence, rss: 1 });
  if (said.type === "load")
    say({ type: "loaded", instance: said.instance, result: { ok: true, hooks: ["upgrade", "client"] } });
}

function onCalls(bytes: Buffer, start: number): void {
  const { instance, count, records, text } = decodeCalls(bytes, start);
  let at = 0;
  for (let i = 0; i < count; i++) {
    const own = text.slice(at, at + records.textLength(i));
    at += records.textLength(i);
    if (isSeatOp(records.op(i))) continue;
    const call = { id: records.id(i), instance };
    const run = attacks[own];
    if (run === undefined) answer(call, RESULT_KIND.unchanged);
    else run(call);
  }
}

/** Whatever was asked for has been answered. */
function onAnswer(bytes: Buffer, start: number): void {
  const instance = bytes.readUInt32LE(start);
  const isGood = bytes.readUInt32LE(start + 8) === 1;
  const call = waiting.get(instance);
  if (call !== undefined && !isGood) answer(call, RESULT_KIND.unchanged);
}

const read = createFrameReader((kind, bytes, start, end) => {
  if (kind === FRAME_KIND.control) onControl(readControl<ClientMessage>(bytes, start, end));
  else if (kind === FRAME_KIND.answers) onAnswer(bytes, start);
  else onCalls(bytes, start);
});
calls.on("data", (chunk: Buffer) => {
  read(chunk);
  out.flush(results);
});
calls.on("close", () => process.exit());
results.on("error", () => process.exit());
