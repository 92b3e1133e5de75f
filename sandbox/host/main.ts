/**
 * The sandbox host: a child process that holds the isolates and nothing else. It has no environment, no files but its
 * own code, two sockets to its client and the journal (`host-descriptors.ts`). It ends when the sockets do.
 */
import { setFlagsFromString } from "node:v8";
import { giveBackHeap } from "../heap-room.ts";
import { JOURNAL_FD } from "../host-descriptors.ts";
import { openClientSockets } from "./client-sockets.ts";
import { createFileJournal } from "./journal.ts";
import { lockDown } from "./lockdown.ts";
import { createService } from "./service.ts";

// What this process was started with is for its own heap, which is there: isolates have a young generation by their limit.
setFlagsFromString("--max-semi-space-size=0");

const client = openClientSockets({
  take: (frames) => service.take(frames),
  waitsForFrames: () => service.waitsForFrames(),
  onEnd: end,
});
const service = createService({
  journal: createFileJournal(JOURNAL_FD),
  flush: (out) => out.flush(client),
  // What is thrown ends this process, which is all of the service.
  guard: (turn) => turn(),
  onLoaded: lockDown,
  // Whoever stands by may do so for days.
  onCalm: giveBackHeap,
});

// A service manager signals all processes, but the calls in flight need their host: it ends with its sockets, not before.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

/** Not by `exit`: it would wait for an isolate that a debugger has paused. */
function end(): void {
  process.kill(process.pid, "SIGKILL");
}
