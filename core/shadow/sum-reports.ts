import { SAMPLES_OF_A_SHADOW } from "./shadow-book.ts";
import type { ShadowCounts, ShadowReport, ShadowSample } from "./shadow-report.ts";

/** One report a shadow, of those of several processes. */
export function sumReports(reports: readonly ShadowReport[]): ShadowReport[] {
  return [...Map.groupBy(reports, ({ name }) => name).values()].flatMap((parts) => {
    const [first] = parts;
    if (first === undefined) return [];
    const { name, policy, from } = first;
    const version = parts.find((part) => part.version !== "")?.version ?? "";
    const samples = parts
      .flatMap((part) => part.samples)
      .sort(byAge)
      .slice(0, SAMPLES_OF_A_SHADOW);
    return [{ name, policy, from, version, hooks: sumHooks(parts.flatMap(({ hooks }) => hooks)), samples }];
  });
}

function byAge(one: ShadowSample, other: ShadowSample): number {
  return other.time - one.time;
}

function sumHooks(hooks: readonly ShadowCounts[]): ShadowCounts[] {
  return [...Map.groupBy(hooks, ({ hook }) => hook).values()].map((parts) =>
    parts.reduce((sum, part) => ({
      hook: sum.hook,
      same: sum.same + part.same,
      differs: sum.differs + part.differs,
      failed: sum.failed + part.failed,
      lost: sum.lost + part.lost,
      kinds: sumKinds([...sum.kinds, ...part.kinds]),
    })),
  );
}

function sumKinds(kinds: ShadowCounts["kinds"]): ShadowCounts["kinds"] {
  const sums = new Map<string, number>();
  for (const [kind, count] of kinds) sums.set(kind, (sums.get(kind) ?? 0) + count);
  return [...sums];
}
