import type { HostSettings, WireLogLine } from "../wire/control.ts";
import {
  type GuestSettings,
  type InstanceSettings,
  MAX_LOG_TEXT,
  POLICY_LOG_LEVELS,
} from "../wire/guest-entry.ts";
import { SHARED_BYTES, SharedMemory } from "../wire/shared-memory.ts";
import { MAX_SESSION_LENGTH } from "../wire/verdicts.ts";
import type { AskBox } from "./ask-box.ts";
import { digest, parseUrl, randomBytes } from "./capabilities.ts";
import type { IsolateParts } from "./isolate-parts.ts";
import type { Context, Isolate, Reference } from "./isolated-vm.ts";

/** What the guest may call beside `capabilities.ts`. */
export interface GuestEars {
  log(...line: WireLogLine): void;
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

const BOOT_TIMEOUT_MS = 5000;

export function bootIsolate(
  { ivm, compileGuest }: IsolateParts,
  settings: HostSettings,
  ears: GuestEars,
  own: InstanceSettings = {},
): BootedIsolate {
  const inspector = settings.inspect === true;
  const isolate = new ivm.Isolate({ memoryLimit: settings.memoryLimitMb, inspector });
  const context = isolate.createContextSync({ inspector });
  const memory = new SharedArrayBuffer(SHARED_BYTES);
  const script = compileGuest(isolate);
  const boot = script.runSync(context, { timeout: BOOT_TIMEOUT_MS, reference: true });
  script.release();
  const world = {
    memory,
    settings: guestSettings(settings, own),
    log: new ivm.Callback((...line: readonly unknown[]) => ears.log(...readLine(line))),
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

/** The guest's own code says nothing else than what is a line already. */
function readLine([seat, level, text]: readonly unknown[]): WireLogLine {
  const known = POLICY_LOG_LEVELS.find((one) => one === level) ?? "error";
  return [Math.max(0, Number(seat) | 0), known, String(text).slice(0, MAX_LOG_TEXT)];
}

function guestSettings(settings: HostSettings, own: InstanceSettings): GuestSettings {
  const { asyncTimeoutMs, maxResultBytes } = settings;
  return { asyncTimeoutMs, maxResultBytes, maxSessionLength: MAX_SESSION_LENGTH, ...own };
}
