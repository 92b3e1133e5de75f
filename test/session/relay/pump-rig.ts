import { Duplex } from "node:stream";
import { MessageMeter } from "../../../core/session/meters/message-meter.ts";
import { Outbox, Turn } from "../../../core/session/outbox.ts";
import { Pump } from "../../../core/session/relay/pump.ts";
import type { PumpDeflate } from "../../../core/session/relay/pump-deflate.ts";
import type { PumpOptions } from "../../../core/session/relay/pump-options.ts";
import type { DeflateDirection } from "../../../core/wire/deflate.ts";
import { createFrameSlab } from "../../../core/wire/frame-slab.ts";
import type { Payload } from "../../../sandbox/contract/hooks.ts";
import type { Outcome } from "../../../sandbox/contract/verdicts.ts";
import type { HookCall, MessageMatcher, Seat } from "../../../sandbox/contract.ts";
import { createMessageMatcher } from "../../../sandbox/message/message-matcher.ts";
import type { MessageFilter } from "../../../sandbox/policy-api.ts";
import { type FrameSpec, frame, scanAll } from "../../wire/frames.ts";

/** A pump with an owner that does what a session does, and writes down what it was told. */
export function createRig(options: Partial<PumpOptions> = {}) {
  const origin = options.origin ?? "server";
  const written: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  const told: string[] = [];
  const rig = {
    chain: [] as Seat[],
    told,
    replies: [] as string[],
    pump: undefined as unknown as Pump,
    /** Receive frames, whole bytes, or both. */
    receive(...specs: readonly (FrameSpec | Buffer)[]) {
      rig.pump.receive(Buffer.concat(specs.map((spec) => (Buffer.isBuffer(spec) ? spec : frame(spec)))));
    },
    bytes(): Buffer {
      outbox.flush();
      return Buffer.concat(written);
    },
    /** What the receiver has got so far, a line a frame. Throws when it is not a stream of frames. */
    sent(): string[] {
      const { frames, fault, left } = scanAll([rig.bytes()], {
        masked: origin === "client",
        allowRsv1: true,
      });
      if (fault !== undefined || left > 0)
        throw new Error(`the receiver sees ${fault?.reason ?? "half a header"}`);
      return frames.map(
        ({ opcode, fin, payload }) => `${names[opcode]}${fin ? "" : "-"}:${show(opcode, payload)}`,
      );
    },
  };
  rig.pump = new Pump({
    origin,
    outbox,
    allocate: createFrameSlab(),
    allocateFrame: createFrameSlab(),
    maskKeys: origin === "client" ? () => 0x01020304 : undefined,
    limits: { maxMessageBytes: 1_000_000, maxFrameBytes: 0 },
    deflate: sameOnBoth(undefined),
    onError: "close",
    clock: { now: 0 },
    meter: new MessageMeter(),
    rate: undefined,
    ownPong: undefined,
    sink: undefined,
    sampler: undefined,
    chains: { chain: () => rig.chain },
    owner: {
      onAside: () => told.push("aside"),
      onCloseAhead() {},
      onReply: (_, payloads) =>
        rig.replies.push(...payloads.map(({ bytes }) => Buffer.from(bytes).toString())),
      onCloseReceived: () => told.push("close received"),
      onCloseSent: (_, { code, reason }, cause) => told.push(`close sent ${code} ${reason} (${cause})`),
      onCloseDecided(_, close) {
        if (close.cause === "rate") return told.push("rate exceeded");
        const isUnreadable = close.cause === "policies-changed";
        told.push(isUnreadable ? "unreadable" : `flow close ${close.code} (${close.cause})`);
        return rig.pump.close(close);
      },
      onFinSent: () => told.push("fin"),
      onPressure: () => told.push(rig.pump.isFull ? "full" : "relieved"),
    },
    ...options,
  });
  // As a session's reads: what has been received is written over.
  const receive = rig.pump.receive.bind(rig.pump);
  rig.pump.receive = (bytes) => {
    const borrowed = Buffer.from(bytes);
    receive(borrowed, true);
    borrowed.fill(0xdb);
  };
  return rig;
}

const names: Readonly<Record<number, string>> = {
  0: "more",
  1: "text",
  2: "binary",
  8: "close",
  9: "ping",
  10: "pong",
};

function show(opcode: number, payload: Buffer): string {
  if (opcode !== 8 || payload.length < 2) return payload.toString();
  return `${payload.readUInt16BE(0)}${payload.toString("utf8", 2)}`;
}

/** A place in a policy that answers when the test says so, in order, as the sandbox does. */
export class HeldSeat implements Seat {
  readonly policy = "held";
  readonly version = "1";
  readonly calls: HookCall[] = [];

  matcher(): undefined {}

  skip(): void {}

  renew(): void {}

  offer(): void {}

  end(): void {}

  submit(call: HookCall): void {
    this.calls.push(call);
  }

  close(): void {}

  get bodies(): string[] {
    return this.calls.map(({ payload }) => Buffer.from(payload.bytes).toString());
  }

  settle(...outcomes: readonly Outcome[]): void {
    for (const outcome of outcomes) {
      const call = this.calls.shift();
      if (call === undefined) throw new Error("nothing to settle");
      call.settle(outcome);
    }
  }
}

/** A place in a policy that answers at once. */
export function seatOf(answer: (body: string) => Outcome): Seat {
  return {
    policy: "answers",
    version: "1",
    submit: (call) => call.settle(answer(Buffer.from(call.payload.bytes).toString())),
    matcher: () => undefined,
    skip() {},
    renew() {},

    offer() {},
    end() {},
    close() {},
  };
}

/** A place in a policy with a `when` that answers at once: as the sandbox's worker side does, it decides in its turn. */
export class FilteredSeat implements Seat {
  readonly policy = "filtered";
  readonly version = "1";
  /** What it has been called with. */
  readonly seen: string[] = [];
  skipped = 0;
  readonly #matcher: MessageMatcher;
  readonly #answer: (body: string) => Outcome;

  constructor(filter: MessageFilter, answer: (body: string) => Outcome = () => unchanged) {
    this.#matcher = createMessageMatcher(filter);
    this.#answer = answer;
  }

  matcher(): MessageMatcher {
    return this.#matcher;
  }

  renew(): void {}

  skip(): void {
    this.skipped++;
  }

  offer(): void {}

  end(): void {}

  submit(call: HookCall): void {
    if (!this.#matcher.matches(call.payload)) {
      this.skipped++;
      call.settle({ kind: "skipped" });
      return;
    }
    const body = Buffer.from(call.payload.bytes).toString();
    this.seen.push(body);
    call.settle(this.#answer(body));
  }

  close(): void {}
}

export const unchanged: Outcome = { kind: "unchanged" };

export const fault: Outcome = {
  kind: "fault",
  fault: { reason: "throw", policy: "p", version: "1", hook: "server", message: "no", stack: "" },
};

export function textPayload(text: string): Payload {
  return { binary: false, bytes: Buffer.from(text) };
}

export function verdict(parts: {
  readonly body?: string;
  readonly drop?: boolean;
  readonly reply?: readonly string[];
  readonly append?: readonly string[];
  readonly close?: number;
}): Outcome {
  return {
    kind: "message",
    drop: parts.drop ?? false,
    reply: (parts.reply ?? []).map(textPayload),
    append: (parts.append ?? []).map(textPayload),
    ...(parts.body !== undefined && { body: textPayload(parts.body) }),
    ...(parts.close !== undefined && { close: { code: parts.close, reason: "" } }),
  };
}

/** Both legs as they agree by default. */
export function sameOnBoth(direction: DeflateDirection | undefined): PumpDeflate {
  return { from: direction, to: direction, minBytes: 1024, maxRatio: 0 };
}
