import assert from "node:assert/strict";
import fc from "fast-check";
import type { LensHooks } from "framegate/lenses";
import { generate, type Packet } from "mqtt-packet";
import { mqtt } from "../../../../policies/lenses/mqtt/mqtt.ts";
import { splitFrames } from "../../../../policies/lenses/stomp/split.ts";
import { stomp } from "../../../../policies/lenses/stomp/stomp.ts";
import { cut } from "../../../wire/frames.ts";
import { nearly } from "../../harness/arbitraries.ts";
import { defineTarget } from "../../harness/target.ts";

interface Input {
  readonly bytes: Uint8Array;
  readonly places: readonly number[];
}

interface Outcome {
  /** What has passed. */
  readonly bytes: Buffer;
  readonly isClosed: boolean;
}

const log = { debug() {}, info() {}, warn() {}, error() {} };

/** What passes a lens without handlers of what a client sends in these messages. */
function pass(hooks: LensHooks, subprotocol: string, messages: readonly Uint8Array[]): Outcome {
  const session = {};
  const passed: Uint8Array[] = [];
  for (const [index, body] of messages.entries()) {
    const frame = { origin: "client", opcode: "binary", sequence: index + 1 };
    const context = { content: { body }, frame, session, log, websock: { context: { subprotocol } } };
    const verdict = hooks.client?.(context as never);
    assert.ok(!(verdict instanceof Promise), "nothing to wait for");
    if (verdict?.close) return { bytes: Buffer.concat(passed), isClosed: true };
    if (!verdict) passed.push(body);
    else if (verdict.content?.body !== undefined) passed.push(verdict.content.body as Uint8Array);
    for (const more of verdict?.append ?? []) passed.push(more as Uint8Array);
    assert.doesNotThrow(() => JSON.stringify(session));
  }
  return { bytes: Buffer.concat(passed), isClosed: false };
}

const places = fc.array(fc.nat(400), { maxLength: 6 });

const packets = fc.oneof(
  fc.record({
    cmd: fc.constant("publish"),
    topic: fc.constantFrom("a", "a/b", "é"),
    payload: fc.string({ maxLength: 200 }),
    qos: fc.constantFrom(0, 1, 2),
    messageId: fc.integer({ min: 1, max: 65_535 }),
  }),
  fc.record({
    cmd: fc.constant("subscribe"),
    messageId: fc.integer({ min: 1, max: 65_535 }),
    subscriptions: fc.array(fc.record({ topic: fc.constantFrom("#", "a/+"), qos: fc.constantFrom(0, 1) }), {
      minLength: 1,
      maxLength: 3,
    }),
  }),
  fc.constantFrom({ cmd: "pingreq" }, { cmd: "disconnect" }, { cmd: "puback", messageId: 3 }),
);
const connect = { cmd: "connect", clientId: "c", username: "u", keepalive: 5 };
const written = (all: readonly object[]) => Buffer.concat(all.map((packet) => generate(packet as Packet)));

/** However a stream of MQTT is cut into messages, it passes as it came up to what is no MQTT. */
export const mqttStream = defineTarget<Input>({
  name: "mqtt-stream",
  inputs: fc.record({
    bytes: nearly(
      fc.array(packets, { maxLength: 6 }).map((all) => written([connect, ...all])),
      2,
    ),
    places,
  }),
  seeds: ["", "10", "c000", "10ffffffff01", "3000"].map((hex) => ({
    bytes: Buffer.concat([written([connect]), Buffer.from(hex, "hex")]),
    places: [1, 20],
  })),
  check({ bytes, places: at }) {
    const whole = pass(mqtt({}), "mqtt", [bytes]);
    const inPieces = pass(mqtt({}), "mqtt", cut(Buffer.from(bytes), at));
    assert.equal(inPieces.isClosed, whole.isClosed);
    assert.deepEqual(inPieces.bytes, Buffer.from(bytes.subarray(0, inPieces.bytes.length)));
    if (whole.isClosed) return "foreign";
    assert.deepEqual(whole.bytes, inPieces.bytes);
    return whole.bytes.length === bytes.length ? "passes" : "passes, and a part is held";
  },
});

const frameParts = fc.constantFrom(
  ...[
    "SEND\ndestination:/a\n\nhi\0",
    "SUBSCRIBE\r\na\\cb:c\r\n\r\n\0",
    "SEND\ncontent-length:3\n\na\0b\0",
    "\n",
  ],
  ...["SEND\n", "destination:/a\n", "content-length:3\n", "\n", "\r\n", "\0", "abc\0", "é"],
);
const frameTexts = fc.array(frameParts, { maxLength: 12 }).map((parts) => parts.join(""));

/** However a stream of STOMP is cut into messages, the same frames pass as they came, up to what is no STOMP. */
export const stompStream = defineTarget<Input>({
  name: "stomp-stream",
  inputs: fc.record({
    bytes: nearly(
      frameTexts.map((text) => Buffer.from(text)),
      1,
    ),
    places,
  }),
  seeds: ["", "\n", "SEND\n\n\0", "SEND\ncontent-length:1\n\n\0\0"].map((text) => ({
    bytes: Buffer.from(text),
    places: [1, 4],
  })),
  check({ bytes, places: at }) {
    const whole = pass(stomp({}), "v12.stomp", [bytes]);
    const inPieces = pass(stomp({}), "v12.stomp", cut(Buffer.from(bytes), at));
    assert.equal(inPieces.isClosed, whole.isClosed);
    if (whole.isClosed) return "foreign";
    const framesOf = (passed: Uint8Array) =>
      splitFrames(passed).frames.map((frame) => Buffer.from(frame.bytes));
    const frames = framesOf(bytes);
    assert.deepEqual(framesOf(whole.bytes), frames);
    assert.deepEqual(framesOf(inPieces.bytes), frames);
    return frames.length === 0 ? "no frame" : "frames pass";
  },
});
