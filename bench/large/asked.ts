/**
 * asked.ts TRIP BYTES FILED: the process that is asked. It reads messages of so many bytes each from a socket, end to end, and
 * answers in order; or is told there of FILED bytes each that it reads in a file. An isolate is entered as hosts enter theirs, with a time limit.
 */
import { readSync } from "node:fs";
import { Socket } from "node:net";
import { findAddon } from "../../sandbox/client/transport/addon.ts";
import { loadAddon } from "../../sandbox/host/isolated-vm.ts";
import { addUser, FILE_SLOTS, type Trip, UNCHANGED_BYTES } from "./trips.ts";

const SOCKET_FD = 3;
const FILE_FD = 4;
const READ_BYTES = 256 * 1024;
const MEMORY_MB = 128;
const TIMEOUT_MS = 1000;

const [trip, size] = [process.argv[2] as Trip, Number(process.argv[3])];
const unchanged = Buffer.alloc(UNCHANGED_BYTES);
const message = Buffer.allocUnsafeSlow(size);
let filled = 0;
const answer = answererFor(trip);
const socket = new Socket({
  fd: SOCKET_FD,
  onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
});
socket.on("error", () => {});
socket.on("close", () => process.exit());

function onRead(length: number, read: Uint8Array): boolean {
  for (let at = 0; at < length; ) {
    const taken = Math.min(size - filled, length - at);
    message.set(read.subarray(at, at + taken), filled);
    filled += taken;
    at += taken;
    if (filled < size) break;
    filled = 0;
    socket.write(answer());
  }
  return true;
}

function answererFor(name: Trip): () => Uint8Array {
  if (name === "looked") {
    const look = enter("(text) => text.length > 1e6");
    return () => {
      look(message.toString());
      return unchanged;
    };
  }
  if (name === "parsed") {
    const rewrite = enter(`(${addUser})`);
    return () => Buffer.from(rewrite(message.toString()) as string);
  }
  if (name === "filed") {
    const payload = Buffer.allocUnsafeSlow(Number(process.argv[4]));
    let slot = 0;
    return () => {
      readSync(FILE_FD, payload, 0, payload.length, payload.length * slot);
      slot = (slot + 1) % FILE_SLOTS;
      return unchanged;
    };
  }
  return () => unchanged;
}

function enter(source: string): (text: string) => unknown {
  const { Isolate } = loadAddon(findAddon());
  const isolate = new Isolate({ memoryLimit: MEMORY_MB });
  const context = isolate.createContextSync();
  const run = isolate.compileScriptSync(source).runSync(context, { reference: true });
  const options = { timeout: TIMEOUT_MS, arguments: { copy: true }, result: { copy: true } } as const;
  return (text) => run.applySync(undefined, [text], options);
}
