import { decodeAnswer } from "../wire/answers.ts";
import { decodeCalls, type ReceivedCalls } from "../wire/calls.ts";
import type { ClientMessage, HostMessage, HostSettings, HostUsage } from "../wire/control.ts";
import {
  createFrameMemory,
  createFrameReader,
  FRAME_KIND,
  FrameWriter,
  readControl,
} from "../wire/frames.ts";
import type { LoneResult } from "../wire/results.ts";
import { CallBatch } from "./call-batch.ts";
import type { HostedPolicy, HostedPolicyParts } from "./hosted-policy.ts";
import { createInspectedInstance } from "./inspected-instance.ts";
import { createInstance } from "./instance.ts";
import { createIsolateParts, type IsolateParts } from "./isolate-parts.ts";
import { loadAddon } from "./isolated-vm.ts";
import type { Journal } from "./journal.ts";
import { splitCalls } from "./one-by-one.ts";
import { createSubtleRunner } from "./subtle.ts";
import { createTurns } from "./turns.ts";

/** What a host does with the frames that it is sent, whichever way they come: it loads policies, and runs their calls. */
export interface Service {
  /** More of the stream of frames. What it has of calls is run before this returns, as far as a turn goes. */
  take(frames: Buffer): void;
  /** Whether nothing but more frames can give it work. Not after it has been told more than calls: something of that may be for the loop. */
  waitsForFrames(): boolean;
  /** One call without a frame, whose record is there no longer than this call. */
  takeLone(calls: ReceivedCalls): void;
  /** Everything ends, and nothing is said any more. */
  close(): void;
}

export interface ServiceParts {
  readonly journal: Journal;
  /** Everything in here is to go to the client, after the lone result if there is one. */
  flush(out: FrameWriter): void;
  /** Of a client in this process: takes a result without a frame. */
  readonly lone?: LoneResult;
  /** Runs what begins by itself. What is thrown in there has no caller: it is to end this service, and nothing else. */
  guard(turn: () => void): void;
  /** All code that isolates need is there. */
  onLoaded?(): void;
  /** Policies have come, a moment ago, and nothing has been called yet. */
  onCalm?(): void;
}

type LoadMessage = Extract<ClientMessage, { readonly type: "load" }>;

/** After so long the results so far are sent, and pings are answered. */
const TURN_MS = 20;
/** As long as policies come they come faster than that. */
const CALM_MS = 1000;

export function createService({ journal, onLoaded, onCalm, ...parts }: ServiceParts): Service {
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
  let isClosed = false;
  let isUsed = false;
  /** The last frames had more than calls. */
  let wasTold = false;
  let calm: NodeJS.Timeout | undefined;

  /** Whatever is kept of a frame is a copy: its memory is that of the next one. */
  const read = createFrameReader(
    (kind, bytes, start, end) => {
      if (kind === FRAME_KIND.control) onControl(readControl(bytes, start, end));
      else if (kind === FRAME_KIND.answers) onAnswer(bytes, start, end);
      else onCalls(bytes, start, kind === FRAME_KIND.upgrades);
    },
    { allocate: createFrameMemory() },
  );

  function onControl(message: ClientMessage): void {
    wasTold = true;
    if (message.type !== "load" && "instance" in message) loadNow(message.instance);
    switch (message.type) {
      case "start":
        settings = message.settings;
        isolateParts = createIsolateParts(loadAddon(settings.addon), settings.guest);
        onLoaded?.();
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
        send({
          type: "time-set",
          instance: message.instance,
          asks: instances.get(message.instance)?.setTime(message.now, message.seed) ?? 0,
        });
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

  function load({
    instance: id,
    code,
    filename,
    testTime,
    testSeed,
    own,
    inspect = [],
    ...how
  }: LoadMessage): void {
    const policyParts: HostedPolicyParts = {
      ...{ id, isolateParts, journal, out, lone: parts.lone, flush, guard: parts.guard },
      settings: { ...settings, ...own },
      guest: {
        ...(testTime !== undefined && { testTime }),
        ...(testSeed !== undefined && { testSeed }),
        ...(own && { makesCode: true }),
      },
      subtle: createSubtleRunner(turns.open()),
      onWork: () => onWork(instance),
      onLost: () => forget(id, instance),
    };
    const instance = settings.inspect
      ? createInspectedInstance(policyParts, inspect)
      : createInstance(policyParts);
    instances.set(id, instance);
    if (how.oneByOne) oneByOne.add(id);
    instance.load(code, filename);
    waitForCalm();
  }

  function waitForCalm(): void {
    clearTimeout(calm);
    if (onCalm === undefined || isUsed) return;
    calm = setTimeout(() => {
      if (!isUsed && !isClosed) onCalm();
    }, CALM_MS).unref();
  }

  function onCalls(bytes: Buffer, start: number, isUpgrade: boolean): void {
    isUsed = true;
    const calls = decodeCalls(bytes, start);
    const instance = instances.get(calls.instance);
    if (!instance) return; // lost: the client has been told, and sends these again
    if (oneByOne.has(calls.instance))
      for (const part of splitCalls(calls)) instance.enqueue(new CallBatch(part, isUpgrade));
    else instance.enqueue(new CallBatch(calls, isUpgrade));
    waiting.add(instance);
  }

  /** In a turn that is begun for it, unless there is one to come. */
  function onLoneCall(calls: ReceivedCalls): void {
    isUsed = true;
    const instance = instances.get(calls.instance);
    if (!instance) return;
    const batch = new CallBatch(calls, false);
    instance.enqueue(batch);
    if (isTurnScheduled) waiting.add(instance);
    else {
      instance.step(performance.now() + TURN_MS);
      if (instance.hasWork()) onWork(instance);
      journal.idle();
      flush();
    }
    batch.keepLone();
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
    setImmediate(parts.guard, runTurn);
  }

  function runTurn(): void {
    isTurnScheduled = false;
    const end = performance.now() + TURN_MS;
    for (const instance of waiting) {
      waiting.delete(instance);
      instance.step(end);
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

  function readUsage(): HostUsage {
    const { user, system } = process.cpuUsage();
    const heaps = [...instances].map(([id, instance]) => [id, instance.heapBytes()] as const);
    return { cpuUs: user + system, heaps };
  }

  function send(message: HostMessage): void {
    out.control(message);
  }

  function flush(): void {
    if (!isClosed) parts.flush(out);
  }

  return {
    take(frames) {
      wasTold = false;
      read(frames);
      if (!isTurnScheduled) runTurn();
    },
    waitsForFrames() {
      if (wasTold || isTurnScheduled) return false;
      for (const instance of instances.values()) if (!instance.waitsForCalls()) return false;
      return true;
    },
    takeLone: onLoneCall,
    close() {
      isClosed = true;
      loads.clear();
      for (const [id, instance] of [...instances]) forget(id, instance);
    },
  };
}

/** 0: it is in no position to know, and its client is. */
function readRss(): number {
  try {
    return process.memoryUsage.rss();
  } catch {
    return 0;
  }
}
