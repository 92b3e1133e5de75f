import type { ConnectionEnd, RedisConnection, RedisReply } from "./connection.ts";

/** Where commands go, whatever kind of Redis it is. */
export interface Topology {
  /** @param key decides which node of a cluster it goes to; absent: any */
  send(command: readonly string[], key?: string): Promise<RedisReply>;
  /** A connection of its own to any server that gets what is published. */
  connectAny(end: ConnectionEnd): Promise<RedisConnection>;
  isUp(): boolean;
  close(): Promise<void>;
}
