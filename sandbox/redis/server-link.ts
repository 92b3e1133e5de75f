import type { ConnectionEnd, RedisConnection, RedisReply } from "./connection.ts";
import { isReply, lost } from "./errors.ts";
import { advanceLink, type LinkEvent, NEW_LINK, spreadPause } from "./link-state.ts";

/** A connection to one server, which comes again when it is lost. */
export interface ServerLink {
  /** Waits for the first attempt; when there is no connection it rejects at once. Rejects with a RedisError. */
  send(command: readonly string[], ahead?: readonly string[]): Promise<RedisReply>;
  isUp(): boolean;
  close(): Promise<void>;
}

export interface ServerLinkOptions {
  /** Finds the server, and connects. */
  connect(end: ConnectionEnd): Promise<RedisConnection>;
  /** Each time that there is a connection. */
  onReady(connection: RedisConnection): void;
  /** Once for each time that it is lost, or cannot be had from the beginning; `onReady` follows when it is back. */
  onLost(reason: string): void;
}

/** One connection, from its attempt to its end. */
interface Attempt {
  readonly opened: Promise<RedisConnection>;
  connection?: RedisConnection;
  readonly closing: AbortController;
  isOver: boolean;
}

export function openServerLink({ connect, onReady, onLost }: ServerLinkOptions): ServerLink {
  let state = NEW_LINK;
  let retry: NodeJS.Timeout | undefined;
  let current = attempt();

  function attempt(): Attempt {
    const closing = new AbortController();
    const onEnd = (reason: string) => lose(own, reason);
    const opened = connect({ onLost: onEnd, signal: closing.signal });
    const own: Attempt = { opened, closing, isOver: false };
    opened.then(
      (connection) => {
        if (own.isOver) return;
        own.connection = connection;
        advance("ready");
        onReady(connection);
      },
      (error: Error) => onEnd(error.message),
    );
    return own;
  }

  function lose(attempt: Attempt, reason: string): void {
    if (attempt.isOver) return;
    end(attempt);
    advance("lost", reason);
  }

  function end(attempt: Attempt): void {
    attempt.isOver = true;
    attempt.closing.abort();
  }

  function advance(event: LinkEvent, reason = ""): void {
    const step = advanceLink(state, event);
    state = step.state;
    if (step.tell === "lost") onLost(reason);
    if (step.retryInMs !== undefined)
      retry = setTimeout(
        () => {
          current = attempt();
        },
        spreadPause(step.retryInMs, Math.random()),
      );
  }

  return {
    async send(command, ahead) {
      if (state.type === "down") throw lost();
      const own = current;
      try {
        return await (own.connection ?? (await own.opened)).send(command, ahead);
      } catch (error) {
        // Its primary is another one by now: the next attempt finds that.
        if (isReply(error, "READONLY")) lose(own, "the server is a replica now");
        throw error;
      }
    },
    isUp: () => state.type === "up",
    async close() {
      clearTimeout(retry);
      end(current);
      await current.opened.catch(() => {});
    },
  };
}
