import type { RedisClientType } from "@redis/client";
import { lost, RedisError } from "./errors.ts";
import type { RedisAddress } from "./place.ts";
import { watchSilence } from "./silence-watch.ts";

export type RedisReply =
  | null
  | string
  | number
  | boolean
  | readonly RedisReply[]
  | { readonly [key: string]: RedisReply };

/** TLS to a server, with the files' contents: the key is a secret. */
export interface ServerTls {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly verify: boolean;
  readonly minVersion: "TLSv1.2" | "TLSv1.3";
  readonly maxVersion: "TLSv1.2" | "TLSv1.3";
  readonly ciphers?: string;
}

/** How all connections of one kind are made. */
export interface ConnectionSettings {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  /** Absent: none. */
  readonly tls?: ServerTls;
}

/** From the first answer to its end. A command is sent on one of them, and never again. */
export interface RedisConnection {
  /** Rejects with a RedisError. @param ahead is sent directly before it */
  send(command: readonly string[], ahead?: readonly string[]): Promise<RedisReply>;
  subscribe(channel: string, onMessage: (message: string) => void): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
}

export interface ConnectionEnd {
  /** Once, when it is lost: a reason without a password. */
  onLost(reason: string): void;
  /** Ends it. */
  readonly signal: AbortSignal;
}

/** A server that lets whoever waits wait for so long, for a connection or an answer, is taken for one that is gone. */
export const PATIENCE_MS = 3000;
/** A network that is cut says nothing: somebody has to ask. */
const PING_EVERY_MS = 1000;
/** What was given up while it was being dialled is over by then; a timer of a socket also counts what this process was held up. */
const MAX_DIAL_MS = 10_000;
const MAX_QUEUE = 16_384;

/** Resolves when commands can be sent; rejects with a RedisError (`ERR_REDIS_LOST`) that has the reason. */
export async function connectRedis(
  address: RedisAddress,
  settings: ConnectionSettings,
  { onLost, signal }: ConnectionEnd,
): Promise<RedisConnection> {
  // Nearly 500 files, which a process without Redis need not load.
  const { createClient, ErrorReply } = await import("@redis/client");
  const client: RedisClientType = createClient({
    username: settings.user,
    password: settings.password,
    database: settings.database,
    commandsQueueMaxLength: MAX_QUEUE,
    // They need rights that nothing else needs.
    disableClientInfo: true,
    maintNotifications: "disabled",
    // The next attempt is a client of its own: none has commands, or half an answer, of one before it.
    socket: { ...address, ...tlsOf(settings.tls), connectTimeout: MAX_DIAL_MS, reconnectStrategy: false },
  });
  const begun = Promise.withResolvers<void>();
  let isReady = false;
  let isOver = false;
  let pings: NodeJS.Timeout | undefined;
  const silence = watchSilence(PATIENCE_MS, () => end(`it gave no answer for ${PATIENCE_MS} ms`));

  function end(reason: string): void {
    if (isOver) return;
    isOver = true;
    silence.close();
    clearInterval(pings);
    signal.removeEventListener("abort", abort);
    // Rejects what waits for an answer.
    client.destroy();
    if (isReady) onLost(reason);
    else begun.reject(new RedisError("ERR_REDIS_LOST", reason));
  }

  function abort(): void {
    end("it has been closed");
  }

  function describe({ message, code }: NodeJS.ErrnoException): string {
    const text = message === "" ? String(code) : message;
    return (settings.password ? text.replaceAll(settings.password, "(password)") : text).slice(0, 200);
  }

  function toRedisError(error: unknown): RedisError {
    if (isOver) return lost(error);
    const message = describe(error as Error);
    if (!(error instanceof ErrorReply)) return new RedisError("ERR_REDIS_BUSY", message, { cause: error });
    const code = message.includes("OOM command not allowed") ? "ERR_REDIS_FULL" : "ERR_REDIS_REFUSED";
    return new RedisError(code, message, { cause: error });
  }

  async function wait<T>(answer: () => Promise<T>): Promise<T> {
    silence.begin();
    try {
      return await answer();
    } catch (error) {
      throw toRedisError(error);
    } finally {
      silence.end();
    }
  }

  client.on("error", (error: Error) => end(describe(error)));
  client.on("connect", () => {
    // What was given up while it was being dialled has its socket only now.
    if (isOver) client.destroy();
  });
  client.on("ready", () => {
    if (isOver) return;
    isReady = true;
    begun.resolve();
  });
  signal.addEventListener("abort", abort);
  if (signal.aborted) abort();
  silence.begin();
  const settled = client.connect().catch((error: Error) => end(describe(error)));
  try {
    await begun.promise;
  } catch (error) {
    await settled;
    throw error;
  } finally {
    silence.end();
  }
  // Whatever it answers is an answer.
  pings = setInterval(() => wait(() => client.sendCommand(["PING"])).catch(() => {}), PING_EVERY_MS);
  return {
    send: (command, ahead) =>
      wait(async () => {
        const before = ahead && client.sendCommand(ahead);
        const [reply] = await Promise.all([client.sendCommand<RedisReply>(command), before]);
        return reply;
      }),
    subscribe: (channel, onMessage) => wait(() => client.subscribe(channel, onMessage)),
    unsubscribe: (channel) => wait(() => client.unsubscribe(channel)),
  };
}

function tlsOf(tls: ServerTls | undefined) {
  if (tls === undefined) return {};
  const { verify, ...rest } = tls;
  return { tls: true as const, rejectUnauthorized: verify, ...rest };
}
