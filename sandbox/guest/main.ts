/**
 * What runs inside an isolate, around the policy. The host evaluates this once, calls `boot`, and from then on only the
 * one function that `boot` returns, always with a timeout. Only strings, numbers and own bytes cross.
 */
import { NO_CALL, SEAT_OP } from "../wire/call-record.ts";
import { ENTRY, type GuestSettings, type LoadResult, SLICE_MS } from "../wire/guest-entry.ts";
import { HOOK_NAMES } from "../wire/hooks.ts";
import { SharedMemory } from "../wire/shared-memory.ts";
import { createAbort } from "./abort.ts";
import { createAsks, createScope, type HostAsk } from "./asks.ts";
import { type CallRunner, createCallRunner, type Hook } from "./calls.ts";
import { installTestClock, realNow } from "./clock.ts";
import { structuredClone } from "./clone.ts";
import { createConsole, createLogger, type LogSink } from "./console.ts";
import { createCrypto, type Digester, type RandomSource } from "./crypto.ts";
import { CryptoKey } from "./crypto-key.ts";
import { describeLoadFailure } from "./faults.ts";
import { createFetch, Response } from "./fetch.ts";
import { freezeAll, freezeIntrinsics } from "./freezing.ts";
import { HeaderSet } from "./headers.ts";
import { createKv, createSecrets } from "./kv.ts";
import { findMisspeltHook } from "./misspelt-hook.ts";
import { describe, plainJson } from "./plain-json.ts";
import { createQuota } from "./quota.ts";
import { createResultBox } from "./result-box.ts";
import { type GuestSeat, openSeat, type SeatTools } from "./seat.ts";
import { createSubtle } from "./subtle.ts";
import { tameIntrinsics } from "./taming.ts";
import { textGlobals } from "./text.ts";
import { createTimers, timerGlobals } from "./timers.ts";
import { createUrlClass, type UrlParser } from "./url.ts";
import { URLSearchParams } from "./url-search-params.ts";
import { Headers } from "./web-headers.ts";

export function boot(
  buffer: SharedArrayBuffer,
  settingsText: string,
  log: LogSink,
  hostParseUrl: UrlParser,
  hostRandom: RandomSource,
  hostDigest: Digester,
  hostAsk: HostAsk,
  hostWake: (delayMs: number) => void,
): (code: number, a?: unknown, b?: unknown, c?: unknown) => unknown {
  const memory = new SharedMemory(buffer);
  const settings: GuestSettings = JSON.parse(settingsText);
  const logger = createLogger(log);
  const results = createResultBox(memory);
  const quota = createQuota();
  const parseUrl: UrlParser = (href, base, part, value) => {
    quota.spend(href.length + (value?.length ?? 0));
    return hostParseUrl(href, base, part, value);
  };
  const seats = new Map<number, GuestSeat>();
  let runner: CallRunner | undefined;
  const scope = createScope(settings.asyncTimeoutMs);
  const asks = createAsks(scope, hostAsk, quota);
  const logError = (error: unknown) => logger.write(undefined, "error", ["not caught:", error]);
  const timers = createTimers(scope, (delayMs) => {
    quota.spend(0);
    hostWake(delayMs);
  });
  const abort = createAbort(timers, logError);
  const tools: SeatTools = { kv: createKv(asks), secrets: createSecrets(asks) };
  const startCall = () => {
    logger.startCall();
    quota.startCall();
    scope.begin();
  };
  memory.running = NO_CALL;

  // There because the host runs with --expose-gc; the policy does not get to see it.
  const collectGarbage = Reflect.get(globalThis, "gc") as () => void;
  const clock = settings.testTime === undefined ? undefined : installTestClock(settings.testTime);
  tameIntrinsics();
  defineGlobals({
    ...textGlobals,
    URL: createUrlClass(parseUrl),
    URLSearchParams,
    structuredClone,
    queueMicrotask,
    crypto: createCrypto(
      (length) => {
        quota.spend(length);
        return hostRandom(length);
      },
      (algorithm, bytes) => {
        quota.spend(bytes.length);
        return hostDigest(algorithm, bytes);
      },
      createSubtle(asks),
    ),
    CryptoKey,
    fetch: createFetch(asks, abort),
    Headers,
    AbortController: abort.AbortController,
    AbortSignal: abort.AbortSignal,
    ...timerGlobals(timers, logError),
    console: createConsole((level, values) => logger.write(runner?.currentSeat(), level, values)),
  });
  freezeIntrinsics();
  for (const one of [HeaderSet, Response, tools]) freezeAll(one);

  function load(start: unknown): string {
    let result: LoadResult;
    try {
      const exports = (start as () => unknown)();
      result = readExports(exports);
      if (result.ok) {
        const hooks = HOOK_NAMES.map((name) => (exports as Record<string, Hook | undefined>)[name]);
        runner = createCallRunner({ hooks, memory, settings, results, parseUrl, startCall });
      }
    } catch (error) {
      result = { ok: false, failure: describeLoadFailure(error) };
    }
    return JSON.stringify(result);
  }

  function run(calls: CallRunner, count: number, text: string, binary: Uint8Array | undefined): void {
    const start = realNow();
    const records = memory.calls;
    let textAt = 0;
    let binaryAt = 0;
    for (let i = 0; i < count; i++) {
      const op = records.op(i);
      const textLength = records.textLength(i);
      const size = records.size(i);
      const index = records.seat(i);
      const own = textLength === 0 ? "" : text.slice(textAt, textAt + textLength);
      textAt += textLength;
      memory.begun = i + 1;
      if (op === SEAT_OP.open) {
        seats.set(index, openSeat(index, JSON.parse(own), tools, logger.write));
        continue;
      }
      if (op === SEAT_OP.close) {
        seats.delete(index);
        continue;
      }
      let body: string | Uint8Array = own;
      if (records.isBinary(i)) {
        body = (binary as Uint8Array).slice(binaryAt, binaryAt + size);
        binaryAt += size;
      }
      calls.submit(seats.get(index) as GuestSeat, op, {
        id: records.id(i),
        body,
        length: size,
        sequence: records.sequence(i),
        time: records.time(i),
      });
      if (realNow() - start >= SLICE_MS || results.isFull()) return;
    }
  }

  /** Tests only. Up to this moment, or to the first timer on the way there, which runs. */
  function moveTime(now: number): void {
    const due = timers.nextDue();
    const isDue = due !== undefined && due <= now;
    clock?.set(isDue ? due : now);
    if (isDue) timers.runDue(memory.pending !== 0);
    memory.hasRunTimer = isDue;
  }

  return (code, a, b, c) => {
    if (code === ENTRY.load) return load(a);
    if (code === ENTRY.again) return results.lastText();
    if (code === ENTRY.takeBinary) return results.takeBinary();
    if (code === ENTRY.collect) return collectGarbage();
    memory.begun = 0;
    memory.running = NO_CALL;
    startCall();
    results.open();
    if (runner) {
      if (code === ENTRY.run) run(runner, a as number, b as string, c as Uint8Array | undefined);
      else if (code === ENTRY.sweep) runner.endOverdue();
      else if (code === ENTRY.answer) asks.settle(a as number, b as string, c as Uint8Array<ArrayBuffer>);
      else if (code === ENTRY.wake) timers.runDue(memory.pending !== 0);
      else if (code === ENTRY.setTime) moveTime(a as number);
      if (code !== ENTRY.run) runner.reportPending();
    }
    return results.seal();
  };
}

function queueMicrotask(callback: unknown): void {
  if (typeof callback !== "function") throw new TypeError("queueMicrotask: expected a function");
  Promise.resolve().then(() => callback());
}

function defineGlobals(globals: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(globals)) {
    Reflect.defineProperty(globalThis, name, {
      value,
      writable: true,
      enumerable: false,
      configurable: true,
    });
  }
}

/** Exports that are plain data, for the gateway to read. */
const dataExports = ["route", "optionsSchema", "capabilities"] as const;

function readExports(exports: unknown): LoadResult {
  const found = (typeof exports === "object" && exports !== null ? exports : {}) as Record<string, unknown>;
  const hooks: string[] = [];
  for (const name of HOOK_NAMES) {
    const hook = found[name];
    if (hook === undefined) continue;
    if (typeof hook !== "function") {
      const message = `expected the export \`${name}\` to be a function, got ${describe(hook)}`;
      return { ok: false, failure: { reason: "exports", message, stack: "" } };
    }
    hooks.push(name);
  }
  const misspelt = findMisspeltHook(found, HOOK_NAMES);
  if (misspelt !== undefined) {
    const message = `exports \`${misspelt.name}\`, which is no hook; did you mean \`${misspelt.meant}\`? A helper needs another name, or no export`;
    return { ok: false, failure: { reason: "exports", message, stack: "" } };
  }
  const data: Record<string, unknown> = {};
  try {
    for (const name of dataExports) {
      if (found[name] !== undefined) data[name] = JSON.parse(plainJson(found[name], name));
    }
  } catch (error) {
    return { ok: false, failure: { reason: "exports", message: (error as Error).message, stack: "" } };
  }
  return { ok: true, hooks, ...data };
}
