import { type Signal, signal } from "@preact/signals";
import type { TrafficFilter, TrafficRecord } from "../../core/traffic/records.ts";
import type { ApiClient } from "./api.ts";
import { createKnownSessions, type KnownSessions } from "./known-sessions.ts";
import type { Live } from "./live.ts";
import { type MergedPage, readMerged } from "./merged-page.ts";
import { createRowList, type Gap, type Kind, type Row } from "./row-list.ts";

export interface TrafficWindow {
  /** Oldest first. The same array is changed; `version` says when. */
  readonly rows: readonly Row[];
  readonly version: Signal<number>;
  readonly status: Signal<"loading" | "ready" | "failed">;
  readonly error: Signal<string>;
  /** As of the row list. */
  readonly firstIndex: number;
  readonly hasOlder: boolean;
  /** There are rows behind the last one that the window does not hold. */
  readonly hasNewer: boolean;
  /** The newest row is shown as it comes. Off: new rows wait below what is read. */
  readonly isFollowing: Signal<boolean>;
  readonly isPaused: Signal<boolean>;
  /** How many came while paused or while the window was full. */
  readonly waiting: Signal<number>;
  /** The rows are the first by a column, and stand still; undefined: by time, as they come. */
  readonly sorted: Signal<SortedSummary | undefined>;
  readonly sessions: Pick<KnownSessions, "of">;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  fillGap(gap: Gap): Promise<void>;
  /** Loads the newest page and follows. */
  toNewest(): Promise<void>;
  dispose(): void;
}

export interface SortedSummary {
  /** How many fit, and were compared. */
  readonly compared: number;
  /** Those were all; else the newest. */
  readonly isWhole: boolean;
}

export interface WindowOptions {
  readonly api: ApiClient;
  readonly live: Live;
  /** Nothing comes after what there is. */
  readonly isOfFile?: boolean;
  readonly kinds: readonly Kind[];
  readonly filter: TrafficFilter;
  /** Open at this record instead of at the newest. */
  readonly at?: number | undefined;
  readonly maxRows?: number;
}

const PAGE_ROWS = 500;

/**
 * A bounded window on the recorder's rows: pages are read at both ends, live rows come in at the end, and what is too
 * much goes at the far end. So memory is the same at a thousand rows and at a million.
 */
export function createTrafficWindow(options: WindowOptions): TrafficWindow {
  const { api, live, isOfFile = false, kinds, filter, at, maxRows = 20_000 } = options;
  const list = createRowList(maxRows);
  const { rows } = list;
  const version = signal(0);
  const status = signal<"loading" | "ready" | "failed">("loading");
  const error = signal("");
  const isFollowing = signal(at === undefined);
  const isPaused = signal(false);
  const waiting = signal(0);
  const sessions = createKnownSessions();
  let hasOlder = false;
  let hasNewer = false;
  let isDisposed = false;
  let isBusy = false;
  let frame = 0;
  const stops: (() => void)[] = [];

  const read = async (range: { before?: number; after?: number }): Promise<MergedPage> => {
    const page = await readMerged(api, kinds, { ...filter, ...range, limit: PAGE_ROWS });
    sessions.add(page.sessions);
    return page;
  };

  /** At most once a frame, however many rows come. */
  function show(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (!isDisposed) version.value++;
    });
  }

  function append(records: readonly Row[]): void {
    if (list.append(records)) hasOlder = true;
    show();
  }

  /** What was skipped comes behind what was sent. */
  function receive(kind: Kind, records: readonly TrafficRecord[], skipped: number): void {
    if (isDisposed) return;
    const isFull = !isFollowing.value && rows.length + records.length > maxRows;
    if (isPaused.value || hasNewer || isFull) {
      hasNewer = true;
      waiting.value += records.length + skipped;
      return;
    }
    append(records);
    const last = records.at(-1);
    if (skipped > 0 && last !== undefined)
      append([{ kind: "gap", of: kind, seq: last.seq + 0.5, time: last.time, after: last.seq, skipped }]);
  }

  function subscribe(): void {
    for (const stop of stops.splice(0)) stop();
    if (isOfFile) return;
    const start = Math.floor(list.newestSeq);
    for (const kind of kinds) {
      const cursor = () => (rows.length === 0 ? start : Math.max(start, Math.floor(list.newestSeq)));
      const subscriber = {
        filter: { ...filter, kind },
        cursor,
        receive(records: readonly TrafficRecord[], skipped: number, told: MergedPage["sessions"]) {
          sessions.add(told);
          receive(kind, records, skipped);
        },
      };
      stops.push(live.subscribe(subscriber));
    }
  }

  /** One at a time. Who wished to follow meanwhile, follows then, also where the action has failed. */
  async function guarded(action: () => Promise<void>): Promise<void> {
    if (isBusy || isDisposed) return;
    isBusy = true;
    let failure = await failureOf(action);
    if (hasNewer && isFollowing.value && !isPaused.value && !isDisposed) {
      const unread = await failureOf(readNewest);
      failure = unread && (failure ?? unread);
    }
    isBusy = false;
    error.value = failure?.message ?? "";
    if (failure === undefined) status.value = "ready";
    else if (rows.length === 0) status.value = "failed";
  }

  async function open(): Promise<void> {
    const page = await read(at === undefined ? {} : { before: at + PAGE_ROWS / 2 });
    if (isDisposed) return;
    list.replace(page.records);
    hasOlder = page.hasMore;
    hasNewer = at !== undefined;
    if (hasNewer) await readNewer();
    subscribe();
    show();
  }

  async function readNewer(): Promise<void> {
    const page = await read({ after: Math.floor(list.newestSeq) });
    if (isDisposed) return;
    append(page.records);
    hasNewer = page.hasMore;
    if (!hasNewer) waiting.value = 0;
    // What came between the page and now waits behind its last record.
    if (!hasNewer && stops.length > 0) subscribe();
  }

  async function readNewest(): Promise<void> {
    const page = await read({});
    if (isDisposed) return;
    list.replace(page.records);
    hasOlder = page.hasMore;
    hasNewer = false;
    waiting.value = 0;
    subscribe();
    show();
  }

  void guarded(open);

  return {
    rows,
    version,
    status,
    error,
    isFollowing,
    isPaused,
    waiting,
    sorted: signal(undefined),
    sessions,
    get firstIndex() {
      return list.firstIndex;
    },
    get hasOlder() {
      return hasOlder;
    },
    get hasNewer() {
      return hasNewer;
    },
    loadOlder: () =>
      guarded(async () => {
        if (!hasOlder || rows.length === 0) return;
        const page = await read({ before: Math.ceil(list.oldestSeq) });
        if (isDisposed) return;
        if (list.prepend(page.records)) hasNewer = true;
        hasOlder = page.hasMore;
        show();
      }),
    loadNewer: () =>
      guarded(async () => {
        if (hasNewer && !isPaused.value) await readNewer();
      }),
    fillGap: (gap) =>
      guarded(async () => {
        if (!rows.includes(gap)) return;
        const behind = rows.filter(({ kind, seq }) => kind === gap.of && seq > gap.after);
        const end = Math.min(...behind.map(({ seq }) => seq));
        const page = await readMerged(api, [gap.of], { ...filter, after: gap.after, limit: PAGE_ROWS });
        sessions.add(page.sessions);
        list.remove(gap);
        const missing = page.records.filter(({ seq }) => seq < end);
        for (const record of missing) list.insert(record);
        const last = missing.at(-1);
        if (page.hasMore && last !== undefined && missing.length === page.records.length) {
          const skipped = Math.max(1, gap.skipped - missing.length);
          list.insert({ ...gap, seq: last.seq + 0.5, time: last.time, after: last.seq, skipped });
        }
        show();
      }),
    async toNewest() {
      isPaused.value = false;
      isFollowing.value = true;
      // Where nothing could be read so far, all is newer.
      if (status.value !== "ready") hasNewer = true;
      if (!hasNewer) return show();
      await guarded(async () => show());
    },
    dispose() {
      isDisposed = true;
      cancelAnimationFrame(frame);
      for (const stop of stops) stop();
    },
  };
}

function failureOf(action: () => Promise<void>): Promise<Error | undefined> {
  return action()
    .then(() => undefined)
    .catch((cause: Error) => cause);
}
