import type { TrafficRecord } from "../traffic/records.ts";
import type { TrafficStore } from "../traffic/store/store.ts";
import type { KeptSession } from "./explain-session.ts";

/** Of a session that went on for long: what people can read. */
export const MOST_EXPLAINED_RECORDS = 10_000;

const PAGE_RECORDS = 1000;

/**
 * What is kept of a session: of one that went on for long the newest records, and its upgrade.
 *
 * @param most records
 */
export async function readSession(
  traffic: Pick<TrafficStore, "query">,
  session: string,
  most: number,
): Promise<KeptSession> {
  const found: TrafficRecord[] = [];
  let before: number | undefined;
  for (;;) {
    const limit = Math.min(PAGE_RECORDS, most - found.length);
    const page = await traffic.query({ session, limit, ...(before !== undefined && { before }) });
    found.push(...page.records);
    before = page.records.at(-1)?.seq;
    if (before === undefined || !page.hasMore) return { session, records: found.reverse(), hasMore: false };
    if (found.length >= most) break;
  }
  const { records } = await traffic.query({ session, kind: "upgrade", limit: 1 });
  const isThere = found.some(({ kind }) => kind === "upgrade");
  return { session, records: [...(isThere ? [] : records), ...found.reverse()], hasMore: true };
}
