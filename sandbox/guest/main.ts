/**
 * What runs inside an isolate, around the policy. The host evaluates this once, calls `boot`, and from then on only the
 * one function that `boot` returns, always with a timeout. Only strings, numbers and own bytes cross.
 */
import { NO_CALL } from "../wire/call-record.ts";
import { ENTRY, type GuestSettings, type GuestText, type LoadResult } from "../wire/guest-entry.ts";
import { HOOK_NAMES, HOOK_NUMBER } from "../wire/hooks.ts";
import { SharedMemory } from "../wire/shared-memory.ts";
import { createAsks, createScope, type HostAsk } from "./asks.ts";
import { createEntryClock, installTestClock } from "./clock.ts";
import { freezeIntrinsics } from "./freezing.ts";
import { createAbort } from "./globals/abort.ts";
import { structuredClone } from "./globals/clone.ts";
import { createConsole, createGuestLogger, type LogSink } from "./globals/console.ts";
import { createCrypto, createRandomPool, type Digester, type RandomSource } from "./globals/crypto.ts";
import { CryptoKey } from "./globals/crypto-key.ts";
import { createFetch, Response } from "./globals/fetch.ts";
import { createSeededRandom } from "./globals/seeded-random.ts";
import { createSubtle } from "./globals/subtle.ts";
import { textGlobals } from "./globals/text.ts";
import { createTimers, timerGlobals } from "./globals/timers.ts";
import { createUrlClass, type UrlParser } from "./globals/url.ts";
import { URLSearchParams } from "./globals/url-search-params.ts";
import { Headers } from "./globals/web-headers.ts";
import { createAlert } from "./hooks/alert.ts";
import { createBatchRunner } from "./hooks/batch.ts";
import { type CallRunner, createCallRunner, type Hook } from "./hooks/calls.ts";
import { readExports } from "./hooks/exports.ts";
import { describeLoadFailure } from "./hooks/faults.ts";
import { gatherExports } from "./hooks/gathered-exports.ts";
import { RequestHeaders } from "./hooks/headers.ts";
import { createKv, createSecrets } from "./hooks/kv.ts";
import { createRates } from "./hooks/rates.ts";
import { createResultBox } from "./hooks/result-box.ts";
import { openSeat, type SeatTools } from "./hooks/seat.ts";
import { createQuota } from "./quota.ts";
import { tameIntrinsics } from "./taming.ts";

/** All that the guest knows of the world, and may call there. */
interface World {
  /** Of a `SharedMemory`. */
  readonly memory: SharedArrayBuffer;
  readonly settings: GuestSettings;
  readonly log: LogSink;
  readonly parseUrl: UrlParser;
  readonly randomBytes: RandomSource;
  readonly digest: Digester;
  readonly ask: HostAsk;
  /** Enter me in so many milliseconds. */
  wake(delayMs: number): void;
}

/** What the host enters: a code of `ENTRY`, and what comes with it. */
type GuestEntry = (code: number, a?: unknown, b?: unknown, c?: unknown) => unknown;

export function boot({ settings, ...host }: World): GuestEntry {
  const memory = new SharedMemory(host.memory);
  const logger = createGuestLogger(host.log);
  const results = createResultBox(memory);
  const quota = createQuota();
  const parseUrl: UrlParser = (href, base, part, value) => {
    quota.spend(href.length + (value?.length ?? 0));
    return host.parseUrl(href, base, part, value);
  };
  let runner: CallRunner | undefined;
  const entryClock = createEntryClock();
  const testClock =
    settings.testTime === undefined ? undefined : installTestClock(settings.testTime, entryClock);
  const clock = testClock ?? entryClock;
  const seeded = settings.testSeed === undefined ? undefined : createSeededRandom(settings.testSeed);
  if (seeded !== undefined) Math.random = seeded.next;
  const scope = createScope(settings.asyncTimeoutMs, clock);
  const asks = createAsks(scope, clock, host.ask, quota);
  const logError = (error: unknown) => logger.write(undefined, "error", ["not caught:", error]);
  const timers = createTimers(scope, clock, (delayMs) => {
    quota.spend(0);
    host.wake(delayMs);
  });
  const abort = createAbort(timers, logError);
  /** By number. */
  let hooks: readonly (Hook | undefined)[] = [];
  const tools: SeatTools = {
    kv: createKv(asks),
    rates: createRates(asks),
    secrets: createSecrets(asks),
    alert: createAlert(asks),
    hasHook: (name) => hooks[HOOK_NUMBER[name]] !== undefined,
  };
  const runBatch = createBatchRunner(memory, results, entryClock, (index, opening) =>
    openSeat(index, opening, tools, logger.write),
  );
  const startCall = () => {
    logger.startCall();
    quota.startCall();
    scope.begin();
  };
  memory.running = NO_CALL;

  // There because the host runs with --expose-gc; the policy does not get to see it.
  const collectGarbage = Reflect.get(globalThis, "gc") as () => void;
  tameIntrinsics({ makesCode: settings.makesCode === true });
  defineGlobals({
    ...textGlobals,
    URL: createUrlClass(parseUrl),
    URLSearchParams,
    structuredClone,
    queueMicrotask,
    crypto: createCrypto(
      seeded?.bytes ??
        createRandomPool((length) => {
          quota.spend(length);
          return host.randomBytes(length);
        }),
      (algorithm, bytes) => {
        quota.spend(bytes.length);
        return host.digest(algorithm, bytes);
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
  freezeIntrinsics([RequestHeaders, Response, tools]);

  function load(start: unknown): string {
    let result: LoadResult;
    try {
      const exports = gatherExports((start as () => unknown)());
      result = readExports(exports);
      if (result.ok && "found" in exports) {
        hooks = HOOK_NAMES.map((name) => exports.found[name] as Hook | undefined);
        runner = createCallRunner({
          hooks,
          memory,
          settings,
          clock: entryClock,
          results,
          parseUrl,
          startCall,
        });
      }
    } catch (error) {
      result = { ok: false, failure: describeLoadFailure(error) };
    }
    return JSON.stringify(result);
  }

  /** Tests only. Up to this moment, or to the first timer on the way there, which runs. */
  function moveTime(now: number, seed: number | undefined): void {
    if (seed !== undefined) seeded?.restart(seed);
    const due = timers.nextDue();
    const isDue = due !== undefined && due <= now;
    testClock?.set(isDue ? due : now);
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
    entryClock.enter(memory.enteredAt);
    startCall();
    results.open();
    if (runner) {
      if (code === ENTRY.run)
        runBatch(runner, a as number, unbox(b as GuestText), c as Uint8Array | undefined);
      else if (code === ENTRY.sweep) runner.endOverdue();
      else if (code === ENTRY.answer) asks.settle(a as number, b as string, c as Uint8Array<ArrayBuffer>);
      else if (code === ENTRY.wake) timers.runDue(memory.pending !== 0);
      else if (code === ENTRY.setTime) moveTime(a as number, b as number | undefined);
      if (code !== ENTRY.run) runner.reportPending();
    }
    return results.seal();
  };
}

function unbox(text: GuestText): string {
  return typeof text === "string" ? text : text[0];
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
