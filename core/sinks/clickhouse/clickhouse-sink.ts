import { type ClickhouseTarget, readSecret } from "../../config/index.ts";
import { postToSink } from "../http-post.ts";
import type { Sink, SinkRecord } from "../sink.ts";

/** What makes the table; docs/sinks.md shows it. Of what is there twice, merges leave one. */
export function clickhouseSchema({ table, keepMs }: Pick<ClickhouseTarget, "table" | "keepMs">): string {
  const ttl = keepMs === 0 ? "" : `\nTTL time + INTERVAL ${Math.ceil(keepMs / 1000)} SECOND`;
  return `CREATE TABLE IF NOT EXISTS ${table} (
  node String,
  run String,
  seq UInt64,
  time DateTime,
  ms Float64,
  kind String,
  session String,
  route String,
  record String
) ENGINE = ReplacingMergeTree() PARTITION BY toDate(time) ORDER BY (node, run, seq)${ttl}`;
}

/** Codes of errors that a batch has in itself: it cannot be parsed, or is of other types. */
const REFUSED: ReadonlySet<number> = new Set([26, 27, 33, 53, 117, 130]);

/** Rows of a table, over ClickHouse's HTTP interface. */
export function createClickhouseSink(target: ClickhouseTarget): Sink {
  const { url, database, user, password, table, create } = target;
  let headers: Readonly<Record<string, string>> = {};

  return {
    async open(signal) {
      headers = {
        ...(user !== undefined && { "X-ClickHouse-User": user }),
        ...(password !== undefined && { "X-ClickHouse-Key": readSecret(password) }),
      };
      await run(create ? clickhouseSchema(target) : `EXISTS TABLE ${table}`, "", signal);
    },
    async write(records, signal) {
      await run(`INSERT INTO ${table} FORMAT JSONEachRow`, records.map(toRow).join("\n"), signal);
    },
    close: async () => {},
  };

  async function run(query: string, body: string, signal: AbortSignal): Promise<void> {
    const asked = new URL(url);
    asked.searchParams.set("database", database);
    asked.searchParams.set("query", query);
    await postToSink({ url: asked.href, headers, body, signal, judge });
  }
}

function judge(status: number, text: string) {
  const code = Number(/^Code: (\d+)/.exec(text)?.[1] ?? 0);
  return { isRefused: REFUSED.has(code), problem: text === "" ? `it answered ${status}` : text };
}

function toRow({ node, run, seq, time, kind, session, route, json }: SinkRecord): string {
  const row = { node, run, seq, time: Math.floor(time / 1000), ms: time, kind, session, route, record: json };
  return JSON.stringify(row);
}
