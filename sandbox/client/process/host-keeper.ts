import type { HostLimits } from "../../contract.ts";
import type { HostMessage, HostUsage } from "../../wire/control.ts";
import type { JournalNote } from "../../wire/journal.ts";
import { type Heartbeat, startHeartbeat } from "./heartbeat.ts";
import type { HostProcess, HostSpawner } from "./host-process.ts";

export type HostEnd = "silent" | "memory" | "exited" | "nonsense";

/** Keeps one host running, and one more ready to take its place. */
export interface HostKeeper {
  /** Undefined before the start, and for a while when hosts do not even start. */
  readonly current: HostProcess | undefined;
  /** Start a host; what comes of it, and of those after it, is told to this one. */
  start(listener: HostKeeperListener): void;
  close(): Promise<void>;
}

export interface HostKeeperOptions {
  readonly spawn: HostSpawner;
  readonly limits: HostLimits;
  readonly warmSpare: boolean;
  readonly holdsProcess?: boolean;
}

export interface HostKeeperListener {
  extraSilenceMs(): number;
  onMessage(message: HostMessage): void;
  /** About once a second. */
  onUsage(usage: HostUsage, rssBytes: number): void;
  onResults(bytes: Buffer, start: number, end: number): void;
  onAsk(bytes: Buffer, start: number, end: number): void;
  /** The host is dead and, unless hosts do not start, replaced: nothing is loaded in the new one. */
  onLost(reason: HostEnd, detail: string, pid: number, note: JournalNote): void;
  /** A host has started after some that did not. */
  onBack(): void;
}

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 5000;

export function createHostKeeper(options: HostKeeperOptions): HostKeeper {
  const { spawn, limits, warmSpare } = options;
  let current: HostProcess | undefined;
  let heartbeat: Heartbeat | undefined;
  let spare: HostProcess | undefined;
  let isReady = false;
  let failures = 0;
  let restart: NodeJS.Timeout | undefined;
  let spareRestart: NodeJS.Timeout | undefined;
  let isClosed = false;
  let listener: HostKeeperListener | undefined;

  function use(host: HostProcess): void {
    current = host;
    isReady = false;
    const usageEvery = Math.max(1, Math.round(1000 / limits.heartbeatMs));
    let sequence = 0;
    const beat = startHeartbeat(limits, {
      pid: host.pid,
      holdsProcess: options.holdsProcess,
      ping() {
        host.send({ type: "ping", sequence, usage: sequence % usageEvery === 0 });
        sequence++;
      },
      // A new process takes longer than a ping.
      extraSilenceMs: () => (listener?.extraSilenceMs() ?? 0) + (isReady ? 0 : 10_000),
      onSick: lose,
    });
    heartbeat = beat;
    host.attach({
      onMessage(message) {
        if (message.type === "pong") {
          if (message.usage) listener?.onUsage(message.usage, message.rss);
          beat.onPong(message.rss);
          return;
        }
        beat.onLife();
        if (message.type === "ready") becomeReady();
        listener?.onMessage(message);
      },
      onResults(bytes, start, end) {
        beat.onLife();
        listener?.onResults(bytes, start, end);
      },
      onAsk(bytes, start, end) {
        beat.onLife();
        listener?.onAsk(bytes, start, end);
      },
      onExit: (detail, reason) => lose(reason, detail),
    });
  }

  function becomeReady(): void {
    isReady = true;
    failures = 0;
    if (warmSpare && !spare && !isClosed) prepareSpare();
  }

  function prepareSpare(): void {
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
        spareRestart = setTimeout(() => {
          if (!spare) prepareSpare();
        }, MAX_DELAY_MS);
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
      becomeReady();
    } else if (failures < 2) use(spawn());
    else {
      const delay = Math.min(MAX_DELAY_MS, FIRST_DELAY_MS * 2 ** failures);
      restart = setTimeout(() => {
        use(spawn());
        listener?.onBack();
      }, delay);
    }
    listener?.onLost(reason, detail, lost.pid, lost.readJournal());
  }

  return {
    get current() {
      return current;
    },
    start(next) {
      listener = next;
      use(spawn());
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
