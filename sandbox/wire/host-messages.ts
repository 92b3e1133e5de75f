import { MAX_POLICY_ASKS } from "./ask-texts.ts";
import { MAX_BATCH } from "./call-record.ts";
import type { HostMessage, HostUsage, InstanceLoss, LossReason, WireLogLine } from "./control.ts";
import { MAX_JSON_DEPTH } from "./fields.ts";
import { type LoadFailure, type LoadResult, MAX_LOG_TEXT, POLICY_LOG_LEVELS } from "./guest-entry.ts";
import { HOOK_NAMES } from "./hooks.ts";
import { HostNonsense } from "./nonsense.ts";
import {
  readAmount,
  readChoice,
  readInteger,
  readList,
  readObject,
  readShallow,
  readText,
  wrong,
} from "./shapes.ts";
import { MAX_FAULT_MESSAGE, MAX_FAULT_STACK } from "./verdicts.ts";
import { checkWhen } from "./when.ts";

const MAX_ID = 0x7fff_ffff;
const MAX_INSTANCES = 65_536;
const MAX_LINES = 1024;
const LOSS_REASONS: readonly LossReason[] = ["timeout", "memory"];
const FAILURE_REASONS: readonly LoadFailure["reason"][] = ["throw", "exports", "syntax", "timeout", "memory"];

/** The message of a `control` frame of the host: each is made anew, of nothing but what it may hold. @throws HostNonsense */
export function decodeHostMessage(bytes: Buffer, start: number, end: number): HostMessage {
  const message = readObject(parse(bytes.toString("utf8", start, end)), "a message");
  const { type } = message;
  switch (type) {
    case "ready":
      return { type };
    case "loaded":
      return { type, instance: readInstance(message), result: readLoadResult(message.result) };
    case "lost":
      return readLoss(message);
    case "tired":
      return { type, instance: readInstance(message) };
    case "time-set":
      return {
        type,
        instance: readInstance(message),
        asks: readInteger(message.asks, "how much was asked for", 0, MAX_POLICY_ASKS),
      };
    case "log":
      return {
        type,
        instance: readInstance(message),
        lines: readList(message.lines, "the lines", MAX_LINES).map(readLine),
      };
    case "pong":
      return {
        type,
        sequence: readInteger(message.sequence, "the sequence", 0, Number.MAX_SAFE_INTEGER),
        rss: readAmount(message.rss, "the memory"),
        ...(message.usage !== undefined && { usage: readUsage(message.usage) }),
      };
    case "inspector":
      return {
        type,
        instance: readInstance(message),
        debugger: readInteger(message.debugger, "the debugger", 0, MAX_ID),
        ...(message.text !== undefined && { text: readText(message.text, "the text", bytes.length) }),
      };
    default:
      throw wrong("the type of a message", "known", type);
  }
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new HostNonsense("a message that is no JSON", { cause });
  }
}

function readInstance({ instance }: Readonly<Record<string, unknown>>): number {
  return readInteger(instance, "the instance", 0, MAX_ID);
}

function readLoadResult(json: unknown): LoadResult {
  const { ok, hooks, failure, ...data } = readObject(json, "the result");
  if (ok === true) {
    const named = readList(hooks, "the hooks", HOOK_NAMES.length).map((name) =>
      readChoice(name, "a hook", HOOK_NAMES),
    );
    return {
      ok,
      hooks: named,
      ...readExport("route", data),
      ...readExport("optionsSchema", data),
      ...readExport("capabilities", data),
      ...readWhen(data, named),
    };
  }
  const { reason, message, stack } = readObject(failure, "the failure");
  return {
    ok: false,
    failure: {
      reason: readChoice(reason, "its reason", FAILURE_REASONS),
      message: readText(message, "its message", 2 * MAX_FAULT_MESSAGE),
      stack: readText(stack, "its stack", 2 * MAX_FAULT_STACK),
    },
  };
}

/** Whoever reads what is exported checks it: here only that this cannot break. */
function readExport(
  name: string,
  data: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  const value = data[name];
  return value === undefined ? {} : { [name]: readShallow(value, `\`${name}\``, MAX_JSON_DEPTH) };
}

/** The worker decides by it, and so checks it as the isolate has. */
function readWhen(
  data: Readonly<Record<string, unknown>>,
  hooks: readonly string[],
): Readonly<Record<string, unknown>> {
  const read = readExport("when", data);
  if (read.when !== undefined && checkWhen(read.when, hooks) !== undefined)
    throw wrong("`when`", "a filter", read.when);
  return read;
}

function readLoss(message: Readonly<Record<string, unknown>>): InstanceLoss {
  const { reason, culprit, begun, starved, spentUs, ranAt } = message;
  const readCall = (id: unknown) => readInteger(id, "a call", 0, MAX_ID);
  return {
    type: "lost",
    instance: readInstance(message),
    reason: readChoice(reason, "the reason", LOSS_REASONS),
    ...(culprit !== undefined && { culprit: readCall(culprit) }),
    begun: readList(begun, "the calls", MAX_BATCH).map(readCall),
    starved: readChoice(starved, "`starved`", [true, false]),
    spentUs: readAmount(spentUs, "the time"),
    ...(ranAt !== undefined && { ranAt: readText(ranAt, "where it was", MAX_FAULT_STACK) }),
  };
}

function readLine(json: unknown): WireLogLine {
  const [seat, level, text] = readList(json, "a line", 3);
  return [
    readInteger(seat, "the seat", 0, MAX_ID),
    readChoice(level, "the level", POLICY_LOG_LEVELS),
    readText(text, "the text", MAX_LOG_TEXT),
  ];
}

function readUsage(json: unknown): HostUsage {
  const { cpuUs, heaps } = readObject(json, "the usage");
  return {
    cpuUs: readAmount(cpuUs, "the CPU time"),
    heaps: readList(heaps, "the heaps", MAX_INSTANCES).map((heap) => {
      const [instance, bytes] = readList(heap, "a heap", 2);
      return [readInteger(instance, "the instance", 0, MAX_ID), readAmount(bytes, "its bytes")];
    }),
  };
}
