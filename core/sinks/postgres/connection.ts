import type { Client, ClientConfig } from "pg";
import type { PostgresTarget } from "../../config/index.ts";
import { readSecret } from "../../secrets.ts";
import { SinkError } from "../errors.ts";

/** One connection. Queries reject with a SinkError that names the server, and what to do. */
export interface PostgresConnection {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** For values that are wrong: ERR_SINK_REFUSED. */
  close(): Promise<void>;
  readonly isOpen: boolean;
}

/** A statement that takes longer is ended, by the server. */
const STATEMENT_TIMEOUT_MS = 30_000;
const CONNECT_TIMEOUT_MS = 10_000;

/** Reads the password anew: it may have been changed. */
export async function connectPostgres(target: PostgresTarget): Promise<PostgresConnection> {
  const { default: pg } = await import("pg");
  let isOpen = true;
  const client: Client = new pg.Client(toOptions(target));
  // It says so of queries too; without a listener it would end the process.
  client.on("error", () => {
    isOpen = false;
  });
  client.on("end", () => {
    isOpen = false;
  });
  await client.connect().catch((error: unknown) => {
    throw wordError(error, target);
  });

  return {
    get isOpen() {
      return isOpen;
    },
    async query<Row extends object>(sql: string, values: readonly unknown[] = []) {
      try {
        const { rows } = await client.query<Row>(sql, [...values]);
        return rows;
      } catch (error) {
        throw wordError(error, target);
      }
    },
    async close() {
      isOpen = false;
      await client.end().catch(() => {}); // it is gone already
    },
  };
}

function toOptions({ host, port, user, database, password, tls }: PostgresTarget): ClientConfig {
  return {
    ...{ host, port, user, database },
    ...(password !== undefined && { password: readSecret(password) }),
    ssl: typeof tls === "boolean" ? tls : { ...tls, rejectUnauthorized: tls.verify },
    application_name: "framegate",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    query_timeout: STATEMENT_TIMEOUT_MS + 1000,
    keepAlive: true,
  };
}

function wordError(error: unknown, target: PostgresTarget): SinkError {
  const { user, host, port, database } = target;
  const { code = "", message } = error as { readonly code?: string; readonly message: string };
  const isRefused = code.startsWith("22") || code.startsWith("23");
  return new SinkError(
    isRefused ? "ERR_SINK_REFUSED" : "ERR_SINK",
    `${user}@${host}:${port}/${database}: ${message}${adviceFor(code, target)}`,
    { cause: error },
  );
}

/** By SQLSTATE (PostgreSQL's documentation, appendix A). */
function adviceFor(code: string, { table, user }: PostgresTarget): string {
  switch (code) {
    case "28P01":
    case "28000":
      return ": see the sink's `password`, and the server's pg_hba.conf";
    case "42501":
      return `: the user needs GRANT SELECT, INSERT, UPDATE, DELETE ON ${table} TO ${user}, and to make the table CREATE on its schema`;
    case "42P01":
      return ": make the table as docs/sinks.md has it, or let `create` be true";
    case "42703":
      return `: ${table} is another table than docs/sinks.md has: name another`;
    case "3D000":
      return ": make the database, or name another in `url`";
    case "53100":
      return ": the server's disk is full";
    default:
      return "";
  }
}
