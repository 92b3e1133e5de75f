import type { Host } from "../transport/host.ts";
import { watchEmbedded } from "../transport/watch-embedded.ts";
import { createHostKeeper, type HostKeeper, type HostKeeperOptions } from "./host-keeper.ts";
import type { HostSpawner } from "./host-process.ts";
import { type WatchOptions, watchHost } from "./watched-host.ts";

/** The policies that nobody wants apart. Once there, its host stays for as long as the sandbox does. */
export const SHARED_GROUP = "";
/** The policies that run in this process itself: the one group whose host is no process. */
export const WORKER_GROUP = "worker";

/**
 * The hosts of one worker, one an isolation group: what one of them suffers, the others do not notice. A host starts
 * when something is to be loaded there, and ends when nothing has been for a moment.
 */
export interface HostPool {
  /** Undefined while hosts of this group do not even start. */
  hostOf(group: string): Host | undefined;
  /** The one that would take its place at once, if there is one. */
  standbyOf(group: string): Host | undefined;
  /** It answers pings, and is not to be believed. */
  replace(host: Host, why: string): void;
  /** Something is gone: hosts of groups that have nothing left end soon. */
  endUnused(): void;
  close(): Promise<void>;
}

export interface HostPoolOptions
  extends Omit<HostKeeperOptions, "group" | "start">,
    Omit<WatchOptions, "listener"> {
  readonly spawn: HostSpawner;
  /** For `WORKER_GROUP`. */
  embed(): Host;
  /** Groups that have something loaded, or on its way. */
  groups(): ReadonlySet<string>;
}

/** One version may go a moment before the next comes. */
const UNUSED_MS = 1000;

export function createHostPool({ groups, warmSpare, spawn, embed, ...options }: HostPoolOptions): HostPool {
  const keepers = new Map<string, HostKeeper>();
  /** Of keepers that are being closed. */
  const closing = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  function keeperOf(group: string): HostKeeper {
    let keeper = keepers.get(group);
    if (keeper === undefined) {
      // One that stands by for each group would double what isolation costs: those who are apart wait for a new host.
      keeper = createHostKeeper({
        ...{ ...options, group, warmSpare: warmSpare && group === SHARED_GROUP },
        start: (fate) =>
          group === WORKER_GROUP
            ? watchEmbedded(embed(), options.listener, fate)
            : watchHost(spawn(), options, fate),
      });
      keepers.set(group, keeper);
    }
    return keeper;
  }

  function end(): void {
    timer = undefined;
    const used = groups();
    for (const [group, keeper] of keepers) {
      if (group === SHARED_GROUP || used.has(group)) continue;
      keepers.delete(group);
      const closed = keeper.close();
      closing.add(closed);
      void closed.then(() => closing.delete(closed));
    }
  }

  return {
    hostOf: (group) => (isClosed ? undefined : keeperOf(group).current),
    standbyOf: (group) => keepers.get(group)?.standby,
    replace(host, why) {
      for (const keeper of keepers.values()) if (keeper.current === host) keeper.replace(why);
    },
    endUnused() {
      timer ??= setTimeout(end, UNUSED_MS).unref();
    },
    async close() {
      isClosed = true;
      clearTimeout(timer);
      await Promise.all([...[...keepers.values()].map((keeper) => keeper.close()), ...closing]);
    },
  };
}
