import type { HostLimits } from "../../contract/limits.ts";
import type { HostMessage, HostUsage } from "../../wire/control.ts";
import type { Host } from "../transport/host.ts";
import { startHeartbeat } from "./heartbeat.ts";
import type { HostProcess } from "./host-process.ts";
import { readResidentMemory } from "./resident-memory.ts";

export type HostEnd = "silent" | "memory" | "exited" | "nonsense";

/** A host and its heartbeat: whatever becomes of it, it ends once. */
export interface WatchedHost {
  readonly host: Host;
  /** Nothing more is heard of it. */
  end(): void;
}

export interface WatchedHostListener {
  /** Beyond `silenceMs`, because of what it is given to do. */
  extraSilenceMs(host: Host): number;
  /** It has been given something, and has not said what came of it. */
  isBusy(host: Host): boolean;
  onMessage(from: Host, message: HostMessage): void;
  /** About once a second. */
  onUsage(from: Host, usage: HostUsage, rssBytes: number): void;
  onResults(from: Host, bytes: Buffer, start: number, end: number): void;
  onAsk(from: Host, bytes: Buffer, start: number, end: number): void;
}

/** What becomes of it, for its keeper. */
export interface WatchedHostFate {
  onReady(): void;
  onPong(rssBytes: number): void;
  /** It is gone, or has to go. */
  onSick(reason: HostEnd, detail: string): void;
}

export interface WatchOptions {
  readonly limits: HostLimits;
  readonly holdsProcess?: boolean | undefined;
  readonly listener: WatchedHostListener;
}

/** A new process takes longer than a ping. */
const START_MS = 10_000;

export function watchHost(host: HostProcess, options: WatchOptions, fate: WatchedHostFate): WatchedHost {
  const { limits, holdsProcess, listener } = options;
  const usageEvery = Math.max(1, Math.round(1000 / limits.heartbeatMs));
  let sequence = 0;
  let isReady = false;
  const beat = startHeartbeat(limits, {
    get pid() {
      return host.nodePid;
    },
    holdsProcess,
    ping() {
      host.send({ type: "ping", sequence, usage: sequence % usageEvery === 0 });
      sequence++;
    },
    peek: host.peek,
    isBusy: () => listener.isBusy(host),
    extraSilenceMs: () => listener.extraSilenceMs(host) + (isReady ? 0 : START_MS),
    onSick: fate.onSick,
  });
  host.attach({
    onWork: beat.onWork,
    onMessage(message) {
      if (message.type === "pong") {
        // The system knows better than a host that may be anybody's.
        const rss = readResidentMemory(host.nodePid) || message.rss;
        if (message.usage) listener.onUsage(host, message.usage, rss);
        beat.onPong(rss);
        fate.onPong(rss);
        return;
      }
      beat.onLife();
      if (message.type === "ready") {
        isReady = true;
        fate.onReady();
      }
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
    onExit: (detail, reason) => fate.onSick(reason, detail),
  });
  return {
    host,
    end() {
      beat.stop();
      host.kill();
    },
  };
}
