import { createSecureContext } from "node:tls";
import type { TargetConfig, UpstreamConfig, UpstreamTlsConfig } from "../config/index.ts";
import type { GoneSignal } from "../net/gone-signal.ts";
import type { OwnAddresses } from "../net/own-addresses.ts";
import { type Balancer, createBalancer } from "./balance/balancer.ts";
import { createLatency, type Latency } from "./balance/latency.ts";
import { createTargetHealth, type HealthChange, type TargetHealth } from "./balance/target-health.ts";
import { createWaitingLine, type Schedule, type WaitingLine } from "./balance/waiting-line.ts";
import type { Transport } from "./dial/connect.ts";
import { createDnsCache, type LookupAll } from "./dial/dns-cache.ts";
import { UpstreamError } from "./dial/errors.ts";

/** A refused connection must not look like a fast answer. */
const FAILURE_COUNTS_AS_MS = 1_000;

export interface UpstreamParts {
  now(): number;
  readonly schedule: Schedule;
  readonly lookupAll?: LookupAll;
  /** Where no connection may lead. */
  readonly own: OwnAddresses;
  onHealthChange(upstream: string, target: string, change: "up" | "down", reason: string): void;
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

/** A place at a server, held from the dial to the end of the session, or of a plain request's answer. */
export interface ServerPlace {
  readonly server: Server;
  /** The server answered the handshake, whatever it said. */
  succeed(handshakeMs: number): void;
  fail(reason: string, afterMs: number): void;
  /** May be called more than once. */
  release(): void;
}

interface MutableServer extends Server {
  config: TargetConfig;
  active: number;
}

/** One upstream in one worker: who gets the next connection, who is healthy, who waits. Does no I/O. */
export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #line: WaitingLine<ServerPlace>;
  #config: UpstreamConfig;
  #servers: readonly MutableServer[] = [];
  #balancer: Balancer;
  #transport: Transport;
  #drained: (target: string) => boolean = () => false;

  constructor(config: UpstreamConfig, parts: UpstreamParts) {
    this.#parts = parts;
    this.#line = createWaitingLine(parts.schedule);
    this.#config = config;
    this.#balancer = createBalancer(config.balance.kind);
    this.#transport = createTransport(config, parts);
    this.#servers = config.targets.map((target) => this.#createServer(target));
  }

  get config(): UpstreamConfig {
    return this.#config;
  }

  get servers(): readonly Server[] {
    return this.#servers;
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Take a new config; servers that stay keep their connections and their health. */
  update(config: UpstreamConfig): void {
    if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
    const before = new Map(this.#servers.map((server) => [server.key, server]));
    this.#config = config;
    this.#balancer = createBalancer(config.balance.kind);
    this.#transport = createTransport(config, this.#parts);
    this.#servers = config.targets.map((target) => {
      const server = before.get(keyOf(target));
      if (server === undefined) return this.#createServer(target);
      server.config = target;
      return server;
    });
    this.#line.offer();
  }

  /** These get no new connections; those that they have stay. */
  drain(isDrained: (target: string) => boolean): void {
    this.#drained = isDrained;
    this.#line.offer();
  }

  isDrained(target: string): boolean {
    return this.#drained(target);
  }

  /** A place at a server, when there is room at once or in time. @throws UpstreamError when there is not */
  async enter(hashKey: string | undefined, signal: GoneSignal): Promise<ServerPlace> {
    if (this.#servers.every(({ config }) => this.#drained(config.url)))
      throw new UpstreamError("ERR_UPSTREAM_DRAINED", `upstream "${this.#config.name}": it is being drained`);
    const take = (): ServerPlace | undefined => this.take(new Set(), hashKey);
    const place = this.#line.length === 0 ? take() : undefined;
    if (place !== undefined) return place;
    const { name, queue, maxConnections } = this.#config;
    const result = await this.#line.wait(take, queue, signal);
    if (typeof result !== "string") return result;
    if (result === "aborted") {
      throw new UpstreamError("ERR_UPSTREAM_ABORTED", `upstream "${name}": the client has gone`);
    }
    const why =
      result === "full"
        ? `queue.size (${queue.size}) connections wait already`
        : `no room within queue.timeout (${queue.timeoutMs} ms)`;
    const full = `upstream "${name}": every server has its maxConnections (${maxConnections})`;
    throw new UpstreamError("ERR_UPSTREAM_BUSY", `${full}, and ${why}`);
  }

  /**
   * A place at another server, if one has room now.
   *
   * Healthy servers of the lowest priority number go first. When none is healthy all count as healthy: a wrong verdict
   * about all of them must not be an outage. One that is drained has none, whatever the others are: somebody wants it so.
   */
  take(tried: ReadonlySet<Server>, hashKey: string | undefined): ServerPlace | undefined {
    const left = this.#servers.filter((server) => !tried.has(server) && !this.#drained(server.config.url));
    const healthy = left.filter(({ health }) => health.isHealthy());
    const pool = healthy.length > 0 ? healthy : left;
    const first = Math.min(...pool.map(({ config }) => config.priority));
    const { maxConnections } = this.#config;
    const open = pool.filter(
      ({ config, active }) => config.priority === first && (maxConnections === -1 || active < maxConnections),
    );
    const candidates = open.map((server) => ({
      server,
      key: server.key,
      weight: server.config.weight,
      share: server.health.share(),
      active: server.active,
      latencyMs: server.latency.ms,
    }));
    const picked = this.#balancer.pick(candidates, hashKey);
    return picked && this.#occupy(picked.server);
  }

  /** Whether one of its servers at least is to be had, as far as is known. */
  get isHealthy(): boolean {
    return this.#servers.some(({ health }) => health.isHealthy());
  }

  /** What an active check has found. */
  check(server: Server, isGood: boolean, reason: string): void {
    this.#tell(server, server.health.check(isGood), reason);
    if (isGood) this.#line.offer();
  }

  #occupy(server: MutableServer): ServerPlace {
    server.active++;
    let isHeld = true;
    return {
      server,
      succeed: (handshakeMs) => {
        server.latency.record(handshakeMs);
        this.#tell(server, server.health.succeed(), "it answers");
      },
      fail: (reason, afterMs) => {
        server.latency.record(Math.max(afterMs, FAILURE_COUNTS_AS_MS));
        this.#tell(server, server.health.fail(), reason);
      },
      release: () => {
        if (!isHeld) return;
        isHeld = false;
        server.active--;
        this.#line.offer();
      },
    };
  }

  #createServer(config: TargetConfig): MutableServer {
    const { now } = this.#parts;
    const health = createTargetHealth(() => this.#config.health, now);
    const at = { name: this.#config.name, target: config.url };
    return { key: keyOf(config), at, config, health, latency: createLatency(now), active: 0 };
  }

  #tell(server: Server, change: HealthChange, reason: string): void {
    if (change !== undefined)
      this.#parts.onHealthChange(this.#config.name, server.config.url, change, reason);
  }
}

function keyOf({ url, socket = "" }: TargetConfig): string {
  return socket === "" ? url : `${url} ${socket}`;
}

function createTransport(config: UpstreamConfig, { now, lookupAll, own }: UpstreamParts): Transport {
  const { tls, dnsMaxAgeMs, proxy } = config;
  return {
    ...(tls !== undefined && { tls: createTls(tls) }),
    lookup: createDnsCache(dnsMaxAgeMs, now, lookupAll),
    own,
    ...(proxy !== undefined && { proxy }),
  };
}

function createTls({ servername, verify, ...files }: UpstreamTlsConfig): NonNullable<Transport["tls"]> {
  return { secureContext: createSecureContext(files), servername, verify };
}
