import type { SessionFacts, TrafficRecord } from "../../core/traffic/records.ts";
import type { ApiClient, PageQuery } from "./api.ts";
import type { Kind } from "./row-list.ts";

export interface MergedPage {
  /** Oldest first. */
  readonly records: readonly TrafficRecord[];
  readonly hasMore: boolean;
  readonly sessions: Readonly<Record<string, SessionFacts>>;
}

/**
 * One page of several kinds: the API finds one kind at a time. Where one kind has more to come, records of the others
 * beyond its last are left for the next page, so that none is passed over.
 */
export async function readMerged(
  api: Pick<ApiClient, "traffic">,
  kinds: readonly Kind[],
  query: PageQuery,
): Promise<MergedPage> {
  const pages = await Promise.all(kinds.map((kind) => api.traffic({ ...query, kind })));
  const isForward = query.after !== undefined;
  const bounds = pages.filter(({ hasMore }) => hasMore).map(({ records }) => records.at(-1)?.seq ?? 0);
  const isWithin = ({ seq }: TrafficRecord) =>
    isForward ? bounds.every((bound) => seq <= bound) : bounds.every((bound) => seq >= bound);
  const records = pages.flatMap((page) => page.records).filter(isWithin);
  const sessions = Object.assign({}, ...pages.map((page) => page.sessions)) as MergedPage["sessions"];
  return { records: records.sort((a, b) => a.seq - b.seq), hasMore: bounds.length > 0, sessions };
}
