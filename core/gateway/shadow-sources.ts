import { isDeepStrictEqual } from "node:util";
import type { PolicySnapshot } from "../../policies/reload/policy-state.ts";
import { createReloader, type Reloader, type ReloaderOptions } from "../../policies/reload/reloader.ts";
import type { Logger } from "../log.ts";
import type { ShadowsSource } from "../routes/shadow-plan.ts";
import { logReload } from "./news/reload-log.ts";

/** The folders that shadows are from, each followed as the policies folder is. */
export interface ShadowSources extends Pick<ShadowsSource, "find"> {
  /** These are wanted, and no others. What is not known yet comes later. */
  follow(wanted: readonly WantedPolicy[]): void;
  /** Look at them all again. */
  reload(): Promise<void>;
  close(): Promise<void>;
}

export interface WantedPolicy {
  /** Absolute. */
  readonly folder: string;
  readonly policy: string;
}

export interface ShadowSourcesOptions extends Pick<ReloaderOptions, "watch" | "packs" | "probe"> {
  readonly logger: Logger;
  /** Another version is there. */
  onChange(): void;
}

interface Source {
  wanted: ReadonlySet<string>;
  /** Undefined: it has not been read yet. */
  snapshot: PolicySnapshot | undefined;
  readonly reloader: Reloader;
}

export function createShadowSources({ logger, onChange, ...options }: ShadowSourcesOptions): ShadowSources {
  const sources = new Map<string, Source>();
  const closing = new Set<Promise<void>>();
  let isClosed = false;

  function open(folder: string, wanted: ReadonlySet<string>): Source {
    const marked = logger.child({ shadow: folder });
    const take = (snapshot: PolicySnapshot) => {
      source.snapshot = snapshot;
      if (!isClosed) onChange();
    };
    const reloader = createReloader({
      ...options,
      dir: folder,
      wants: (policy) => source.wanted.has(policy),
      onSnapshot: async (snapshot) => take(snapshot),
      onResult: (result) => logReload(marked, result),
    });
    const source: Source = { wanted, snapshot: undefined, reloader };
    reloader
      .start()
      .then(take, (error: unknown) =>
        marked.error({ problem: String(error) }, "a shadow's folder cannot be followed"),
      );
    return source;
  }

  function drop(folder: string, { reloader }: Source): void {
    sources.delete(folder);
    const closed = reloader.close().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  return {
    find(folder, policy) {
      const policies = sources.get(folder)?.snapshot?.policies;
      if (policies === undefined) return undefined;
      const found = policies.find(({ name }) => name === policy);
      const { current, problem } = found ?? {};
      return {
        isKnown: found !== undefined,
        ...(current && { version: current }),
        ...(problem && { problem: problem.message }),
      };
    },

    follow(wanted) {
      if (isClosed) return;
      const folders = Map.groupBy(wanted, ({ folder }) => folder);
      for (const [folder, source] of sources) if (!folders.has(folder)) drop(folder, source);
      for (const [folder, policies] of folders) {
        const names = new Set(policies.map(({ policy }) => policy));
        const source = sources.get(folder);
        if (source === undefined) sources.set(folder, open(folder, names));
        else if (!isDeepStrictEqual(names, source.wanted)) {
          source.wanted = names;
          void source.reloader.reload();
        }
      }
    },

    async reload() {
      await Promise.all([...sources.values()].map(({ reloader }) => reloader.reload()));
    },

    async close() {
      isClosed = true;
      for (const [folder, source] of sources) drop(folder, source);
      await Promise.all(closing);
    },
  };
}
