import { effect, type Signal, signal } from "@preact/signals";
import type { RecordingSwitchesView } from "../../core/admin/api/recording/switch-schema.ts";
import type { ApiClient } from "./api.ts";
import type { Live } from "./live.ts";
import type { Loaded } from "./loaded.ts";

const EVERY_MS = 5_000;

/** What is recorded, asked for once for all that show it, while any does. */
export interface Recordings {
  readonly loaded: Signal<Loaded<RecordingSwitchesView>>;
  refresh(): Promise<void>;
  /** Somebody looks. Returns what ends it. */
  watch(): () => void;
}

export function createRecordings(api: ApiClient, live: Live): Recordings {
  const loaded = signal<Loaded<RecordingSwitchesView>>({ value: undefined, error: undefined });
  let watchers = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  let lastAsked = 0;

  async function refresh(): Promise<void> {
    const mine = ++lastAsked;
    let said: Loaded<RecordingSwitchesView>;
    try {
      said = { value: await api.recordingSwitches(), error: undefined };
    } catch (error) {
      said = { value: loaded.peek().value, error: error as Error };
    }
    // An answer that was overtaken says what was before a switch.
    if (mine === lastAsked) loaded.value = said;
  }

  // What is said of routes is other when they are.
  effect(() => {
    void live.changes.routes.value;
    if (watchers > 0) void refresh();
  });

  return {
    loaded,
    refresh,
    watch() {
      if (++watchers === 1) {
        void refresh();
        timer = setInterval(() => void refresh(), EVERY_MS);
      }
      return () => {
        if (--watchers === 0) clearInterval(timer);
      };
    },
  };
}
