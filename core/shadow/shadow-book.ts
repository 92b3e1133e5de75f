import type { HookName } from "../../sandbox/contract/hooks.ts";
import type { PlannedShadow } from "../routes/shadow-use.ts";
import type { ShadowCounts, ShadowReport, ShadowResult, ShadowSample, ShadowTally } from "./shadow-report.ts";

export type BookedShadow = Pick<PlannedShadow, "name" | "policy" | "from" | "isCanary">;

/** One call of a shadow. */
export interface BookedCall {
  readonly hook: HookName;
  /** Of the shadow; "": it was not called. */
  readonly version: string;
  readonly result: ShadowResult;
  /** The parts that differ. */
  readonly kinds: readonly string[];
}

/** Of one hook, and the same parts. */
const SAMPLES_OF_A_KIND = 5;
export const SAMPLES_OF_A_SHADOW = 50;
const SAMPLE_EVERY_MS = 1000;
/** Those that ran once and do not any more are kept, for a count never goes back; the config has changed often by then. */
const MAX_SHADOWS = 256;

interface Counts extends Record<ShadowResult, number> {
  readonly kinds: Map<string, number>;
}

interface Page {
  readonly shadow: BookedShadow;
  readonly hooks: Map<HookName, Counts>;
  samples: ShadowSample[];
  /** When the last sample of each kind was taken. */
  readonly sampledAt: Map<string, number>;
  /** What has been told of a version, by hook. */
  told: { readonly version: string; readonly news: Set<string> };
  tally: ShadowTally;
}

/** What the shadows of one process did. */
export class ShadowBook {
  readonly #pages = new Map<string, Page>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** @returns whether nothing like it is known of this version */
  add(shadow: BookedShadow, { hook, version, result, kinds }: BookedCall): boolean {
    const page = this.#pageOf(shadow);
    const counts = countsOf(page, hook);
    counts[result]++;
    for (const kind of kinds) counts.kinds.set(kind, (counts.kinds.get(kind) ?? 0) + 1);
    if (result === "lost") return false;
    if (shadow.isCanary && result !== "failed") count(page, version, result === "differs");
    return result !== "same" && isNews(page, version, `${result} ${hook}`);
  }

  /** Whether one of these parts is wanted now: each costs time. */
  wantsSample(shadow: BookedShadow, hook: HookName, kinds: readonly string[]): boolean {
    const { sampledAt } = this.#pageOf(shadow);
    const key = `${hook} ${kinds.join()}`;
    const now = this.#now();
    if (now - (sampledAt.get(key) ?? Number.NEGATIVE_INFINITY) < SAMPLE_EVERY_MS) return false;
    if (sampledAt.size >= SAMPLES_OF_A_SHADOW) sampledAt.clear();
    sampledAt.set(key, now);
    return true;
  }

  sample(shadow: BookedShadow, sample: ShadowSample): void {
    const page = this.#pageOf(shadow);
    const isLike = ({ hook, kinds }: ShadowSample) =>
      hook === sample.hook && kinds.join() === sample.kinds.join();
    const alike = page.samples.filter(isLike);
    const oldest = alike.length < SAMPLES_OF_A_KIND ? undefined : alike.at(-1);
    page.samples = [sample, ...page.samples.filter((each) => each !== oldest)].slice(0, SAMPLES_OF_A_SHADOW);
  }

  read(versionOf: (shadow: string) => string): ShadowReport[] {
    return [...this.#pages.values()].map(({ shadow: { name, policy, from }, hooks, samples }) => ({
      ...{ name, policy, from, version: versionOf(name), samples },
      hooks: [...hooks].map(
        ([hook, { kinds, ...counts }]): ShadowCounts => ({ hook, ...counts, kinds: [...kinds] }),
      ),
    }));
  }

  /** Of shadows of versions that are on their way, what there was since it was last asked. */
  takeTallies(): ShadowTally[] {
    return [...this.#pages.values()].flatMap((page) => {
      const { tally } = page;
      page.tally = { ...tally, calls: 0, differs: 0 };
      return tally.calls === 0 ? [] : [tally];
    });
  }

  /** It is there, and has done nothing yet. */
  open(shadow: BookedShadow): void {
    this.#pageOf(shadow);
  }

  #pageOf(shadow: BookedShadow): Page {
    let page = this.#pages.get(shadow.name);
    if (page === undefined) {
      const [first] = this.#pages.keys();
      if (this.#pages.size >= MAX_SHADOWS && first !== undefined) this.#pages.delete(first);
      const { name, policy, from, isCanary } = shadow;
      page = {
        shadow: { name, policy, from, isCanary },
        hooks: new Map(),
        samples: [],
        sampledAt: new Map(),
        told: { version: "", news: new Set() },
        tally: { policy, version: "", calls: 0, differs: 0 },
      };
      this.#pages.set(name, page);
    }
    return page;
  }
}

function countsOf({ hooks }: Page, hook: HookName): Counts {
  let counts = hooks.get(hook);
  if (counts === undefined) {
    counts = { same: 0, differs: 0, failed: 0, lost: 0, kinds: new Map() };
    hooks.set(hook, counts);
  }
  return counts;
}

function count(page: Page, version: string, isOther: boolean): void {
  const { tally } = page;
  const { calls, differs } = tally.version === version ? tally : { calls: 0, differs: 0 };
  page.tally = { ...tally, version, calls: calls + 1, differs: differs + (isOther ? 1 : 0) };
}

function isNews(page: Page, version: string, news: string): boolean {
  if (page.told.version !== version) page.told = { version, news: new Set() };
  if (page.told.news.has(news)) return false;
  page.told.news.add(news);
  return true;
}
