import type { TrafficFilter, TrafficRecord } from "../../../core/traffic/records.ts";

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
  const found: TrafficRecord[] = [];
  const most = Number(limit);
  const step = after === undefined ? -1 : 1;
  let index =
    after === undefined
      ? Math.min(records.length, Math.ceil(Number(before ?? records.length + 1)) - 1) - 1
      : Number(after);
  for (; index >= 0 && index < records.length; index += step) {
    const record = records[index]!;
    if (!fits(record, filter)) continue;
    if (found.length === most) return { records: found, hasMore: true };
    found.push(record);
  }
  return { records: found, hasMore: false };
}

export function fits(record: TrafficRecord, filter: TrafficFilter): boolean {
  if (filter.kind !== undefined && record.kind !== filter.kind) return false;
  if (filter.session !== undefined && record.session !== filter.session) return false;
  if (filter.route !== undefined && record.route !== filter.route) return false;
  if (filter.from !== undefined && record.time < filter.from) return false;
  if (filter.origin !== undefined && (record.kind !== "frame" || record.origin !== filter.origin))
    return false;
  if (filter.opcode !== undefined && (record.kind !== "frame" || record.opcode !== filter.opcode))
    return false;
  if (
    filter.outcome !== undefined &&
    ((record.kind !== "frame" && record.kind !== "hook") || record.outcome !== filter.outcome)
  )
    return false;
  if (filter.status !== undefined && (record.kind !== "upgrade" || record.status !== filter.status))
    return false;
  if (filter.policy !== undefined) {
    const has =
      record.kind === "close" || record.kind === "hook"
        ? record.policy === filter.policy
        : record.steps.some(({ policy }) => policy === filter.policy);
    if (!has) return false;
  }
  return (
    filter.text === undefined || JSON.stringify(record).toLowerCase().includes(filter.text.toLowerCase())
  );
}
