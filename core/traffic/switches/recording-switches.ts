import type { Logger } from "../../log.ts";
import type { RecordingSwitch, SwitchCount } from "./recording-switch.ts";

/** What an operator wants recorded. */
export interface RecordingWish {
  /** Absent: all routes that have no switch of their own, and what comes to no route. */
  readonly route?: string;
  readonly sample: number;
  readonly payloadBytes: number;
  readonly maxRecords: number;
  readonly forMs: number;
}

/** What operators have switched of recording: each goes back by itself. It is in no config, and a reload leaves it as it is. */
export interface RecordingSwitches {
  /** Those that hold, in the order in which they were set. */
  list(): readonly RecordingSwitch[];
  /** In place of the one that the same routes had. Settles when all workers have it. */
  set(wish: RecordingWish): Promise<RecordingSwitch>;
  /** Back to what the config says. Settles when all workers have it. @returns false where nothing was switched */
  end(route?: string): Promise<boolean>;
  /** What they have brought so far, over all workers. */
  counts(): Promise<readonly SwitchCount[]>;
  close(): void;
}

export interface RecordingSwitchesOptions {
  readonly logger: Logger;
  /** Settles when all workers have what `list` says. */
  replan(): Promise<void>;
  counts(): Promise<readonly SwitchCount[]>;
}

/** On a clock that cannot be set. */
interface Timed {
  readonly made: RecordingSwitch;
  readonly endsAt: number;
}

/** A switch may be over so much later, and bring what comes meanwhile. */
const LOOK_EVERY_MS = 1_000;

export function createRecordingSwitches(options: RecordingSwitchesOptions): RecordingSwitches {
  const { logger, replan, counts } = options;
  /** By route; "": all others. */
  const switches = new Map<string, Timed>();
  let lastId = 0;
  let timer: NodeJS.Timeout | undefined;
  let isClosed = false;

  async function look(): Promise<void> {
    const brought = await readCounts();
    const over = [...switches].filter(([, each]) => isOver(each, brought.get(each.made.id) ?? 0));
    for (const [key, { made, endsAt }] of over) {
      const { route, maxRecords } = made;
      switches.delete(key);
      const why = endsAt <= performance.now() ? "its time is over" : `${maxRecords} records have come`;
      logger.info({ ...(route !== undefined && { route }), why }, "recording goes by the config again");
    }
    // What goes wrong there is said there.
    if (over.length > 0) await replan().catch(() => {});
  }

  /** Workers are asked only where it matters. */
  async function readCounts(): Promise<ReadonlyMap<number, number>> {
    if (![...switches.values()].some(({ made }) => made.maxRecords > 0)) return new Map();
    return new Map((await counts()).map(({ id, records }) => [id, records]));
  }

  function isOver({ made: { maxRecords }, endsAt }: Timed, records: number): boolean {
    return endsAt <= performance.now() || (maxRecords > 0 && records >= maxRecords);
  }

  function wait(): void {
    if (isClosed || timer !== undefined || switches.size === 0) return;
    timer = setTimeout(() => {
      timer = undefined;
      void look().finally(wait);
    }, LOOK_EVERY_MS).unref();
  }

  return {
    list: () => [...switches.values()].map(({ made }) => made),
    async set({ route, forMs, ...wish }) {
      const since = Date.now();
      const place = route === undefined ? {} : { route };
      const made = { id: ++lastId, ...place, ...wish, since, until: since + forMs };
      switches.set(route ?? "", { made, endsAt: performance.now() + forMs });
      wait();
      await replan();
      return made;
    },
    async end(route) {
      if (!switches.delete(route ?? "")) return false;
      await replan();
      return true;
    },
    counts,
    close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
