import type { TrafficPage } from "../../../traffic/records.ts";
import type { TrafficStore } from "../../../traffic/store/store.ts";

/** Records, and what their sessions' upgrades have said: a frame alone does not tell whose it is. */
export async function withSessions<Page extends Pick<TrafficPage, "records">>(
  traffic: TrafficStore,
  page: Page,
) {
  const ids = new Set(page.records.map(({ session }) => session));
  return { ...page, records: [...page.records], sessions: Object.fromEntries(await traffic.facts(ids)) };
}
