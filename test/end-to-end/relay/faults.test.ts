import test from "ava";
import { OPCODE } from "../../../core/wire/frame.ts";
import { clientFrame as fromClient, serverFrame as fromServer } from "../../support/peers/raw-client.ts";
import { modes, shareRelay } from "../../support/peers/relay.ts";

const maxMessageBytes = 10_000;
const relay = shareRelay(test, { route: { maxMessageSize: maxMessageBytes } });

type MakeFrame = typeof fromClient;

interface Fault {
  readonly bytes: (frame: MakeFrame, masked: boolean) => Uint8Array;
  readonly code: number;
}

const faults: Readonly<Record<string, Fault>> = {
  "a frame masked the wrong way": {
    bytes: (frame) => (frame === fromClient ? fromServer : fromClient)(OPCODE.text, "bad"),
    code: 1002,
  },
  "RSV1 without an extension": { bytes: (frame) => frame(OPCODE.text, "bad", { rsv1: true }), code: 1002 },
  RSV2: { bytes: (frame) => patched(frame(OPCODE.text, "bad"), 0x20), code: 1002 },
  "RSV3 on a ping": { bytes: (frame) => patched(frame(OPCODE.ping, "bad"), 0x10), code: 1002 },
  "opcode 3": { bytes: (frame) => frame(3, "bad"), code: 1002 },
  "opcode 11": { bytes: (frame) => frame(11, "bad"), code: 1002 },
  "a continuation of nothing": { bytes: (frame) => frame(OPCODE.continuation, "bad"), code: 1002 },
  "a fragmented ping": { bytes: (frame) => frame(OPCODE.ping, "bad", { fin: false }), code: 1002 },
  "a ping of 126 bytes": { bytes: (frame) => frame(OPCODE.ping, "x".repeat(126)), code: 1002 },
  "a Close of 126 bytes": { bytes: (frame) => frame(OPCODE.close, "x".repeat(126)), code: 1002 },
  "a length with its top bit set": {
    bytes: (_, masked) => Buffer.of(0x82, masked ? 0xff : 0x7f, 0x80, 0, 0, 0, 0, 0, 0, 0),
    code: 1002,
  },
  "a message over the limit, by its header alone": {
    bytes: (frame) => frame(OPCODE.binary, Buffer.alloc(maxMessageBytes + 1)).subarray(0, 4),
    code: 1009,
  },
  "a message of 2^40 bytes, by its header alone": {
    bytes: (_, masked) => Buffer.of(0x82, masked ? 0xff : 0x7f, 0, 0, 1, 0, 0, 0, 0, 0),
    code: 1009,
  },
};

for (const mode of modes) {
  for (const [name, { bytes, code }] of Object.entries(faults)) {
    for (const from of ["client", "server"] as const) {
      test(`${mode}: ${name}, of the ${from}: ${code} on both legs, and all good messages arrive`, async (t) => {
        const { path, ...pair } = await relay.openRaw(t, mode);
        const to = from === "client" ? "server" : "client";
        const [offender, other] = [pair[from], pair[to]];
        const [own, others] = from === "client" ? [fromClient, fromServer] : [fromServer, fromClient];

        offender.write(
          Buffer.concat([
            own(OPCODE.text, "good 1"),
            own(OPCODE.ping, "good 2"),
            bytes(own, from === "client"),
          ]),
        );
        offender.write(own(OPCODE.text, "too late"));
        t.is(String((await other.next()).payload), "good 1");
        t.is(String((await other.next()).payload), "good 2");
        const told = await other.next();
        t.is(told.opcode, OPCODE.close);
        t.is(told.payload.readUInt16BE(0), code);

        // What the other end still has to say, its Close included, comes back to the offender.
        other.write(Buffer.concat([others(OPCODE.text, "answer"), others(OPCODE.close, told.payload)]));
        t.is(String((await offender.next()).payload), "answer");
        const echoed = await offender.next();
        t.is(echoed.opcode, OPCODE.close);
        t.is(echoed.payload.readUInt16BE(0), code);

        offender.socket.end();
        other.socket.end();
        t.deepEqual(await offender.rest(), { frames: [], ended: "fin" });
        t.deepEqual(await other.rest(), { frames: [], ended: "fin" });
        t.like(await relay.ended(path), { initiator: from, code, cause: "protocol" });
      });
    }
  }

  test(`${mode}: fragments are limited by their sum`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    client.write(fromClient(OPCODE.binary, Buffer.alloc(maxMessageBytes - 1), { fin: false }));
    client.write(fromClient(OPCODE.continuation, "1", { fin: false }));
    client.write(fromClient(OPCODE.ping, "control frames do not count"));
    client.write(fromClient(OPCODE.continuation, "2"));
    for (;;) {
      const frame = await server.next();
      if (frame.opcode !== OPCODE.close) continue;
      t.is(frame.payload.readUInt16BE(0), 1009);
      break;
    }
  });

  test(`${mode}: a message inside another is a fault`, async (t) => {
    const { client, server } = await relay.openRaw(t, mode);
    client.write(fromClient(OPCODE.text, "first", { fin: false }));
    client.write(fromClient(OPCODE.text, "second"));
    const first = await server.next();
    const last = first.opcode === OPCODE.close ? first : await server.next();
    t.is(last.payload.readUInt16BE(0), 1002);
  });
}

const broken = Buffer.of(0xce, 0xba, 0xe1, 0xbd, 0xb9, 0xff, 0x21);

for (const from of ["client", "server"] as const) {
  test(`policy: text that is not UTF-8, of the ${from}, is a 1007`, async (t) => {
    const pair = await relay.openRaw(t, "policy");
    const [own, others] = from === "client" ? [fromClient, fromServer] : [fromServer, fromClient];
    const [offender, other] = from === "client" ? [pair.client, pair.server] : [pair.server, pair.client];
    offender.write(
      Buffer.concat([own(OPCODE.text, "good"), own(OPCODE.text, broken), own(OPCODE.text, "late")]),
    );
    t.is(String((await other.next()).payload), "good");
    const told = await other.next();
    t.is(told.payload.readUInt16BE(0), 1007);
    other.write(others(OPCODE.close, told.payload));
    t.is((await offender.next()).payload.readUInt16BE(0), 1007);
  });
}

test("policy: a character cut by a fragment is whole again", async (t) => {
  const { client, server } = await relay.openRaw(t, "policy");
  const bytes = Buffer.from("🎈");
  client.write(fromClient(OPCODE.text, bytes.subarray(0, 2), { fin: false }));
  client.write(fromClient(OPCODE.continuation, bytes.subarray(2)));
  t.deepEqual((await server.next()).payload, bytes.subarray(0, 2));
  t.deepEqual((await server.next()).payload, bytes.subarray(2));
});

function patched(frame: Buffer, bits: number): Buffer {
  frame.writeUInt8(frame.readUInt8(0) | bits, 0);
  return frame;
}
