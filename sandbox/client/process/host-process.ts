import { type SpawnOptions, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { closeSync, openSync, readSync, unlinkSync } from "node:fs";
import type { Socket } from "node:net";
import { constants, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { CALLS_FD, RESULTS_FD } from "../../host-descriptors.ts";
import { SharedReads } from "../../shared-reads.ts";
import type { HostMessage, HostSettings } from "../../wire/control.ts";
import { createFrameReader, FRAME_KIND, FrameWriter } from "../../wire/frames.ts";
import { hostFrameLimit } from "../../wire/host-limits.ts";
import { decodeHostMessage } from "../../wire/host-messages.ts";
import { JOURNAL_HEADER_BYTES, type JournalNote, JournalPage } from "../../wire/journal.ts";
import { giveFilter, type Jail } from "../jail/jail.ts";
import { findAddon } from "../transport/addon.ts";
import type { Host, HostListener } from "../transport/host.ts";
import type { SeenEntry } from "./entry-watch.ts";
import { killGroup } from "./kill-group.ts";
import { findInnermost } from "./process-tree.ts";
import { withSlackTimers } from "./timer-slack.ts";

/** A host that is a process of its own. */
export interface HostProcess extends Host {
  /** Of what was started: with it all ends that is beneath it. */
  readonly pid: number;
  /** Of Node, once it has said that it is ready: the same, or beneath what walls it in. */
  readonly nodePid: number;
  /** What it is in at the moment, by its own word. */
  peek(): SeenEntry;
}

export type HostSpawner = () => HostProcess;

const STDERR_KEPT = 4096;
/** From the end of its socket until it is taken for ended as well, and is killed. */
const EXIT_MS = 100;
const HOST_HEAP_MB = 512;
/**
 * V8's young generation, half of it, of the host's own heap. Left to V8 it doubles each time that enough has stayed of what
 * was new, which with large messages is after minutes, or hours, and is not given back: to 96 MiB and more, for nothing.
 */
const HOST_NURSERY_MB = 8;
/** Nothing of this process's own but the time zone, which policies see: where a host can read little, not even the system's is there. */
const hostEnvironment = { TZ: new Intl.DateTimeFormat().resolvedOptions().timeZone };

/**
 * @param main What it runs, see `findBundles`.
 * @param holds Whether this process goes on for as long as the host does.
 */
export function spawnHost(
  main: string,
  settings: Omit<HostSettings, "addon">,
  jail: Jail,
  holds = true,
): HostProcess {
  try {
    return startHost(main, settings, jail, holds);
  } catch (error) {
    return stillbornHost(`it could not be started: ${(error as Error).message}`);
  }
}

/** A host that ends as soon as somebody listens: for want of a descriptor or of memory there is no process. */
function stillbornHost(detail: string): HostProcess {
  let listener: HostListener | undefined;
  return {
    pid: 0,
    nodePid: 0,
    out: new FrameWriter(),
    flush() {},
    send() {},
    attach(next) {
      listener = next;
      setImmediate(() => listener?.onExit(detail, "exited"));
    },
    readJournal: () => new JournalPage().read(),
    peek: () => NOTHING_RUNS,
    kill() {
      listener = undefined;
    },
    exited: Promise.resolve(),
  };
}

/** Throws when there can be no process. */
function startHost(
  main: string,
  settings: Omit<HostSettings, "addon">,
  jail: Jail,
  holds: boolean,
): HostProcess {
  const addon = findAddon();
  const journalFd = openNameless();
  const { file, args, identity, filter } = jail.launch({
    node: process.execPath,
    args: [...hostFlags(main, addon), ...(settings.inspect ? PROFILING_FLAGS : []), main],
    reads: [codeFolder(main), addon],
  });
  const options = {
    // The first of a group and of a session of its own: a terminal's Ctrl-C does not reach it, `killGroup` all of it.
    ...{ ...identity, env: hostEnvironment, cwd: "/", detached: true },
    stdio: ["ignore", "ignore", "pipe", "pipe", journalFd, filter ? "pipe" : "ignore", "pipe"],
    windowsHide: true,
  } satisfies SpawnOptions;
  const child = withSlackTimers(() => spawn(file, args, options));
  // Node tells of a lack of descriptors by an event, and has made no pipes then.
  child.on("error", () => {});
  if (child.pid === undefined || child.stdio?.at(RESULTS_FD) == null) {
    closeSync(journalFd);
    throw new Error(
      "no process, or no pipe to it, could be made; is the limit on open files (ulimit -n) reached?",
    );
  }
  const calls = child.stdio[CALLS_FD] as Socket;
  const results = child.stdio.at(RESULTS_FD) as Socket;
  if (!holds) {
    child.unref();
    for (const socket of [calls, results]) socket.unref();
    (child.stderr as Socket).unref();
  }
  giveFilter(child, filter);
  const { pid } = child;
  const out = new FrameWriter();
  let nodePid = pid;
  let listener: HostListener | undefined;
  const early: HostMessage[] = [];
  let stderr = "";
  let isOver = false;
  let exiting: NodeJS.Timeout | undefined;
  let note: JournalNote | undefined;
  const readJournal = () => {
    note ??= readNote(journalFd);
    return note;
  };

  const frameLimit = hostFrameLimit(settings.maxResultBytes, settings.inspect === true);
  const read = createFrameReader(
    (kind, bytes, start, end) => {
      if (kind === FRAME_KIND.results) listener?.onResults(bytes, start, end);
      else if (kind === FRAME_KIND.asks) listener?.onAsk(bytes, start, end);
      else {
        const message = decodeHostMessage(bytes, start, end);
        if (message.type === "ready") nodePid = findInnermost(pid);
        if (listener) listener.onMessage(message);
        else early.push(message);
      }
    },
    { maxLength: frameLimit, allocate: Buffer.allocUnsafe, areChunksPassing: true },
  );

  child.stderr?.on("data", (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-STDERR_KEPT);
  });
  const onBytes = (bytes: Buffer): void => {
    if (isOver) return;
    try {
      read(bytes);
    } catch (error) {
      end(`what it sent could not be read: ${(error as Error).message}`, "nonsense");
    }
  };
  results.on("data", onBytes);
  reads.follow(results, onBytes);
  results.resume();
  for (const socket of [calls, results]) socket.on("error", () => {}); // 'close' follows
  // Behind what walls it in Node ends first: how, is told by the exit of that.
  results.on("close", () => {
    if (!isOver) exiting = setTimeout(end, EXIT_MS, "it closed its socket");
  });
  child.on("error", (error) => end(error.message));
  const exited = new Promise<void>((resolve) => {
    child.once("exit", (code, signal) => {
      end(signal ?? nameExit(code));
      resolve();
    });
    child.once("error", () => resolve());
  });

  function end(detail: string, reason: "exited" | "nonsense" = "exited"): void {
    if (isOver) return;
    isOver = true;
    clearTimeout(exiting);
    killGroup(pid);
    // The rest of stderr comes in the same turn or the next. Until then a spare may have been put to use.
    setImmediate(() => listener?.onExit([detail, stderr.trim()].filter(Boolean).join("\n"), reason));
  }

  function hangUp(): void {
    for (const socket of [calls, results]) socket.destroy();
  }

  const host: HostProcess = {
    pid,
    get nodePid() {
      return nodePid;
    },
    out,
    flush() {
      if (isOver) return;
      out.flush(calls);
      listener?.onWork();
    },
    send(message) {
      out.control(message);
      if (message.type !== "ping") this.flush();
      else if (!isOver) out.flush(calls);
    },
    attach(next) {
      listener = next;
      for (const message of early.splice(0)) next.onMessage(message);
    },
    readJournal,
    peek: () => (note === undefined ? peekAt(journalFd) : NOTHING_RUNS),
    kill() {
      readJournal();
      if (!isOver) killGroup(pid);
      isOver = true;
      clearTimeout(exiting);
      listener = undefined;
      hangUp();
    },
    exited,
  };
  void exited.then(hangUp);
  host.send({ type: "start", settings: { ...settings, addon } });
  return host;
}

/** What was started in front of Node, if anything, ends with 128 and more for a signal. */
function nameExit(code: number | null): string {
  const name = Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0];
  return name ?? `code ${code}`;
}

/** A profile counts the time of an inlined function as that of its caller, up to our own code. */
const PROFILING_FLAGS = ["--no-turbo-inlining", "--no-maglev-inlining"];

/** SANDBOX: both V8 flags keep isolates from crashing or hanging; the rest takes rights away. */
function hostFlags(main: string, addon: string): string[] {
  return [
    "--no-node-snapshot",
    "--no-turboshaft-loop-unrolling",
    // For the host's own use, see `isTired`.
    "--expose-gc",
    "--no-warnings",
    `--max-old-space-size=${HOST_HEAP_MB}`,
    `--max-semi-space-size=${HOST_NURSERY_MB}`,
    "--permission",
    "--allow-addons",
    `--allow-fs-read=${join(codeFolder(main), "*")}`,
    `--allow-fs-read=${addon}`,
  ];
}

/** All that a host runs, but for Node and the addon. */
function codeFolder(main: string): string {
  return dirname(dirname(main));
}

/** A file that has lost its name: it lives as long as someone holds it open. */
function openNameless(): number {
  const path = join(tmpdir(), `framegate-${randomUUID()}`);
  const fd = openSync(path, "wx+", 0o600);
  unlinkSync(path);
  return fd;
}

/** Of all hosts: what is kept of a read is a copy. */
const reads = new SharedReads();

const NOTHING_RUNS: SeenEntry = { entry: 0, limitMs: 0 };
/** Read into, and looked at, before anybody else does. */
const header = new JournalPage();

function peekAt(fd: number): SeenEntry {
  // A host that has entered nothing yet has written nothing, and what is in the header is another's.
  if (readSync(fd, header.bytes, 0, JOURNAL_HEADER_BYTES, 0) < JOURNAL_HEADER_BYTES) return NOTHING_RUNS;
  const { entry, limitMs } = header;
  return { entry, limitMs };
}

/** A note that has been cut off is none. */
function readNote(fd: number): JournalNote {
  const page = new JournalPage();
  const length = readSync(fd, page.bytes, 0, page.bytes.length, 0);
  closeSync(fd);
  return (length < JOURNAL_HEADER_BYTES ? new JournalPage() : page).read();
}
