import { Duplex } from "node:stream";
import test from "ava";
import { Outbox, Turn } from "../../../core/session/outbox.ts";
import { OwnFrames, type OwnFramesStream } from "../../../core/session/relay/own-frames.ts";
import type { Opening } from "../../../core/session/relay/pump-mode.ts";
import { PumpOutlet } from "../../../core/session/relay/pump-outlet.ts";
import { createFrameSlab } from "../../../core/wire/frame-slab.ts";
import { scanAll } from "../../wire/frames.ts";
import { textPayload } from "./pump-rig.ts";

function createFixture() {
  const written: Buffer[] = [];
  const socket = new Duplex({
    read() {},
    write(chunk, _encoding, done) {
      written.push(chunk);
      done();
    },
  });
  const outbox = new Outbox(socket, new Turn(), { onFull() {} });
  const outlet = new PumpOutlet(
    {
      origin: "server",
      outbox,
      maskKeys: undefined,
      allocate: createFrameSlab(),
      allocateFrame: createFrameSlab(),
      deflate: { to: undefined, minBytes: 0 },
      onError: "close",
      sink: undefined,
      sampler: undefined,
      owner: {
        onAside() {},
        onCloseAhead() {},
        onReply() {},
        onCloseSent() {},
        onFinSent() {},
        onPressure() {},
      },
    },
    { onCutOff() {} },
  );
  const stream = {
    opening: "any" as Opening,
    isOver: false as boolean,
    onOwnClose() {
      stream.isOver = true;
    },
  } satisfies OwnFramesStream;
  return {
    stream,
    frames: new OwnFrames(stream, outlet),
    sent(): string[] {
      outbox.flush();
      const { frames } = scanAll([Buffer.concat(written)], { masked: false });
      return frames.map(({ opcode, payload }) => (opcode === 8 ? "close" : payload.toString()));
    },
  };
}

const bye = { code: 1001, reason: "" };

test("messages wait in order for an opening", (t) => {
  const { stream, frames, sent } = createFixture();
  for (const opening of ["none", "control"] as const) {
    stream.opening = opening;
    frames.addMessage(textPayload(opening));
    frames.release();
    t.deepEqual(sent(), []);
    t.true(frames.isWaiting);
  }
  stream.opening = "any";
  frames.addMessage(textPayload("any"));
  t.deepEqual(sent(), ["none", "control", "any"]);
  t.false(frames.isWaiting);
});

test("between fragments a Close goes past messages, and nothing follows it", (t) => {
  const { stream, frames, sent } = createFixture();
  stream.opening = "none";
  frames.addMessage(textPayload("late"));
  frames.addClose(bye);
  t.deepEqual(sent(), []);
  stream.opening = "control";
  frames.release();
  t.deepEqual(sent(), ["close"]);
  stream.opening = "any";
  frames.addMessage(textPayload("later"));
  frames.addClose(bye);
  frames.release();
  t.deepEqual(sent(), ["close"]);
  t.false(frames.isWaiting);
});

test("after messages that may go a Close takes its turn", (t) => {
  const { stream, frames, sent } = createFixture();
  stream.opening = "none";
  frames.addMessage(textPayload("first"));
  frames.addClose(bye);
  stream.opening = "any";
  frames.release();
  t.deepEqual(sent(), ["first", "close"]);
});

test("a ping goes past what waits, but into no frame, and not after the end", (t) => {
  const { stream, frames, sent } = createFixture();
  stream.opening = "none";
  frames.addMessage(textPayload("message"));
  t.false(frames.ping(Buffer.from("ping")));
  stream.opening = "control";
  t.true(frames.ping(Buffer.from("ping")));
  t.deepEqual(sent(), ["ping"]);
  stream.isOver = true;
  t.false(frames.ping(Buffer.from("ping")));
});

test("what is forgotten does not go in", (t) => {
  const { stream, frames, sent } = createFixture();
  stream.opening = "none";
  frames.addMessage(textPayload("message"));
  frames.forget();
  stream.opening = "any";
  frames.release();
  t.deepEqual(sent(), []);
});
