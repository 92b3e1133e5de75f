import type { RedisConnection } from "./connection.ts";
import type { Outage } from "./outage.ts";
import { openServerLink, type ServerLink } from "./server-link.ts";
import type { Topology } from "./topology.ts";

export interface Subscription {
  onMessage(message: string): void;
  /** From now on nothing is missed: at the beginning, and each time that the connection is back. */
  onActive?(): void;
}

export interface RedisSubscriber {
  /** @returns ends it */
  subscribe(channel: string, subscription: Subscription): () => void;
  close(): Promise<void>;
}

const PART = "messages";

/** A connection of its own, from the first subscription on: a flood of messages then holds up no command. */
export function createSubscriber(topology: Topology, outage: Outage): RedisSubscriber {
  const channels = new Map<string, Set<Subscription>>();
  /** Those of the connection that there is now. */
  const active = new Set<string>();
  let link: ServerLink | undefined;
  let current: RedisConnection | undefined;

  function open(): ServerLink {
    return openServerLink({
      connect: topology.connectAny,
      onReady(connection) {
        current = connection;
        void beginAll(connection);
      },
      onLost(reason) {
        current = undefined;
        active.clear();
        outage.lose(PART, reason);
      },
    });
  }

  async function beginAll(connection: RedisConnection): Promise<void> {
    const begun = await Promise.all([...channels.keys()].map((channel) => begin(connection, channel)));
    if (begun.every(Boolean)) outage.recover(PART);
  }

  async function begin(connection: RedisConnection, channel: string): Promise<boolean> {
    try {
      await connection.subscribe(channel, (message) => {
        for (const { onMessage } of channels.get(channel) ?? []) onMessage(message);
      });
    } catch (error) {
      // A user that may not, for example: whoever has lost the connection has said so.
      if (connection === current) outage.lose(PART, (error as Error).message);
      return false;
    }
    if (connection !== current) return false;
    active.add(channel);
    for (const { onActive } of channels.get(channel) ?? []) onActive?.();
    return true;
  }

  return {
    subscribe(channel, subscription) {
      link ??= open();
      const known = channels.get(channel);
      channels.set(channel, (known ?? new Set()).add(subscription));
      if (active.has(channel)) queueMicrotask(() => subscription.onActive?.());
      else if (known === undefined && current !== undefined) void begin(current, channel);
      return () => {
        const all = channels.get(channel);
        if (!all?.delete(subscription) || all.size > 0) return;
        channels.delete(channel);
        active.delete(channel);
        current?.unsubscribe(channel).catch(() => {});
      };
    },
    async close() {
      await link?.close();
    },
  };
}
