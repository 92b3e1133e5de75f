import { signal } from "@preact/signals";
import type { TrafficFilter } from "../../core/traffic/records.ts";
import type { ApiClient } from "./api.ts";
import { createKnownSessions } from "./known-sessions.ts";
import type { Kind, Row } from "./row-list.ts";
import type { SortedSummary, TrafficWindow } from "./traffic-window.ts";

export interface SortedOptions {
  readonly api: ApiClient;
  readonly kinds: readonly Kind[];
  readonly filter: TrafficFilter;
  readonly sort: string;
  readonly order: "asc" | "desc";
}

/** So many rows are shown, of all that are kept. */
const SORTED_ROWS = 500;

/** The first rows by a column, of all that the recorder has. They stand still: what comes is not among them. */
export function createSortedWindow({ api, kinds, filter, sort, order }: SortedOptions): TrafficWindow {
  const rows: Row[] = [];
  const version = signal(0);
  const status = signal<"loading" | "ready" | "failed">("loading");
  const error = signal("");
  const sorted = signal<SortedSummary | undefined>(undefined);
  const sessions = createKnownSessions();
  let isDisposed = false;

  async function read(): Promise<void> {
    try {
      const query = { ...filter, filter: ofKinds(kinds, filter.filter), sort, order, limit: SORTED_ROWS };
      const page = await api.traffic(query);
      if (isDisposed) return;
      sessions.add(page.sessions);
      rows.splice(0, rows.length, ...page.records);
      sorted.value = { compared: 0, isWhole: true, ...page.sorted };
      status.value = "ready";
    } catch (cause) {
      if (isDisposed) return;
      error.value = (cause as Error).message;
      status.value = "failed";
    }
    version.value++;
  }
  void read();

  const nothing = async () => {};
  return {
    ...{ rows, version, status, error, sorted, sessions },
    ...{ firstIndex: 0, hasOlder: false, hasNewer: false },
    isFollowing: signal(false),
    isPaused: signal(false),
    waiting: signal(0),
    ...{ loadOlder: nothing, loadNewer: nothing, fillGap: nothing },
    toNewest: read,
    dispose() {
      isDisposed = true;
    },
  };
}

function ofKinds(kinds: readonly Kind[], filter = ""): string {
  const some = `(${kinds.map((kind) => `kind:${kind}`).join(" | ")})`;
  return filter.trim() === "" ? some : `${some} (${filter})`;
}
