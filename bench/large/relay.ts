/**
 * relay.ts TRIP FRAME_BYTES UPSTREAM_PORT: a relay of connections on which the client has one message of a known size on its
 * way, and nothing else happens. All is read into one buffer, and each connection has memory of its own that is used again,
 * so that messages make no garbage.
 */
import { spawn } from "node:child_process";
import { openSync, unlinkSync, writeSync } from "node:fs";
import { connect, createServer, type Socket } from "node:net";
import { fileURLToPath } from "node:url";
import { encodeFrame } from "../../core/wire/frame-encoder.ts";
import { applyMask } from "../../core/wire/mask.ts";
import { JsonChanges } from "../../sandbox/message/json-changes.ts";
import { editJson } from "../../sandbox/message/json-edit.ts";
import { SharedReads } from "../../sandbox/shared-reads.ts";
import { endTogether, openForked } from "../lib/forked-relay.ts";
import { addUser, FILE_SLOTS, TOLD_BYTES, type Trip, UNCHANGED_BYTES } from "./trips.ts";

const SOCKET_FD = 3;
const TEXT = 1;
/** As a client has it for messages of more than 125 bytes: kept in front of the payload, with the mask's key last. */
const KEY_BYTES = 4;
const MEMBER_BYTES = 64;

const [trip, frameBytes, upstream] = [
  process.argv[2] as Trip,
  Number(process.argv[3]),
  Number(process.argv[4]),
];
const headerBytes = frameBytes < 65_536 + 8 ? 8 : 14;
const payloadBytes = frameBytes - headerBytes;
const reads = new SharedReads();
const KEY = 0x5ac3178e;
const setUser = Buffer.from('{"+user":"alice"}');
const told = Buffer.alloc(TOLD_BYTES);
/** What an edit makes is copied into its frame at once. */
const edited = Buffer.allocUnsafeSlow(frameBytes + MEMBER_BYTES);
const fileFd = trip === "filed" ? openFile() : -1;
let slot = 0;
const asked = trip === "spliced" || trip === "unmasked" || trip === "json" ? undefined : ask();

const server = createServer({ noDelay: true }, (client) => {
  const target = connect({ port: upstream, host: "127.0.0.1", noDelay: true });
  let isUpgraded = false;
  const frame = Buffer.allocUnsafeSlow(frameBytes);
  let filled = 0;
  /** What becomes of it, where that is another. */
  const out = Buffer.allocUnsafeSlow(frameBytes + MEMBER_BYTES);
  const back = Buffer.allocUnsafeSlow(frameBytes + MEMBER_BYTES);
  let backAt = 0;
  follow(client, (chunk) => {
    if (!isUpgraded) {
      target.write(Buffer.from(chunk));
      return;
    }
    frame.set(chunk, filled);
    if (trip === "spliced") target.write(frame.subarray(filled, filled + chunk.length));
    filled += chunk.length;
    if (filled < frameBytes) return;
    filled = 0;
    if (trip !== "spliced") take(frame, target, out);
  });
  follow(target, (chunk) => {
    if (!isUpgraded) {
      isUpgraded = true;
      client.write(Buffer.from(chunk));
      return;
    }
    // One message is on its way: what came of the one before has left long ago.
    if (backAt + chunk.length > back.length) backAt = 0;
    back.set(chunk, backAt);
    client.write(back.subarray(backAt, backAt + chunk.length));
    backAt += chunk.length;
  });
  endTogether(client, target);
});
openForked(server, asked?.pid);

function follow(socket: Socket, onBytes: (bytes: Buffer) => void): void {
  socket.on("data", onBytes);
  reads.follow(socket, onBytes);
  socket.resume();
}

/** Of a message that is whole. */
function take(frame: Buffer, target: Socket, out: Buffer): void {
  const maskKey = frame.readUInt32BE(headerBytes - KEY_BYTES);
  applyMask(frame, headerBytes, frameBytes, maskKey);
  const payload = frame.subarray(headerBytes);
  const passOn = () => {
    applyMask(frame, headerBytes, frameBytes, maskKey);
    target.write(frame);
  };
  const send = (text: Uint8Array) =>
    target.write(
      encodeFrame(
        TEXT,
        text,
        () => KEY,
        (size) => out.subarray(0, size),
      ),
    );
  switch (trip) {
    case "json":
      return void send(Buffer.from(addUser(payload.toString())));
    case "told":
      return asked?.ask(told, () => {
        const changes = JsonChanges.read(setUser);
        const text = changes && editJson(payload, changes, (size) => edited.subarray(0, size));
        if (text) send(text);
      });
    case "parsed":
      return asked?.ask(payload, send);
    case "filed":
      writeSync(fileFd, payload, 0, payloadBytes, payloadBytes * slot);
      slot = (slot + 1) % FILE_SLOTS;
      return asked?.ask(told, passOn);
    case "asked":
    case "looked":
      return asked?.ask(payload, passOn);
    default:
      return passOn();
  }
}

function openFile(): number {
  const path = `/dev/shm/framegate-bench-${process.pid}`;
  const fd = openSync(path, "wx+");
  unlinkSync(path);
  return fd;
}

function ask() {
  const answerBytes = trip === "parsed" ? payloadBytes + ',"user":"alice"'.length : UNCHANGED_BYTES;
  const bytes = trip === "told" || trip === "filed" ? TOLD_BYTES : payloadBytes;
  const file = fileURLToPath(new URL("asked.ts", import.meta.url));
  const args = [file, trip, String(bytes), String(payloadBytes)];
  const child = spawn(process.execPath, ["--no-warnings", "--no-node-snapshot", ...args], {
    stdio: ["ignore", "inherit", "inherit", "pipe", fileFd === -1 ? "ignore" : fileFd],
  });
  const socket = child.stdio[SOCKET_FD] as Socket;
  const waiting: ((answer: Buffer) => void)[] = [];
  const answer = Buffer.allocUnsafeSlow(answerBytes);
  let filled = 0;
  follow(socket, (chunk) => {
    for (let at = 0; at < chunk.length; ) {
      const taken = chunk.copy(answer, filled, at, Math.min(chunk.length, at + answerBytes - filled));
      filled += taken;
      at += taken;
      if (filled < answerBytes) break;
      filled = 0;
      waiting.shift()?.(answer);
    }
  });
  return {
    pid: child.pid,
    ask(question: Uint8Array, onAnswer: (answer: Buffer) => void): void {
      waiting.push(onAnswer);
      socket.write(question);
    },
  };
}
