import type { TargetConfig, UpstreamConfig } from "../config/index.ts";
import { CappedCount } from "../leases/caps/capped-count.ts";
import { type CapPlaces, capKey, type Vacancy } from "../leases/caps/places.ts";
import { type Balancer, createBalancer } from "./balance/balancer.ts";
import { createLatency, type Latency } from "./balance/latency.ts";
import { createTargetHealth, type TargetHealth } from "./balance/target-health.ts";

export interface ChoiceParts {
  now(): number;
  readonly places: CapPlaces;
  /** Whose connections count together: those of clients, or the copies of mirrors. */
  readonly counted: "clients" | "mirrors";
}

/** Which server of which upstream: for who looks for the sessions there. */
export interface ServerName {
  readonly name: string;
  /** Its URL. */
  readonly target: string;
}

/** One server of an upstream, as a worker sees it. Its key names it across reloads. */
export interface Server {
  readonly key: string;
  readonly at: ServerName;
  readonly config: TargetConfig;
  readonly health: TargetHealth;
  readonly latency: Latency;
  readonly active: number;
}

/** With what it has of the places there. */
export interface CountedServer extends Server {
  readonly count: CappedCount;
}

interface MutableServer extends CountedServer {
  config: TargetConfig;
}

/** The servers of one upstream, and whose turn it is among them. */
export class ServerChoice {
  readonly #parts: ChoiceParts;
  #config: UpstreamConfig;
  #servers: readonly MutableServer[];
  #balancer: Balancer;
  #drained: (target: string) => boolean = () => false;

  constructor(config: UpstreamConfig, parts: ChoiceParts) {
    this.#parts = parts;
    this.#config = config;
    this.#balancer = createBalancer(config.balance.kind);
    this.#servers = config.targets.map((target) => this.#createServer(target));
  }

  get servers(): readonly CountedServer[] {
    return this.#servers;
  }

  /** Servers that stay keep their connections and their health. */
  update(config: UpstreamConfig): void {
    const before = new Map(this.#servers.map((server) => [server.key, server]));
    this.#config = config;
    this.#balancer = createBalancer(config.balance.kind);
    this.#servers = config.targets.map((target) => {
      const server = before.get(keyOf(target));
      if (server === undefined) return this.#createServer(target);
      before.delete(server.key);
      server.config = target;
      limit(server.count, config);
      return server;
    });
    for (const gone of before.values()) gone.count.expect(0, () => {});
  }

  /** These get no new connections; those that they have stay. */
  drain(isDrained: (target: string) => boolean): void {
    this.#drained = isDrained;
  }

  isDrained(target: string): boolean {
    return this.#drained(target);
  }

  /** The next of those whose turn it is. */
  pick(
    tried: ReadonlySet<Server>,
    hashKey: string | undefined,
    isOpen: (room: Vacancy) => boolean,
  ): CountedServer | undefined {
    const candidates = this.first(tried)
      .filter(({ count }) => isOpen(count.room))
      .map((server) => ({
        server,
        key: server.key,
        weight: server.config.weight,
        share: server.health.share(),
        active: server.active,
        latencyMs: server.latency.ms,
      }));
    return this.#balancer.pick(candidates, hashKey)?.server;
  }

  /**
   * Those whose turn it is, whether there is room or not.
   *
   * Healthy servers of the lowest priority number go first. When none is healthy all count as healthy: a wrong verdict
   * about all of them must not be an outage. One that is drained has none, whatever the others are: somebody wants it so.
   */
  first(tried: ReadonlySet<Server>): readonly CountedServer[] {
    const left = this.#servers.filter((server) => !tried.has(server) && !this.#drained(server.config.url));
    const healthy = left.filter(({ health }) => health.isHealthy());
    const pool = healthy.length > 0 ? healthy : left;
    const first = Math.min(...pool.map(({ config }) => config.priority));
    return pool.filter(({ config }) => config.priority === first);
  }

  #createServer(config: TargetConfig): MutableServer {
    const { now, places, counted } = this.#parts;
    const { name } = this.#config;
    const key = keyOf(config);
    const count = new CappedCount(places, capKey("fleet", "server", counted, name, key));
    limit(count, this.#config);
    return {
      key,
      at: { name, target: config.url },
      config,
      health: createTargetHealth(() => this.#config.health, now),
      latency: createLatency(now),
      count,
      get active() {
        return count.active;
      },
    };
  }
}

function limit(count: CappedCount, { maxConnections, onStoreLoss }: UpstreamConfig): void {
  count.limit(Math.max(0, maxConnections), onStoreLoss);
}

function keyOf({ url, socket = "" }: TargetConfig): string {
  return socket === "" ? url : `${url} ${socket}`;
}
