import { join } from "node:path";
import type { ExecutionContext } from "ava";
import type { FetchedVersion, SourceDriver } from "../../core/source/drivers/driver.ts";
import { SourceError } from "../../core/source/errors.ts";
import type { SourceRules } from "../../core/source/judge.ts";
import { createSource, type SourceNews, type SourceOptions } from "../../core/source/source.ts";
import { createVersionStore } from "../../core/source/version-store.ts";
import { makeFolder } from "../config/folder.ts";
import { eventually } from "../support/eventually.ts";

export function filesOf(files: Readonly<Record<string, string>>): Map<string, Uint8Array> {
  return new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)]));
}

export interface TestDriver extends SourceDriver {
  /** What it gives from now on; undefined: it cannot be asked. */
  give(version: FetchedVersion | undefined): void;
  /** How often it was asked. */
  readonly asked: number;
}

/** A source in memory. */
export function testDriver(): TestDriver {
  let given: FetchedVersion | undefined;
  let asked = 0;
  return {
    origin: "memory",
    give: (version) => (given = version),
    get asked() {
      return asked;
    },
    async fetch(known) {
      asked++;
      if (given === undefined) throw new SourceError("ERR_SOURCE_FETCH", "memory is gone");
      return known?.id === given.revision.id ? "unchanged" : given;
    },
  };
}

export function versionOf(
  id: string,
  files: Readonly<Record<string, string>>,
  signatures: readonly string[] = [],
): FetchedVersion {
  return { revision: { id }, signatures, unpack: async () => filesOf(files) };
}

export interface TestSourceOptions
  extends Partial<Pick<SourceOptions, "check" | "apply" | "path" | "onOffer">> {
  readonly driver: SourceDriver;
  readonly rules?: SourceRules;
  readonly dir?: string;
  readonly keep?: number;
}

/** A source that looks when it is told to; what is offered runs unless `onOffer` says otherwise. */
export async function openTestSource(t: ExecutionContext, options: TestSourceOptions) {
  const dir = options.dir ?? join(await makeFolder(t), "source");
  const news: SourceNews[] = [];
  const store = createVersionStore({ dir, keep: options.keep ?? 5 });
  const source = createSource({
    ...{ store, driver: options.driver, everyMs: 3_600_000, timeoutMs: 10_000, path: options.path ?? "" },
    rules: options.rules ?? { require: "none", keys: {} },
    check: options.check ?? (async () => {}),
    apply: options.apply ?? (async () => {}),
    inTurn: (act) => act(),
    onOffer: options.onOffer ?? (({ digest }) => source.activate(digest)),
    onNews: (told) => news.push(told),
  });
  t.teardown(() => source.close());
  return {
    ...{ dir, news, source },
    /** Settles when nothing is under way any more. */
    async look(again = false): Promise<void> {
      source.look(again);
      await eventually("the source is idle", () => source.view().phase === "idle");
    },
  };
}
