import type { TrafficQuery } from "../../traffic/records.ts";

export interface SqlQuery {
  readonly sql: string;
  readonly values: readonly unknown[];
}

/** The first record of each session, if that is its upgrade: of one whose beginning is gone nothing is known. */
export function selectUpgrades(table: string, sessions: readonly string[]): SqlQuery {
  return {
    sql: `SELECT first.id, first.record FROM unnest($1::text[]) AS wanted (session), LATERAL (
  SELECT id, kind, record FROM ${table} WHERE session = wanted.session ORDER BY id LIMIT 1
) AS first WHERE first.kind = 'upgrade'`,
    values: [sessions],
  };
}

/** Newest first, or with `after` oldest first. All of the filter but `text`, which is for the caller. */
export function selectRecords(table: string, query: TrafficQuery): SqlQuery {
  const {
    before,
    after,
    limit,
    kind,
    session,
    route,
    node,
    origin,
    opcode,
    status,
    policy,
    outcome,
    from,
    to,
  } = query;
  const values: unknown[] = [];
  const conditions: string[] = [];
  const add = (value: unknown, condition: (place: string) => string): void => {
    if (value !== undefined) conditions.push(condition(`$${values.push(value)}`));
  };
  add(before, (place) => `id < ${place}`);
  add(after, (place) => `id > ${place}`);
  add(kind, (place) => `kind = ${place}`);
  add(session, (place) => `session = ${place}`);
  add(route, (place) => `route = ${place}`);
  add(node, (place) => `node = ${place}`);
  add(from, (place) => `time >= to_timestamp(${place}::float8 / 1000)`);
  add(to, (place) => `time <= to_timestamp(${place}::float8 / 1000)`);
  add(origin, (place) => `kind = 'frame' AND record->>'origin' = ${place}`);
  add(opcode, (place) => `kind = 'frame' AND (record->>'opcode')::float8 = ${place}::float8`);
  add(outcome, (place) => `kind IN ('frame', 'hook') AND record->>'outcome' = ${place}`);
  add(status, (place) => `kind IN ('upgrade', 'request') AND (record->>'status')::float8 = ${place}::float8`);
  add(
    policy,
    (place) =>
      `CASE WHEN kind IN ('close', 'hook') THEN record->>'policy' = ${place}
        ELSE record->'steps' @> jsonb_build_array(jsonb_build_object('policy', ${place}::text)) END`,
  );
  const where =
    conditions.length === 0 ? "" : ` WHERE ${conditions.map((each) => `(${each})`).join(" AND ")}`;
  const order = after === undefined ? "DESC" : "ASC";
  return {
    sql: `SELECT id, record FROM ${table}${where} ORDER BY id ${order} LIMIT $${values.push(limit)}`,
    values,
  };
}
