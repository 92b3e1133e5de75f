import { openCluster } from "./cluster.ts";
import {
  type ConnectionEnd,
  type ConnectionSettings,
  connectRedis,
  type RedisReply,
  type ServerTls,
} from "./connection.ts";
import { type Outage, type OutageListener, watchOutage } from "./outage.ts";
import { parseRedisUrl, type RedisAddress, type RedisPlace } from "./place.ts";
import { type RedisScript, runRedisScript, type ScriptInput } from "./script.ts";
import { openSentinels } from "./sentinel.ts";
import { openSingle } from "./single.ts";
import { createSubscriber, type Subscription } from "./subscriber.ts";
import type { Topology } from "./topology.ts";

export interface RedisLogin {
  readonly user?: string;
  readonly password?: string;
}

/** `onLost`: once for each time that a connection is lost, or cannot be had from the beginning; `onBack`: all are there again. */
export interface RedisLinkOptions extends OutageListener {
  readonly url: string;
  /** In place of that of the URL. */
  readonly login?: RedisLogin;
  /** For sentinels, which have users of their own. Default: none. */
  readonly sentinelLogin?: RedisLogin;
  /** Where the URL asks for TLS. Default: the system's certificates. */
  readonly tls?: ServerTls;
}

/**
 * Redis of whatever kind, over connections that come again when they are lost. A command is sent once: one whose answer
 * was lost may have been carried out, and whoever has sent it knows best what follows. All reject with a RedisError: at
 * once while there is no connection, and in a few seconds when a server gives no answer.
 */
export interface RedisLink {
  /** @param command if it has a key, that is its second word, as in `GET key` */
  run(command: readonly [string, ...string[]]): Promise<RedisReply>;
  script(script: RedisScript, input: ScriptInput): Promise<RedisReply>;
  publish(channel: string, message: string): Promise<void>;
  /** Messages that are published while the connection is lost are lost. @returns ends it */
  subscribe(channel: string, subscription: Subscription): () => void;
  /** Whether all that there is of it can be had. */
  isUp(): boolean;
  close(): Promise<void>;
}

const SYSTEM_TLS: ServerTls = { verify: true, minVersion: "TLSv1.2", maxVersion: "TLSv1.3" };

/** Connects in the background. */
export function openRedisLink(options: RedisLinkOptions): RedisLink {
  const place = parseRedisUrl(options.url);
  if (place === undefined) throw new Error("Expected the URL of Redis to be one that parseRedisUrl knows");
  const outage = watchOutage(options);
  const topology = openTopology(place, options, outage);
  const subscriber = createSubscriber(topology, outage);
  return {
    run: (command) => topology.send(command, command[1]),
    script: (script, input) => runRedisScript(topology, script, input),
    async publish(channel, message) {
      await topology.send(["PUBLISH", channel, message]);
    },
    subscribe: subscriber.subscribe,
    isUp: () => topology.isUp() && outage.isOver(),
    async close() {
      await Promise.all([subscriber.close(), topology.close()]);
    },
  };
}

function openTopology(place: RedisPlace, options: RedisLinkOptions, outage: Outage): Topology {
  const { servers, database } = place;
  const tls = place.tls && { tls: options.tls ?? SYSTEM_TLS };
  const { user, password } = { user: place.user, password: place.password, ...options.login };
  const settings: ConnectionSettings = { user, password, database, ...tls };
  switch (place.kind) {
    case "single": {
      const [server] = servers as [RedisAddress];
      return openSingle((end: ConnectionEnd) => connectRedis(server, settings, end), outage);
    }
    case "sentinel": {
      const own = { ...options.sentinelLogin, database: 0, ...tls };
      const sentinels = openSentinels({
        servers: servers as [RedisAddress, ...RedisAddress[]],
        primary: place.primary as string,
        settings: own,
      });
      const single = openSingle((end) => sentinels.connectPrimary(settings, end), outage);
      return {
        ...single,
        async close() {
          await Promise.all([single.close(), sentinels.close()]);
        },
      };
    }
    case "cluster":
      return openCluster(servers, settings, outage);
  }
}
