import type { HostSettings } from "../wire/control.ts";
import type { GuestSettings } from "../wire/guest-entry.ts";
import { SHARED_BYTES, SharedMemory } from "../wire/shared-memory.ts";
import type { AskBox } from "./ask-box.ts";
import { digest, parseUrl, randomBytes } from "./capabilities.ts";
import type { Addon, Context, Isolate, Reference } from "./isolated-vm.ts";

/** What the guest may call beside `capabilities.ts`. */
export interface GuestEars {
  log(seat: number, level: string, text: string): void;
  readonly ask: AskBox["ask"];
  /** Enter me in so many milliseconds. */
  wake(delayMs: number): void;
}

/** An isolate with the guest in it, and no policy yet. */
export interface BootedIsolate {
  readonly isolate: Isolate;
  readonly context: Context;
  /** The guest's one entry function. */
  readonly guest: Reference<unknown>;
  readonly memory: SharedMemory;
}

const MAX_SESSION_BYTES = 65_536;
const BOOT_TIMEOUT_MS = 5000;

export function bootIsolate(
  ivm: Addon,
  settings: HostSettings,
  ears: GuestEars,
  testTime?: number,
): BootedIsolate {
  const inspector = settings.inspect === true;
  const isolate = new ivm.Isolate({ memoryLimit: settings.memoryLimitMb, inspector });
  const context = isolate.createContextSync({ inspector });
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  const boot = context.evalSync(settings.guest, {
    timeout: BOOT_TIMEOUT_MS,
    filename: "framegate:guest",
    reference: true,
  });
  const world = {
    memory,
    settings: guestSettings(settings, testTime),
    log: new ivm.Callback((seat: unknown, level: unknown, text: unknown) =>
      ears.log(Number(seat), String(level), String(text)),
    ),
    parseUrl: new ivm.Callback(parseUrl),
    randomBytes: new ivm.Callback(randomBytes),
    digest: new ivm.Callback(digest),
    ask: new ivm.Callback(ears.ask),
    wake: new ivm.Callback((delayMs: unknown) => ears.wake(Number(delayMs))),
  };
  const guest = boot.applySync(undefined, [new ivm.ExternalCopy(world).copyInto({ release: true })], {
    timeout: BOOT_TIMEOUT_MS,
    result: { reference: true },
  });
  boot.release();
  return { isolate, context, guest, memory: new SharedMemory(memory) };
}

/** The script of a policy, as a function that runs it. Its lines are those of `code`. */
export function wrapPolicy(code: string): string {
  return `(function () { "use strict";\n${code}\n;return typeof __policy === "undefined" ? undefined : __policy; })`;
}

function guestSettings(settings: HostSettings, testTime: number | undefined): GuestSettings {
  const { asyncTimeoutMs, maxResultBytes } = settings;
  const time = testTime === undefined ? {} : { testTime };
  return { asyncTimeoutMs, maxResultBytes, maxSessionBytes: MAX_SESSION_BYTES, ...time };
}
