import { CapabilityError } from "../broker/errors.ts";
import type { Broker, CapabilityAnswer, CapabilityAsk, SandboxEvent } from "../contract.ts";
import type { FrameWriter } from "../frames.ts";
import {
  ANSWER_HEADER,
  ASK_HEADER,
  askKind,
  FRAME_HEADER,
  frameKind,
  MAX_HOST_ASKS,
  MAX_POLICY_ASKS,
  type WireAskError,
} from "../protocol.ts";
import type { HostProcess } from "./host-process.ts";
import type { Instance } from "./instance.ts";

/** Takes what policies ask for to the broker, and the answers back to the isolate that asked, if it is still there. */
export interface AskDesk {
  onAsk(bytes: Buffer, start: number, end: number): void;
  /** Nobody waits for what this instance asked; undefined: for anything, its host is gone. */
  forget(instance?: number): void;
}

export interface AskDeskOptions {
  readonly asyncTimeoutMs: number;
  readonly broker: Broker;
  host(): HostProcess | undefined;
  instance(id: number): Instance | undefined;
  emit(event: SandboxEvent): void;
}

interface Open {
  readonly id: number;
  readonly instance: number;
  readonly policy: string;
  readonly abort: AbortController;
  readonly timer: NodeJS.Timeout;
}

const kinds: Readonly<Record<number, CapabilityAsk["kind"] | undefined>> = {
  [askKind.fetch]: "fetch",
  [askKind.kv]: "kv",
  [askKind.secret]: "secret",
};

export function createAskDesk(options: AskDeskOptions): AskDesk {
  const { asyncTimeoutMs, broker } = options;
  const open = new Map<string, Open>();
  const byPolicy = new Map<string, number>();
  let isFlushScheduled = false;

  function begin(instance: Instance, id: number, deadline: number): Open {
    const { name } = instance.deployment.policy;
    const abort = new AbortController();
    // The deadline is the guest's word: later than a hook may wait is never right.
    const left = Math.min(Math.max(0, deadline - Date.now()), asyncTimeoutMs);
    const one: Open = {
      id,
      instance: instance.id,
      policy: name,
      abort,
      timer: setTimeout(() => fail(one, timedOut(asyncTimeoutMs)), left),
    };
    open.set(`${instance.id}:${id}`, one);
    byPolicy.set(name, (byPolicy.get(name) ?? 0) + 1);
    return one;
  }

  /** @returns whether somebody still waits for it */
  function end(one: Open): boolean {
    if (!open.delete(`${one.instance}:${one.id}`)) return false;
    clearTimeout(one.timer);
    one.abort.abort();
    const left = (byPolicy.get(one.policy) ?? 1) - 1;
    if (left > 0) byPolicy.set(one.policy, left);
    else byPolicy.delete(one.policy);
    return true;
  }

  function fail(one: Open, error: unknown): void {
    if (end(one)) send(one.instance, one.id, false, { text: JSON.stringify(describe(error, one.policy)) });
  }

  function describe(error: unknown, policy: string): WireAskError {
    if (error instanceof CapabilityError) return { name: error.kind, message: error.message };
    const text = `a capability failed in a way that it should not: ${String(error)}`;
    options.emit({ type: "log", line: { level: "error", policy, route: "", session: "", text } });
    return { name: "Error", message: "the gateway failed to do it; its log says more" };
  }

  function send(instance: number, id: number, isGood: boolean, answer: CapabilityAnswer): void {
    const host = options.host();
    if (!host || (options.instance(instance)?.state ?? "gone") === "gone") return;
    writeAnswer(host.out, instance, id, isGood, answer);
    if (isFlushScheduled) return;
    isFlushScheduled = true;
    setImmediate(() => {
      isFlushScheduled = false;
      options.host()?.flush();
    });
  }

  return {
    onAsk(bytes, start, end_) {
      const { instance: instanceId, id, kind, deadline, text, binary } = readAsk(bytes, start, end_);
      const instance = options.instance(instanceId);
      if (!instance) return;
      const earlier = open.get(`${instanceId}:${id}`);
      if (kind === askKind.cancel) {
        if (earlier) end(earlier);
        return;
      }
      const name = kinds[kind];
      if (earlier || name === undefined) throw new TypeError("the host asked for what there is not");
      const { name: policy } = instance.deployment.policy;
      if ((byPolicy.get(policy) ?? 0) >= MAX_POLICY_ASKS || open.size >= MAX_HOST_ASKS) {
        const error = new CapabilityError("Error", "too many calls of capabilities are on the way");
        send(instanceId, id, false, { text: JSON.stringify(describe(error, policy)) });
        return;
      }
      const one = begin(instance, id, deadline);
      broker.carryOut({ policy, kind: name, text, binary, signal: one.abort.signal }).then(
        (answer) => {
          if (end(one)) send(instanceId, id, true, answer);
        },
        (error) => fail(one, error),
      );
    },

    forget(instance) {
      for (const one of [...open.values()]) if (instance === undefined || one.instance === instance) end(one);
    },
  };
}

function readAsk(bytes: Buffer, start: number, end: number) {
  const textStart = start + ASK_HEADER;
  const textEnd = textStart + bytes.readUInt32LE(start + 20);
  return {
    instance: bytes.readUInt32LE(start),
    id: bytes.readUInt32LE(start + 4),
    kind: bytes.readUInt32LE(start + 8),
    deadline: bytes.readDoubleLE(start + 12),
    text: bytes.toString("utf8", textStart, textEnd),
    binary: textEnd < end ? new Uint8Array(bytes.subarray(textEnd, end)) : undefined,
  };
}

function writeAnswer(
  out: FrameWriter,
  instance: number,
  id: number,
  isGood: boolean,
  { text, binary }: CapabilityAnswer,
): void {
  const start = out.end;
  const head = start + FRAME_HEADER;
  const textStart = head + ANSWER_HEADER;
  out.reserve(FRAME_HEADER + ANSWER_HEADER + text.length * 3 + (binary?.length ?? 0));
  const { bytes } = out;
  const textBytes = bytes.write(text, textStart);
  bytes.writeUInt32LE(instance, head);
  bytes.writeUInt32LE(id, head + 4);
  bytes.writeUInt32LE(isGood ? 1 : 0, head + 8);
  bytes.writeUInt32LE(textBytes, head + 12);
  out.end = textStart + textBytes;
  if (binary) {
    bytes.set(binary, out.end);
    out.end += binary.length;
  }
  out.seal(start, frameKind.answers);
}

function timedOut(asyncTimeoutMs: number): CapabilityError {
  return new CapabilityError(
    "TimeoutError",
    `no answer within the time of the hook (\`sandbox.asyncTimeout\`: ${asyncTimeoutMs} ms)`,
  );
}
