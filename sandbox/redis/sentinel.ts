import {
  type ConnectionEnd,
  type ConnectionSettings,
  connectRedis,
  type RedisConnection,
} from "./connection.ts";
import { firstAnswer, nameOf } from "./first-answer.ts";
import type { RedisAddress } from "./place.ts";
import { openServerLink } from "./server-link.ts";

export interface SentinelOptions {
  readonly servers: readonly [RedisAddress, ...RedisAddress[]];
  /** What they call the primary. */
  readonly primary: string;
  /** Of connections to the sentinels themselves. */
  readonly settings: ConnectionSettings;
}

export interface Sentinels {
  /**
   * A connection to the primary that sentinels name, which is lost when they name another one. One of them may not know yet
   * of another primary, and a server that was the primary may not know yet that it is none: so each is asked, and the
   * server has to agree.
   */
  connectPrimary(settings: ConnectionSettings, end: ConnectionEnd): Promise<RedisConnection>;
  close(): Promise<void>;
}

interface Candidate {
  readonly name: string;
  readonly opened: Promise<RedisConnection>;
  readonly closing: AbortController;
}

const ASK = ["SENTINEL", "GET-MASTER-ADDR-BY-NAME"];

export function openSentinels({ servers, primary, settings }: SentinelOptions): Sentinels {
  /** What ends each connection to a primary, by where it leads. */
  const ends = new Map<() => void, string>();
  let turn = 0;
  // A primary that is replaced while it is well goes on as one for some seconds, and counts what is then forgotten.
  const watch = openServerLink({
    connect: (end) => connectRedis(servers[turn++ % servers.length] ?? servers[0], settings, end),
    onReady: (sentinel) => void follow(sentinel),
    onLost: () => {},
  });

  async function follow(sentinel: RedisConnection): Promise<void> {
    try {
      await sentinel.subscribe("+switch-master", (message) => {
        const [name, , , host, port] = message.split(" ");
        if (name === primary) leave(`${host}:${port}`);
      });
      leave(nameOf(await askPrimary(sentinel, primary)));
    } catch {
      // Whoever connects to the primary says what is wrong with sentinels.
    }
  }

  function leave(newest: string): void {
    for (const [end, name] of ends) if (name !== newest) end();
  }

  return {
    async connectPrimary(own, end) {
      const candidates = new Map<string, Candidate>();
      let chosen: Candidate | undefined;

      function candidateAt(address: RedisAddress): Candidate {
        const name = nameOf(address);
        const known = candidates.get(name);
        if (known !== undefined) return known;
        const closing = new AbortController();
        const signal = AbortSignal.any([end.signal, closing.signal]);
        const opened = connectRedis(address, own, { signal, onLost: end.onLost }).then(requirePrimary);
        const candidate = { name, opened, closing };
        candidates.set(name, candidate);
        return candidate;
      }

      try {
        const connection = await firstAnswer(servers, { settings, signal: end.signal }, async (sentinel) => {
          const candidate = candidateAt(await askPrimary(sentinel, primary));
          const opened = await candidate.opened;
          chosen ??= candidate;
          return opened;
        });
        const leaveIt = () => end.onLost("the sentinels name another primary");
        ends.set(leaveIt, chosen?.name ?? "");
        end.signal.addEventListener("abort", () => ends.delete(leaveIt));
        return connection;
      } finally {
        for (const candidate of candidates.values()) if (candidate !== chosen) candidate.closing.abort();
      }
    },
    close: watch.close,
  };
}

async function askPrimary(sentinel: RedisConnection, primary: string): Promise<RedisAddress> {
  const answer = await sentinel.send([...ASK, primary]);
  const [host, port] = Array.isArray(answer) ? answer : [];
  if (host === undefined) throw new Error(`it knows no primary ${primary}`);
  return { host: String(host), port: Number(port) };
}

async function requirePrimary(connection: RedisConnection): Promise<RedisConnection> {
  const role = await connection.send(["ROLE"]);
  if (Array.isArray(role) && role[0] === "master") return connection;
  throw new Error("the server that it names is a replica");
}
