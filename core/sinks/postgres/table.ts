/** What makes the table; docs/sinks.md shows it. */
export function tableSchema(table: string): readonly string[] {
  const name = table.slice(table.indexOf(".") + 1);
  return [
    `CREATE TABLE IF NOT EXISTS ${table} (
  id bigint GENERATED ALWAYS AS IDENTITY,
  node text NOT NULL,
  run text NOT NULL,
  seq bigint NOT NULL,
  time timestamptz NOT NULL,
  kind text NOT NULL,
  session text NOT NULL,
  route text NOT NULL,
  record jsonb NOT NULL,
  PRIMARY KEY (node, run, seq)
)`,
    `CREATE UNIQUE INDEX IF NOT EXISTS ${name}_by_id ON ${table} (id)`,
    `CREATE INDEX IF NOT EXISTS ${name}_by_session ON ${table} (session, id)`,
    `CREATE INDEX IF NOT EXISTS ${name}_by_route ON ${table} (route, id)`,
    `CREATE INDEX IF NOT EXISTS ${name}_by_node ON ${table} (node, id)`,
    `CREATE INDEX IF NOT EXISTS ${name}_by_time ON ${table} (time)`,
  ];
}

/**
 * `$1` is a JSON array of records. One gateway at a time: ids, which readers page by, become visible in their order then.
 */
export function insertRecords(table: string): string {
  return `WITH turn AS MATERIALIZED (SELECT pg_advisory_xact_lock(hashtext('${table}')))
INSERT INTO ${table} (node, run, seq, time, kind, session, route, record)
SELECT record->>'node', record->>'run', (record->>'seq')::bigint, to_timestamp((record->>'time')::float8 / 1000),
  record->>'kind', record->>'session', record->>'route', record
FROM turn, jsonb_array_elements($1::jsonb) WITH ORDINALITY AS given (record, place)
ORDER BY place
ON CONFLICT DO NOTHING`;
}

/** `$1` is an age in milliseconds, `$2` how many at most. Gateways that do it at once take different ones. */
export function deleteOld(table: string): string {
  return `DELETE FROM ${table} WHERE id IN (
  SELECT id FROM ${table} WHERE time < now() - $1 * interval '1 millisecond' LIMIT $2 FOR UPDATE SKIP LOCKED
) RETURNING 1`;
}
