import type { Client, ClientConfig } from "pg";
import { type PostgresTarget, readSecret } from "../../config/index.ts";
import { SinkError } from "../errors.ts";

/** One connection. Queries reject with a SinkError that names the server, and what to do. */
export interface PostgresConnection {
  query<Row extends object>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** For values that are wrong: ERR_SINK_REFUSED. */
  close(): Promise<void>;
  readonly isOpen: boolean;
}

export interface ConnectionPatience {
  /** A statement that takes longer is ended, by the server. */
  readonly statementMs: number;
  /** So long it may wait for a lock; 0: as long as it may take. */
  readonly lockMs: number;
}

const PATIENCE: ConnectionPatience = { statementMs: 30_000, lockMs: 0 };
const CONNECT_TIMEOUT_MS = 10_000;

/** Reads the password anew: it may have been changed. */
export async function connectPostgres(
  target: PostgresTarget,
  patience = PATIENCE,
): Promise<PostgresConnection> {
  const { default: pg } = await import("pg");
  let isOpen = true;
  const client: Client = new pg.Client(toOptions(target, patience));
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
        // The server has not said so: nobody knows whether it is there, and where in its answers it is.
        if (!(error instanceof pg.DatabaseError)) void close();
        throw wordError(error, target);
      }
    },
    close,
  };

  async function close(): Promise<void> {
    isOpen = false;
    await client.end().catch(() => {}); // it is gone already
  }
}

function toOptions(
  { host, port, user, database, password, tls }: PostgresTarget,
  { statementMs, lockMs }: ConnectionPatience,
): ClientConfig {
  return {
    ...{ host, port, user, database },
    ...(password !== undefined && { password: readSecret(password) }),
    ssl: typeof tls === "boolean" ? tls : { ...tls, rejectUnauthorized: tls.verify },
    application_name: "framegate",
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...(lockMs > 0 && { lock_timeout: lockMs }),
    statement_timeout: statementMs,
    query_timeout: statementMs + 1000,
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
    case "55P03":
      return `: somebody has locked ${table}`;
    case "3D000":
      return ": make the database, or name another in `url`";
    case "53100":
      return ": the server's disk is full";
    default:
      return "";
  }
}
