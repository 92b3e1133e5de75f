import type { TrafficFilter, TrafficRecord } from "../../../core/traffic/records.ts";
import { compileFilter } from "../../../core/traffic/store/record-filter.ts";

/** One page, as `GET /api/v1/traffic` gives it. */
export function find(
  records: readonly TrafficRecord[],
  query: URLSearchParams,
): { records: TrafficRecord[]; hasMore: boolean } {
  const {
    before,
    after,
    limit = "100",
    ...rest
  } = Object.fromEntries(query) as Record<string, string | undefined>;
  const filter = Object.fromEntries(
    Object.entries(rest).map(([name, value]) => [
      name,
      ["opcode", "status", "from", "to"].includes(name) ? Number(value) : value,
    ]),
  ) as TrafficFilter;
  const { fits } = compileFilter(filter);
  const found: TrafficRecord[] = [];
  const most = Number(limit);
  const step = after === undefined ? -1 : 1;
  let index =
    after === undefined
      ? Math.min(records.length, Math.ceil(Number(before ?? records.length + 1)) - 1) - 1
      : Number(after);
  for (; index >= 0 && index < records.length; index += step) {
    const record = records[index]!;
    if (!fits(record)) continue;
    if (found.length === most) return { records: found, hasMore: true };
    found.push(record);
  }
  return { records: found, hasMore: false };
}
