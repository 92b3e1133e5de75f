import { type Signal, signal } from "@preact/signals";
import type { TrafficFilter, TrafficRecord } from "../../core/traffic/records.ts";
import type { Api } from "./api.ts";
import type { Live } from "./live.ts";
import { type MergedPage, readMerged } from "./merged-page.ts";

export type Kind = TrafficRecord["kind"];

/** Records of one kind that came too fast to be sent; `after` is the last one before them. */
export interface Gap {
  readonly kind: "gap";
  readonly of: Kind;
  readonly seq: number;
  readonly after: number;
  readonly skipped: number;
}

export type Row = TrafficRecord | Gap;

export interface TrafficWindow {
  /** Oldest first. The same array is changed; `version` says when. */
  readonly rows: readonly Row[];
  readonly version: Signal<number>;
  readonly status: Signal<"loading" | "ready" | "failed">;
  readonly error: Signal<string>;
  /** Moves by one for each row that comes before the first, or goes from there: what keeps the scroll position. */
  readonly firstIndex: number;
  readonly hasOlder: boolean;
  /** There are rows behind the last one that the window does not hold. */
  readonly hasNewer: boolean;
  /** The newest row is shown as it comes. Off: new rows wait below what is read. */
  readonly isFollowing: Signal<boolean>;
  readonly isPaused: Signal<boolean>;
  /** How many came while paused or while the window was full. */
  readonly waiting: Signal<number>;
  loadOlder(): Promise<void>;
  loadNewer(): Promise<void>;
  fillGap(gap: Gap): Promise<void>;
  /** Loads the newest page and follows. */
  toNewest(): Promise<void>;
  dispose(): void;
}

export interface WindowOptions {
  readonly api: Api;
  readonly live: Live;
  readonly kinds: readonly Kind[];
  readonly filter: TrafficFilter;
  /** Open at this record instead of at the newest. */
  readonly at?: number | undefined;
  readonly maxRows?: number;
}

const pageRows = 500;

/**
 * A bounded window on the recorder's rows: pages are read at both ends, live rows come in at the end, and what is too
 * much goes at the far end. So memory is the same at a thousand rows and at a million.
 */
export function createTrafficWindow(options: WindowOptions): TrafficWindow {
  const { api, live, kinds, filter, at, maxRows = 20_000 } = options;
  const rows: Row[] = [];
  const version = signal(0);
  const status = signal<"loading" | "ready" | "failed">("loading");
  const error = signal("");
  const isFollowing = signal(at === undefined);
  const isPaused = signal(false);
  const waiting = signal(0);
  let firstIndex = 0;
  let hasOlder = false;
  let hasNewer = false;
  let isDisposed = false;
  let isBusy = false;
  let frame = 0;
  const stops: (() => void)[] = [];

  const newestSeq = () => rows.at(-1)?.seq ?? 0;
  const read = (range: { before?: number; after?: number }, limit = pageRows): Promise<MergedPage> =>
    readMerged(api, kinds, { ...filter, ...range, limit });

  /** At most once a frame, however many rows come. */
  function show(): void {
    if (frame !== 0) return;
    frame = requestAnimationFrame(() => {
      frame = 0;
      if (!isDisposed) version.value++;
    });
  }

  function append(records: readonly Row[]): void {
    for (const record of records) {
      if (record.seq > newestSeq() || rows.length === 0) rows.push(record);
      else insert(record);
    }
    trimOldest();
    show();
  }

  /** Two kinds come over two subscriptions: the one may be a little behind the other. */
  function insert(record: Row): void {
    let index = rows.length;
    while (index > 0 && rows[index - 1]!.seq > record.seq) index--;
    if (rows[index - 1]?.seq !== record.seq) rows.splice(index, 0, record);
  }

  function trimOldest(): void {
    const extra = rows.length - maxRows;
    if (extra <= 0) return;
    // Some more at once, so that not every batch moves twenty thousand entries.
    const count = Math.min(rows.length, extra + Math.floor(maxRows / 20));
    rows.splice(0, count);
    firstIndex += count;
    hasOlder = true;
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
    const after = records.at(-1)?.seq;
    if (skipped > 0 && after !== undefined)
      append([{ kind: "gap", of: kind, seq: after + 0.5, after, skipped }]);
  }

  function subscribe(): void {
    for (const stop of stops.splice(0)) stop();
    const start = Math.floor(newestSeq());
    for (const kind of kinds) {
      const cursor = () => (rows.length === 0 ? start : Math.max(start, Math.floor(newestSeq())));
      const subscriber = {
        filter: { ...filter, kind },
        cursor,
        receive: (records: readonly TrafficRecord[], skipped: number) => receive(kind, records, skipped),
      };
      stops.push(live.subscribe(subscriber));
    }
  }

  async function guarded(action: () => Promise<void>): Promise<void> {
    if (isBusy || isDisposed) return;
    isBusy = true;
    try {
      await action();
      error.value = "";
      if (status.value !== "ready") status.value = "ready";
    } catch (cause) {
      error.value = (cause as Error).message;
      if (rows.length === 0) status.value = "failed";
    } finally {
      isBusy = false;
    }
  }

  const open = () =>
    guarded(async () => {
      const page = await read(at === undefined ? {} : { before: at + pageRows / 2 });
      if (isDisposed) return;
      rows.splice(0, rows.length, ...page.records);
      hasOlder = page.hasMore;
      firstIndex = 0;
      waiting.value = 0;
      hasNewer = at !== undefined;
      if (hasNewer) await readNewer();
      subscribe();
      show();
    });

  async function readNewer(): Promise<void> {
    const page = await read({ after: Math.floor(newestSeq()) });
    if (isDisposed) return;
    append(page.records);
    hasNewer = page.hasMore;
    if (!hasNewer) waiting.value = 0;
    // What came between the page and now waits behind its last record.
    if (!hasNewer && stops.length > 0) subscribe();
  }

  void open();

  return {
    rows,
    version,
    status,
    error,
    isFollowing,
    isPaused,
    waiting,
    get firstIndex() {
      return firstIndex;
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
        const page = await read({ before: Math.ceil(rows[0]!.seq) });
        if (isDisposed) return;
        rows.unshift(...page.records);
        firstIndex -= page.records.length;
        hasOlder = page.hasMore;
        if (rows.length > maxRows) {
          rows.length = maxRows;
          hasNewer = true;
        }
        show();
      }),
    loadNewer: () =>
      guarded(async () => {
        if (hasNewer && !isPaused.value) await readNewer();
      }),
    fillGap: (gap) =>
      guarded(async () => {
        const index = rows.indexOf(gap);
        if (index === -1) return;
        const end = rows.slice(index).find(({ kind }) => kind === gap.of)?.seq ?? Number.POSITIVE_INFINITY;
        const page = await readMerged(api, [gap.of], { ...filter, after: gap.after, limit: pageRows });
        rows.splice(rows.indexOf(gap), 1);
        const missing = page.records.filter(({ seq }) => seq < end);
        for (const record of missing) insert(record);
        const last = missing.at(-1);
        if (page.hasMore && last !== undefined && missing.length === page.records.length) {
          const skipped = Math.max(1, gap.skipped - missing.length);
          insert({ ...gap, seq: last.seq + 0.5, after: last.seq, skipped });
        }
        show();
      }),
    async toNewest() {
      isPaused.value = false;
      isFollowing.value = true;
      if (!hasNewer) return show();
      await guarded(async () => {
        const page = await read({});
        if (isDisposed) return;
        rows.splice(0, rows.length, ...page.records);
        firstIndex = 0;
        hasOlder = page.hasMore;
        hasNewer = false;
        waiting.value = 0;
        subscribe();
        show();
      });
    },
    dispose() {
      isDisposed = true;
      cancelAnimationFrame(frame);
      for (const stop of stops) stop();
    },
  };
}
