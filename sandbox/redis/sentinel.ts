import {
  type ConnectionEnd,
  type ConnectionSettings,
  connectRedis,
  type RedisConnection,
} from "./connection.ts";
import { firstAnswer, nameOf } from "./first-answer.ts";
import type { RedisAddress } from "./place.ts";

export interface Sentinels {
  readonly servers: readonly RedisAddress[];
  /** What they call the primary. */
  readonly primary: string;
  /** Those of the sentinels themselves. */
  readonly settings: ConnectionSettings;
}

/**
 * A connection to the primary that sentinels name. One of them may not know yet of another primary, and a server that
 * was the primary may not know yet that it is none: so each is asked, and the server has to agree.
 */
export async function connectPrimary(
  { servers, primary, settings }: Sentinels,
  ownSettings: ConnectionSettings,
  end: ConnectionEnd,
): Promise<RedisConnection> {
  const candidates = new Map<string, Candidate>();
  let chosen: Candidate | undefined;

  function candidateAt(address: RedisAddress): Candidate {
    const name = nameOf(address);
    const known = candidates.get(name);
    if (known !== undefined) return known;
    const closing = new AbortController();
    const signal = AbortSignal.any([end.signal, closing.signal]);
    const opened = connectRedis(address, ownSettings, { signal, onLost: end.onLost }).then(requirePrimary);
    const candidate = { opened, closing };
    candidates.set(name, candidate);
    return candidate;
  }

  try {
    return await firstAnswer(servers, { settings, signal: end.signal }, async (sentinel) => {
      const answer = await sentinel.send(["SENTINEL", "GET-MASTER-ADDR-BY-NAME", primary]);
      const [host, port] = Array.isArray(answer) ? answer : [];
      if (host === undefined) throw new Error(`it knows no primary ${primary}`);
      const candidate = candidateAt({ host: String(host), port: Number(port) });
      const connection = await candidate.opened;
      chosen ??= candidate;
      return connection;
    });
  } finally {
    for (const candidate of candidates.values()) if (candidate !== chosen) candidate.closing.abort();
  }
}

interface Candidate {
  readonly opened: Promise<RedisConnection>;
  readonly closing: AbortController;
}

async function requirePrimary(connection: RedisConnection): Promise<RedisConnection> {
  const role = await connection.send(["ROLE"]);
  if (Array.isArray(role) && role[0] === "master") return connection;
  throw new Error("the server that it names is a replica");
}
