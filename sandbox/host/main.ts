/**
 * The sandbox host: a child process that holds the isolates and nothing else. It has no environment, no files but its
 * own code, one socket to its client (fd 3) and the journal (fd 4). It ends when the socket does.
 */
import { Socket } from "node:net";
import { setFlagsFromString } from "node:v8";
import { giveBackHeap } from "../heap-room.ts";
import { createFileJournal } from "./journal.ts";
import { lockDown } from "./lockdown.ts";
import { createService } from "./service.ts";

const SOCKET_FD = 3;
const JOURNAL_FD = 4;
/** Of the buffer that all reads go into: more than a socket of this kind holds. */
const READ_BYTES = 256 * 1024;

// What this process was started with is for its own heap, which is there: isolates have a young generation by their limit.
setFlagsFromString("--max-semi-space-size=0");

const socket = new Socket({
  fd: SOCKET_FD,
  onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
});
const service = createService({
  journal: createFileJournal(JOURNAL_FD),
  flush: (out) => out.flush(socket),
  // What is thrown ends this process, which is all of the service.
  guard: (turn) => turn(),
  onLoaded: lockDown,
  // Whoever stands by may do so for days.
  onCalm: giveBackHeap,
});

socket.on("close", end);
// A service manager signals all processes, but the calls in flight need their host: it ends with its socket, not before.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
socket.on("error", end);

function onRead(length: number, buffer: Uint8Array): boolean {
  service.take(Buffer.from(buffer.buffer, buffer.byteOffset, length));
  return true;
}

/** Not by `exit`: it would wait for an isolate that a debugger has paused. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}
