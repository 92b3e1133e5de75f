import type { PostgresTarget } from "../../config/index.ts";
import { SinkError } from "../errors.ts";
import { type ConnectionPatience, connectPostgres, type PostgresConnection } from "./connection.ts";

/** One connection for all who ask, made when it is needed: one query after the other. */
export interface SharedConnection {
  /** @throws SinkError */
  query<Row extends object>(sql: string, values: readonly unknown[]): Promise<readonly Row[]>;
  close(): void;
}

interface Turn {
  ask(connection: PostgresConnection): Promise<void>;
  reject(error: unknown): void;
}

const MOST_WAITING = 100;

export function createSharedConnection(
  target: PostgresTarget,
  patience?: ConnectionPatience,
): SharedConnection {
  const waiting: Turn[] = [];
  let connection: PostgresConnection | undefined;
  let isWorking = false;
  let isClosed = false;

  return {
    query<Row extends object>(sql: string, values: readonly unknown[]) {
      const answer = Promise.withResolvers<readonly Row[]>();
      const { resolve, reject } = answer;
      if (isClosed) reject(notRead());
      else if (waiting.length >= MOST_WAITING) reject(new SinkError("ERR_SINK", "too many ask at once"));
      else waiting.push({ reject, ask: (open) => open.query<Row>(sql, values).then(resolve, reject) });
      if (!isWorking) void work();
      return answer.promise;
    },
    close() {
      isClosed = true;
      void connection?.close();
    },
  };

  async function work(): Promise<void> {
    isWorking = true;
    for (let turn = waiting.shift(); turn !== undefined; turn = waiting.shift()) {
      try {
        await turn.ask(await connect());
      } catch (error) {
        // Each of the others would wait as long for the same.
        for (const { reject } of [turn, ...waiting.splice(0)]) reject(error);
      }
    }
    isWorking = false;
  }

  async function connect(): Promise<PostgresConnection> {
    if (!isClosed && connection?.isOpen !== true) connection = await connectPostgres(target, patience);
    if (connection !== undefined && !isClosed) return connection;
    await connection?.close();
    throw notRead();
  }
}

function notRead(): SinkError {
  return new SinkError("ERR_SINK", "it is read no more");
}
