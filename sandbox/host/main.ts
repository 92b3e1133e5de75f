/**
 * The sandbox host: a child process that holds the isolates and nothing else. It has no environment, no files but its
 * own code, one socket to its client (fd 3) and the journal (fd 4). It ends when the socket does.
 */
import { Socket } from "node:net";
import { decodeAnswer } from "../wire/answers.ts";
import { decodeCalls } from "../wire/calls.ts";
import type { ClientMessage, HostMessage, HostSettings, HostUsage } from "../wire/control.ts";
import {
  createFrameMemory,
  createFrameReader,
  FRAME_KIND,
  FrameWriter,
  readControl,
} from "../wire/frames.ts";
import { createCallBatch } from "./call-batch.ts";
import type { HostedPolicy, HostedPolicyParts } from "./hosted-policy.ts";
import { createInspectedInstance } from "./inspected-instance.ts";
import { createInstance } from "./instance.ts";
import { createIsolateParts, type IsolateParts } from "./isolate-parts.ts";
import { loadAddon } from "./isolated-vm.ts";
import { createJournal } from "./journal.ts";
import { lockDown } from "./lockdown.ts";
import { splitCalls } from "./one-by-one.ts";
import { createSubtleRunner } from "./subtle.ts";
import { createTurns } from "./turns.ts";

type LoadMessage = Extract<ClientMessage, { readonly type: "load" }>;

const SOCKET_FD = 3;
const JOURNAL_FD = 4;
/** Of the buffer that all reads go into: more than a socket of this kind holds. */
const READ_BYTES = 256 * 1024;
/** After so long the results so far are sent, and pings are answered. */
const TURN_MS = 20;

const socket = new Socket({
  fd: SOCKET_FD,
  onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
});
const journal = createJournal(JOURNAL_FD);
const out = new FrameWriter();
const instances = new Map<number, HostedPolicy>();
/** Instances whose calls never share an entry. */
const oneByOne = new Set<number>();
/** Instances with work, each once, served in turn so that no policy starves another. */
const waiting = new Set<HostedPolicy>();
/** To be loaded, one a turn: who is there already is not kept waiting, and each is told of at once. */
const loads = new Map<number, LoadMessage>();
/** Of computations that take long. */
const turns = createTurns();
let isolateParts: IsolateParts;
let settings: HostSettings;
let isTurnScheduled = false;

/** Whatever is kept of a frame is a copy: its memory is that of the next one. */
const read = createFrameReader(
  (kind, bytes, start, end) => {
    if (kind === FRAME_KIND.control) onControl(readControl(bytes, start, end));
    else if (kind === FRAME_KIND.answers) onAnswer(bytes, start, end);
    else onCalls(bytes, start, kind === FRAME_KIND.upgrades);
  },
  { allocate: createFrameMemory() },
);

socket.on("close", end);
// A service manager signals all processes, but the calls in flight need their host: it ends with its socket, not before.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
socket.on("error", end);

function onRead(length: number, buffer: Uint8Array): boolean {
  read(Buffer.from(buffer.buffer, buffer.byteOffset, length));
  if (!isTurnScheduled) runTurn();
  return true;
}

/** Not by `exit`: it would wait for an isolate that a debugger has paused. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}

function onControl(message: ClientMessage): void {
  if (message.type !== "load" && "instance" in message) loadNow(message.instance);
  switch (message.type) {
    case "start":
      settings = message.settings;
      isolateParts = createIsolateParts(loadAddon(settings.addon), settings.guest);
      lockDown();
      send({ type: "ready" });
      break;
    case "load":
      loads.set(message.instance, message);
      break;
    case "drop": {
      const instance = instances.get(message.instance);
      if (instance) forget(message.instance, instance);
      break;
    }
    case "set-time":
      instances.get(message.instance)?.setTime(message.now);
      send({ type: "time-set", instance: message.instance });
      break;
    case "inspector":
      instances.get(message.instance)?.inspect?.(message);
      break;
    case "ping":
      send({
        type: "pong",
        sequence: message.sequence,
        rss: readRss(),
        ...(message.usage ? { usage: readUsage() } : {}),
      });
      break;
  }
}

/** What is meant for it comes after what it has been told before. */
function loadNow(id: number): void {
  const message = loads.get(id);
  if (message === undefined) return;
  loads.delete(id);
  load(message);
  journal.idle();
}

function load({ instance: id, code, filename, testTime, own, inspect = [], ...how }: LoadMessage): void {
  const parts: HostedPolicyParts = {
    ...{ id, isolateParts, journal, out, flush },
    settings: { ...settings, ...own },
    guest: { ...(testTime !== undefined && { testTime }), ...(own && { makesCode: true }) },
    subtle: createSubtleRunner(turns.open()),
    onWork: () => onWork(instance),
    onLost: () => forget(id, instance),
  };
  const instance = settings.inspect ? createInspectedInstance(parts, inspect) : createInstance(parts);
  instances.set(id, instance);
  if (how.oneByOne) oneByOne.add(id);
  instance.load(code, filename);
}

function onCalls(bytes: Buffer, start: number, isUpgrade: boolean): void {
  const calls = decodeCalls(bytes, start);
  const instance = instances.get(calls.instance);
  if (!instance) return; // lost: the client has been told, and sends these again
  for (const part of oneByOne.has(calls.instance) ? splitCalls(calls) : [calls])
    instance.enqueue(createCallBatch(part, isUpgrade));
  waiting.add(instance);
}

function onAnswer(bytes: Buffer, start: number, end: number): void {
  const answer = decodeAnswer(bytes, start, end);
  instances.get(answer.instance)?.answer(answer);
}

function onWork(instance: HostedPolicy): void {
  waiting.add(instance);
  scheduleTurn();
}

function scheduleTurn(): void {
  if (isTurnScheduled) return;
  isTurnScheduled = true;
  setImmediate(runTurn);
}

function runTurn(): void {
  isTurnScheduled = false;
  const end = performance.now() + TURN_MS;
  for (const instance of waiting) {
    waiting.delete(instance);
    instance.step();
    if (instance.hasWork()) waiting.add(instance);
    if (waiting.size === 0) break;
    // The next one may hang or crash this process: what is ready leaves before.
    flush();
    if (performance.now() > end) break;
  }
  const [next] = loads.keys();
  if (next !== undefined) {
    flush();
    loadNow(next);
  }
  if (loads.size > 0 || waiting.size > 0) scheduleTurn();
  journal.idle();
  flush();
}

function forget(id: number, instance: HostedPolicy): void {
  instance.dispose();
  waiting.delete(instance);
  instances.delete(id);
  oneByOne.delete(id);
}

/** 0: it is in no position to know, and its client is. */
function readRss(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}

function readUsage(): HostUsage {
  const { user, system } = process.cpuUsage();
  const heaps = [...instances].map(([id, instance]) => [id, instance.heapBytes()] as const);
  return { cpuUs: user + system, heaps };
}

function send(message: HostMessage): void {
  out.control(message);
}

function flush(): void {
  out.flush(socket);
}
