import type { JournalNote } from "../../wire/journal.ts";
import type { Host } from "../transport/host.ts";
import { advanceLineup, type LineupCommand, type LineupEvent, NEW_LINEUP } from "./lineup.ts";
import type {
  HostEnd,
  WatchedHost,
  WatchedHostFate,
  WatchedHostListener,
  WatchOptions,
} from "./watched-host.ts";

/** Keeps the host of one isolation group running, and one more ready to take its place. */
export interface HostKeeper {
  /** Undefined for a while when hosts do not even start. */
  readonly current: Host | undefined;
  /** It would be the current one at once. */
  readonly standby: Host | undefined;
  /** The current one has to go. */
  replace(why: string): void;
  close(): Promise<void>;
}

export interface HostKeeperOptions extends Pick<WatchOptions, "limits"> {
  readonly group: string;
  /** Start another host, whichever kind this group has. */
  start(fate: WatchedHostFate): WatchedHost;
  /** Keep one that stands by. */
  readonly warmSpare: boolean;
  readonly listener: HostKeeperListener;
}

/** What comes of hosts, whichever keeper's they are. */
export interface HostKeeperListener extends WatchedHostListener {
  isLoading(host: Host): boolean;
  /** This group has nothing: neither loaded, nor on its way, nor to be loaded again. */
  isEmpty(group: string): boolean;
  /** A host is dead and, unless hosts of its group do not start, replaced. */
  onLost(lost: LostHost): void;
  /** No host of this group starts, and why the last did not; it is tried again. */
  onNoHost(group: string, detail: string): void;
  /** A host of this group has started after some that did not. */
  onBack(group: string): void;
  /** The one that serves this group goes on, and nothing more urgent is being done. Said at each heartbeat. */
  onBeat(group: string): void;
  /** The one that stands by for this group has room for more to be loaded ahead. Said at each heartbeat. */
  onStandby(group: string): void;
  /** It is dead. */
  onStandbyLost(lost: LostHost): void;
}

/** How a host has ended. */
export interface HostLoss {
  readonly reason: HostEnd;
  readonly detail: string;
  readonly note: JournalNote;
}

export interface LostHost extends HostLoss {
  readonly host: Host;
  readonly group: string;
}

/** By an operator, or by a system that is out of memory: nothing that a host does ends it so. */
export function wasKilledFromOutside({ reason, detail }: HostLoss): boolean {
  return reason === "exited" && detail.startsWith("SIGKILL");
}

/** What is lost is loaded first: a process that starts meanwhile would take the CPU away from that. */
const CALM_MS = 100;
const AFTER_STANDBY_LOST_MS = 5000;
/** One that stands by and has more memory than this gets nothing more. */
const MAX_STANDBY_BYTES = 256 * 1024 * 1024;

/** Starts a host. */
export function createHostKeeper(options: HostKeeperOptions): HostKeeper {
  const { group, limits, warmSpare, listener } = options;
  const maxStandbyBytes = Math.min(MAX_STANDBY_BYTES, limits.maxRssBytes / 2);
  let lineup = NEW_LINEUP;
  let current: WatchedHost | undefined;
  let standby: WatchedHost | undefined;
  let resting: NodeJS.Timeout | undefined;
  let waiting: NodeJS.Timeout | undefined;
  /** Who stands by for nothing is of no use, and what comes soon wants the CPU. */
  let waitsForFirst = false;
  let isClosed = false;

  function take(event: LineupEvent): void {
    const { state, command } = advanceLineup(lineup, event);
    lineup = state;
    if (command !== undefined) carryOut(command);
  }

  function carryOut(command: LineupCommand): void {
    switch (command.type) {
      case "start":
        current = start();
        break;
      case "start-standby":
        standby = start();
        break;
      case "promote":
        current = standby;
        standby = undefined;
        break;
      case "rest":
        current = undefined;
        resting = setTimeout(() => {
          take("rested");
          listener.onBack(group);
        }, command.ms);
        break;
    }
  }

  function start(): WatchedHost {
    const started: WatchedHost = options.start({
      onReady() {
        take(started === standby ? "standby-ready" : "ready");
        if (started === standby) listener.onStandby(group);
        else waitForCalm(CALM_MS);
      },
      onPong(rssBytes) {
        const hasRoom = lineup.standby === "ready" && rssBytes < maxStandbyBytes;
        if (started === standby && hasRoom) listener.onStandby(group);
        if (started === current && waitsForFirst && !listener.isEmpty(group)) waitForCalm(CALM_MS);
        // What nobody needs has time until one stands by for the rest.
        if (started === current && (!warmSpare || lineup.standby === "ready")) listener.onBeat(group);
      },
      onSick: (reason, detail) => lose(started, reason, detail),
    });
    return started;
  }

  function waitForCalm(ms: number): void {
    if (!warmSpare) return;
    clearTimeout(waiting);
    waitsForFirst = false;
    waiting = setTimeout(() => {
      if (standby !== undefined || current === undefined) return;
      if (listener.isEmpty(group)) waitsForFirst = true;
      else if (listener.isLoading(current.host)) waitForCalm(CALM_MS);
      else take("calm");
    }, ms).unref();
  }

  function lose(watched: WatchedHost, reason: HostEnd, detail: string): void {
    if (isClosed || (watched !== current && watched !== standby)) return;
    watched.end();
    const { host } = watched;
    const lost: LostHost = { host, group, reason, detail, note: host.readJournal() };
    if (watched === standby) {
      standby = undefined;
      take("standby-lost");
      waitForCalm(AFTER_STANDBY_LOST_MS);
      listener.onStandbyLost(lost);
      return;
    }
    take("lost");
    waitForCalm(CALM_MS);
    listener.onLost(lost);
    if (current === undefined) listener.onNoHost(group, detail);
  }

  current = start();

  return {
    get current() {
      return current?.host;
    },
    get standby() {
      return lineup.standby === "ready" ? standby?.host : undefined;
    },
    replace(why) {
      if (current !== undefined) lose(current, "silent", why);
    },
    async close() {
      isClosed = true;
      clearTimeout(resting);
      clearTimeout(waiting);
      const hosts = [current, standby].filter((watched) => watched !== undefined);
      for (const watched of hosts) watched.end();
      current = standby = undefined;
      await Promise.all(hosts.map(({ host }) => host.exited));
    },
  };
}
