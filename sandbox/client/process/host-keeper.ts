import type { HostLimits } from "../../contract.ts";
import type { HostMessage, HostUsage } from "../../wire/control.ts";
import type { JournalNote } from "../../wire/journal.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import type { HostProcess, HostSpawner } from "./host-process.ts";
import { readResidentMemory } from "./resident-memory.ts";

export type HostEnd = "silent" | "memory" | "exited" | "nonsense";

/** Keeps the host of one isolation group running, and one more ready to take its place. */
export interface HostKeeper {
  /** Undefined for a while when hosts do not even start. */
  readonly current: HostProcess | undefined;
  close(): Promise<void>;
}

export interface HostKeeperOptions {
  readonly group: string;
  readonly spawn: HostSpawner;
  readonly limits: HostLimits;
  readonly warmSpare: boolean;
  readonly holdsProcess?: boolean;
  readonly listener: HostKeeperListener;
}

/** What comes of hosts, whichever keeper's they are. */
export interface HostKeeperListener {
  extraSilenceMs(host: HostProcess): number;
  onMessage(from: HostProcess, message: HostMessage): void;
  /** About once a second. */
  onUsage(from: HostProcess, usage: HostUsage, rssBytes: number): void;
  onResults(from: HostProcess, bytes: Buffer, start: number, end: number): void;
  onAsk(from: HostProcess, bytes: Buffer, start: number, end: number): void;
  /** A host is dead and, unless hosts of its group do not start, replaced: nothing is loaded in the new one. */
  onLost(lost: LostHost): void;
  /** No host of this group starts, and why the last did not; it is tried again. */
  onNoHost(group: string, detail: string): void;
  /** A host of this group has started after some that did not. */
  onBack(group: string): void;
}

export interface LostHost {
  readonly host: HostProcess;
  readonly group: string;
  readonly reason: HostEnd;
  readonly detail: string;
  readonly note: JournalNote;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;
const SPARE_DELAY_MS = 250;

/** Starts a host. */
export function createHostKeeper(options: HostKeeperOptions): HostKeeper {
  const { group, spawn, limits, warmSpare, listener } = options;
  let current: HostProcess | undefined;
  let heartbeat: Heartbeat | undefined;
  let spare: HostProcess | undefined;
  let isReady = false;
  let failures = 0;
  let restart: NodeJS.Timeout | undefined;
  let spareRestart: NodeJS.Timeout | undefined;
  let isClosed = false;

  function use(host: HostProcess): void {
    current = host;
    isReady = false;
    const usageEvery = Math.max(1, Math.round(1000 / limits.heartbeatMs));
    let sequence = 0;
    const beat = startHeartbeat(limits, {
      get pid() {
        return host.nodePid;
      },
      holdsProcess: options.holdsProcess,
      ping() {
        host.send({ type: "ping", sequence, usage: sequence % usageEvery === 0 });
        sequence++;
      },
      peek: host.peek,
      // A new process takes longer than a ping.
      extraSilenceMs: () => listener.extraSilenceMs(host) + (isReady ? 0 : 10_000),
      onSick: lose,
    });
    heartbeat = beat;
    host.attach({
      onMessage(message) {
        if (message.type === "pong") {
          // The system knows better than a host that may be anybody's.
          const rss = readResidentMemory(host.nodePid) || message.rss;
          if (message.usage) listener.onUsage(host, message.usage, rss);
          beat.onPong(rss);
          return;
        }
        beat.onLife();
        if (message.type === "ready") becomeReady();
        listener.onMessage(host, message);
      },
      onResults(bytes, start, end) {
        beat.onLife();
        listener.onResults(host, bytes, start, end);
      },
      onAsk(bytes, start, end) {
        beat.onLife();
        listener.onAsk(host, bytes, start, end);
      },
      onExit: (detail, reason) => lose(reason, detail),
    });
  }

  function becomeReady(): void {
    isReady = true;
    failures = 0;
    prepareSpare();
  }

  function prepareSpare(): void {
    if (!warmSpare || spare !== undefined || isClosed) return;
    const host = spawn();
    spare = host;
    host.attach({
      onMessage() {},
      onResults() {},
      onAsk() {},
      onExit() {
        if (spare !== host) return;
        spare = undefined;
        clearTimeout(spareRestart);
        spareRestart = setTimeout(prepareSpare, MAX_DELAY_MS);
      },
    });
  }

  function lose(reason: HostEnd, detail: string): void {
    const lost = current;
    if (!lost || isClosed) return;
    heartbeat?.stop();
    lost.kill();
    current = undefined;
    if (!isReady) failures++;
    const next = spare;
    spare = undefined;
    if (next) {
      use(next);
      isReady = true;
      failures = 0;
      // What was lost is loaded first: a process that starts meanwhile would take the CPU away from that.
      clearTimeout(spareRestart);
      spareRestart = setTimeout(prepareSpare, SPARE_DELAY_MS);
    } else if (failures < 2) use(spawn());
    else {
      const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
      restart = setTimeout(() => {
        use(spawn());
        listener.onBack(group);
      }, delay);
    }
    listener.onLost({ host: lost, group, reason, detail, note: lost.readJournal() });
    if (current === undefined) listener.onNoHost(group, detail);
  }

  use(spawn());

  return {
    get current() {
      return current;
    },
    async close() {
      isClosed = true;
      clearTimeout(restart);
      clearTimeout(spareRestart);
      heartbeat?.stop();
      const hosts = [current, spare].filter((host) => host !== undefined);
      for (const host of hosts) host.kill();
      current = spare = undefined;
      await Promise.all(hosts.map((host) => host.exited));
    },
  };
}
