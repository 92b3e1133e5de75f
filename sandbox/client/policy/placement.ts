import type { QuarantineEntry } from "../../contract/faults.ts";
import type { PolicyBundle } from "../../contract.ts";
import { machineNow } from "../../machine-clock.ts";
import { SHARED_GROUP, WORKER_GROUP } from "../process/host-pool.ts";
import type { HostEnd } from "../process/watched-host.ts";
import type { Deployment } from "./deployment.ts";
import { QuarantineBook } from "./quarantine-book.ts";

/** Which isolation group each version belongs to: the one that it is wanted in, or one of its own while it is in quarantine. */
export interface Placement {
  groupOf(bundle: PolicyBundle): string;
  /** It is in quarantine. */
  isApart(bundle: PolicyBundle): boolean;
  isolate(groups: ReadonlyMap<string, string>): void;
  quarantine(entries: readonly QuarantineEntry[]): void;
  /** Before what they cost is loaded again. */
  onOffence(culprits: readonly Deployment[], reason: HostEnd): void;
  close(): void;
}

export interface PlacementOptions {
  /** Whether there can be a host for `WORKER_GROUP`. Default: false. */
  readonly holdsIsolates?: boolean | undefined;
  readonly quarantineMs: number;
  /** Other groups are given from now on. */
  onChange(): void;
  onQuarantined(entry: QuarantineEntry): void;
}

const REASONS = { silent: "hang", exited: "crash", memory: "memory", nonsense: "nonsense" } as const;
/** A timer cannot be longer. */
const MAX_DELAY_MS = 2 ** 31 - 1;

export function createPlacement(options: PlacementOptions): Placement {
  const book = new QuarantineBook(options.quarantineMs, options.onQuarantined);
  let groups: ReadonlyMap<string, string> = new Map();
  let timer: NodeJS.Timeout | undefined;

  function wait(): void {
    clearTimeout(timer);
    const end = book.nextEnd();
    if (end === undefined) return;
    timer = setTimeout(review, Math.min(MAX_DELAY_MS, Math.max(0, end - machineNow()))).unref();
  }

  function review(): void {
    if (book.expire(machineNow())) options.onChange();
    wait();
  }

  return {
    groupOf(bundle) {
      const { name, version } = bundle;
      if (book.isApart(bundle)) return `quarantine:${name}@${version}`;
      const group = groups.get(name) ?? SHARED_GROUP;
      return group === WORKER_GROUP && !options.holdsIsolates ? SHARED_GROUP : group;
    },

    isApart: (bundle) => book.isApart(bundle),

    isolate(next) {
      groups = next;
      options.onChange();
    },

    quarantine(entries) {
      const isNews = book.take(entries, machineNow());
      wait();
      if (isNews) options.onChange();
    },

    onOffence(culprits, reason) {
      for (const { bundle } of culprits) book.offend(bundle, REASONS[reason], machineNow());
      wait();
    },

    close: () => clearTimeout(timer),
  };
}
