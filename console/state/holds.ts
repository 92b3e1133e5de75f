import { computed, effect, type ReadonlySignal, type Signal, signal } from "@preact/signals";
import type {
  BreakpointsView,
  HeldMessageView,
} from "../../core/admin/api/breakpoints/breakpoints-schema.ts";
import type { ApiClient } from "./api.ts";
import type { Live } from "./live.ts";

export interface ShownHold extends HeldMessageView {
  /** When it goes by itself, by this machine's clock. */
  readonly until: number;
}

export interface ShownHolds extends Omit<BreakpointsView, "held"> {
  readonly held: readonly ShownHold[];
}

/** Breakpoints and what is held there, asked for while there is any, or somebody looks. */
export interface Holds {
  readonly view: Signal<ShownHolds | undefined>;
  /** Sessions of which messages are held. */
  readonly sessions: ReadonlySignal<ReadonlySet<string>>;
  refresh(): Promise<void>;
  /** Somebody looks. Returns what ends it. */
  watch(): () => void;
}

export function createHolds(api: ApiClient, live: Live): Holds {
  const view = signal<ShownHolds | undefined>(undefined);
  const sessions = computed(() => new Set((view.value?.held ?? []).map(({ session }) => session)));
  let watchers = 0;
  let isAsking = false;

  async function refresh(): Promise<void> {
    if (isAsking) return;
    isAsking = true;
    try {
      const { held, ...rest } = await api.breakpoints();
      const now = Date.now();
      view.value = { ...rest, held: held.map((each) => ({ ...each, until: now + each.leftMs })) };
    } catch {
      // What was there stays; that the gateway is away is said elsewhere.
    } finally {
      isAsking = false;
    }
  }

  // With each pulse, which come once a second.
  effect(() => {
    const held = live.pulses.value.at(-1)?.held ?? 0;
    const shown = view.peek();
    const isAny = held > 0 || (shown !== undefined && shown.breakpoints.length + shown.held.length > 0);
    if (isAny || watchers > 0) void refresh();
  });

  return {
    view,
    sessions,
    refresh,
    watch() {
      watchers++;
      void refresh();
      return () => {
        watchers--;
      };
    },
  };
}
