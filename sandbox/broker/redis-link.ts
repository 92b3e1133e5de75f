import type { RedisClientType } from "@redis/client";
import { CapabilityError } from "./errors.ts";
import { advanceLink, type LinkEvent, NEW_LINK } from "./link-state.ts";
import { type SilenceWatch, watchSilence } from "./silence-watch.ts";

export interface RedisLinkOptions {
  /** Once for each time that the connection is lost, or cannot be had from the beginning. */
  onLost(reason: string): void;
  /** The connection is there, after `onLost`. */
  onBack(): void;
}

/** A connection to Redis that comes again when it is lost. */
export interface RedisLink {
  /** Rejects with a CapabilityError when there is no connection, or it is lost before the answer. */
  run<T>(command: (client: RedisClientType) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** One connection, from its attempt to its end. A command is sent on one of them, and never again. */
interface Attempt {
  readonly client: RedisClientType;
  readonly silence: SilenceWatch;
  settled?: Promise<unknown>;
  isOver: boolean;
}

/** A server that lets whoever waits wait for so long, for a connection or an answer, is taken for one that is gone. */
const PATIENCE_MS = 3000;
/** What was given up while it was being dialled is over by then; a timer of a socket also counts what this process was held up. */
const MAX_DIAL_MS = 10_000;
const MAX_QUEUE = 16_384;

/** Connects in the background. */
export async function openRedisLink(url: string, { onLost, onBack }: RedisLinkOptions): Promise<RedisLink> {
  // Nearly 500 files, which a process without Redis need not load.
  const { createClient } = await import("@redis/client");
  let state = NEW_LINK;
  let retry: NodeJS.Timeout | undefined;
  let current = connect();

  function connect(): Attempt {
    const client: RedisClientType = createClient({
      url,
      commandsQueueMaxLength: MAX_QUEUE,
      // The next attempt is a client of its own: none has commands, or half an answer, of one before it.
      socket: { connectTimeout: MAX_DIAL_MS, reconnectStrategy: false },
    });
    const silence = watchSilence(PATIENCE_MS, () => lose(`it gave no answer for ${PATIENCE_MS} ms`));
    const attempt: Attempt = { client, silence, isOver: false };
    const lose = (reason: string) => {
      if (attempt.isOver) return;
      endAttempt(attempt);
      advance("lost", reason);
    };
    client.on("error", (error: Error) => lose(withoutUrl(error.message)));
    client.on("connect", () => {
      // What was given up while it was being dialled has its socket only now.
      if (attempt.isOver) client.destroy();
    });
    client.on("ready", () => {
      silence.end();
      if (!attempt.isOver) advance("ready");
    });
    silence.begin();
    attempt.settled = client.connect().catch((error: Error) => lose(withoutUrl(error.message)));
    return attempt;
  }

  function advance(event: LinkEvent, reason = ""): void {
    const step = advanceLink(state, event);
    state = step.state;
    if (step.tell === "lost") onLost(reason);
    if (step.tell === "back") onBack();
    if (step.retryInMs !== undefined)
      retry = setTimeout(() => {
        current = connect();
      }, step.retryInMs);
  }

  return {
    async run(command) {
      if (state.type === "down") throw unreachable();
      const attempt = current;
      attempt.silence.begin();
      try {
        return await command(attempt.client);
      } catch (error) {
        throw attempt.isOver ? unreachable(error) : error;
      } finally {
        attempt.silence.end();
      }
    },
    async close() {
      clearTimeout(retry);
      endAttempt(current);
      await current.settled;
    },
  };
}

function endAttempt(attempt: Attempt): void {
  attempt.isOver = true;
  attempt.silence.close();
  // Rejects what waits for an answer.
  attempt.client.destroy();
}

function unreachable(cause?: unknown): CapabilityError {
  return new CapabilityError("Error", "kv: no connection to Redis", { cause });
}

/** A URL may hold a password. */
export function withoutUrl(message: string): string {
  return message.replaceAll(/rediss?:\/\/\S+/g, "(url)");
}
