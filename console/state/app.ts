import { effect, type Signal, signal } from "@preact/signals";
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { OpenedFileView } from "../../core/admin/api/files/file-schema.ts";
import type { ProblemView } from "../../core/admin/api/problems/problem-schema.ts";
import { type ApiClient, ApiError, createApiClient } from "./api.ts";
import { createHolds, type Holds } from "./holds.ts";
import { createLive, type Live } from "./live.ts";
import { createOpenedFile } from "./opened-file.ts";
import { createRecordings, type Recordings } from "./recordings.ts";
import { readStored, store } from "./stored.ts";
import { takeToken } from "./token-fragment.ts";

export type Theme = "system" | "light" | "dark";
export type Access = "asking" | "in" | "login" | "unreachable";

export interface Toast {
  readonly id: number;
  readonly tone: "good" | "bad";
  readonly text: string;
}

/** What all views share; made once in main.tsx. */
export interface App {
  readonly api: ApiClient;
  readonly live: Live;
  readonly access: Signal<Access>;
  readonly theme: Signal<Theme>;
  /** Now, in ms since 1970; moves once a second. */
  readonly clock: Signal<number>;
  readonly toasts: Signal<readonly Toast[]>;
  /** As the gateway said last, the worst first. */
  readonly problems: Signal<readonly ProblemView[]>;
  readonly isHelpOpen: Signal<boolean>;
  /** Looked at in place of what is recorded. */
  readonly file: Signal<OpenedFileView | undefined>;
  /** Breakpoints, and what is held there. */
  readonly holds: Holds;
  /** What is recorded, and how that is switched. */
  readonly recordings: Recordings;
  /** Asks the gateway who we are, and goes live if we may. */
  enter(): Promise<void>;
  leave(): Promise<void>;
  /** Runs it and says how it went: `done` when it worked, the gateway's own words when it did not. */
  attempt(done: string, action: () => Promise<unknown>): Promise<boolean>;
}

export function createApp(): App {
  const access = signal<Access>("asking");
  const file = createOpenedFile();
  const api = createApiClient(
    () => {
      access.value = "login";
      live.stop();
    },
    () => file.peek()?.id,
  );
  const live: Live = createLive(() =>
    api.info().then(
      () => true,
      (error: unknown) => !(error instanceof ApiError && error.status === 401),
    ),
  );
  const theme = signal<Theme>(readStored("theme", "system") as Theme);
  const clock = signal(Date.now());
  const toasts = signal<readonly Toast[]>([]);
  let lastToast = 0;

  setInterval(() => {
    clock.value = Date.now();
  }, 1000);
  effect(() => {
    store("theme", theme.value);
    if (theme.value === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
  });

  function say(tone: Toast["tone"], text: string): void {
    const toast = { id: ++lastToast, tone, text };
    toasts.value = [...toasts.value.slice(-2), toast];
    setTimeout(
      () => {
        toasts.value = toasts.value.filter(({ id }) => id !== toast.id);
      },
      tone === "bad" ? 9000 : 3500,
    );
  }

  async function enter(): Promise<void> {
    try {
      const token = takeToken(location, history);
      // A token of before the restart is no reason not to ask whether the cookie still holds.
      if (token !== undefined) await api.login(token).catch(() => undefined);
      live.info.value = await api.info();
      access.value = "in";
      live.start();
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) access.value = "login";
      else access.value = "unreachable";
    }
  }

  return {
    api,
    live,
    access,
    theme,
    clock,
    toasts,
    problems: signal<readonly ProblemView[]>([]),
    isHelpOpen: signal(false),
    file,
    holds: createHolds(api, live),
    recordings: createRecordings(api, live),
    enter,
    async leave() {
      await api.logout().catch(() => undefined);
      live.stop();
      access.value = "login";
    },
    async attempt(done, action) {
      try {
        await action();
        say("good", done);
        return true;
      } catch (error) {
        say("bad", (error as Error).message);
        return false;
      }
    },
  };
}

export const AppContext = createContext<App | undefined>(undefined);

export function useApp(): App {
  const app = useContext(AppContext);
  if (app === undefined) throw new Error("There is no <AppContext.Provider> above this component.");
  return app;
}

/** Whether we may change things, and if not, why: for the title of a disabled button. */
export function useWriteAccess(): { readonly mayWrite: boolean; readonly reason: string } {
  const { live, file } = useApp();
  if (file.value !== undefined)
    return { mayWrite: false, reason: `You look at ${file.value.name}: go back to what is live to do this.` };
  if (live.info.value?.role === "reader") {
    return {
      mayWrite: false,
      reason: "You are signed in as a reader: sign in with an admin token to do this.",
    };
  }
  if (live.state.value.kind !== "live") {
    return { mayWrite: false, reason: "There is no connection to the gateway at the moment." };
  }
  return { mayWrite: true, reason: "" };
}
