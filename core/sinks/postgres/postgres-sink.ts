import type { PostgresTarget } from "../../config/index.ts";
import { SinkError } from "../errors.ts";
import type { Sink } from "../sink.ts";
import { connectPostgres, type PostgresConnection } from "./connection.ts";
import { deleteOld, insertRecords, tableSchema } from "./table.ts";

/** So often what is too old is looked for; at once again where there was more. */
const TIDY_MS = 60_000;
const TIDY_ROWS = 10_000;

/** Rows of a table. What is given again is there already, by node, run and number. */
export function createPostgresSink(
  target: PostgresTarget,
  steadyNow: () => number = () => performance.now(),
): Sink {
  const { table, create, keepMs } = target;
  const insert = insertRecords(table);
  let connection: PostgresConnection | undefined;
  let tidyAt = Number.NEGATIVE_INFINITY;

  return {
    async open() {
      await release();
      const opened = await connectPostgres(target);
      connection = opened;
      if (create && !(await isThere(opened)))
        // Two gateways that begin at once would both find none: one of them is told so, and tries again.
        for (const statement of tableSchema(table)) await opened.query(statement);
      await tidy(opened);
    },
    async write(records) {
      if (connection?.isOpen !== true)
        throw new SinkError("ERR_SINK", `${target.host}: the connection has been closed`);
      await connection.query(insert, [`[${records.map(({ json }) => json).join(",")}]`]);
      await tidy(connection);
    },
    close: release,
  };

  async function isThere(opened: PostgresConnection): Promise<boolean> {
    const [row] = await opened.query<{ found: string | null }>("SELECT to_regclass($1)::text AS found", [
      table,
    ]);
    return typeof row?.found === "string";
  }

  async function tidy(opened: PostgresConnection): Promise<void> {
    if (keepMs === 0 || steadyNow() < tidyAt) return;
    const gone = await opened.query(deleteOld(table), [keepMs, TIDY_ROWS]);
    if (gone.length < TIDY_ROWS) tidyAt = steadyNow() + TIDY_MS;
  }

  async function release(): Promise<void> {
    const released = connection;
    connection = undefined;
    await released?.close();
  }
}
