import { createSecureContext } from "node:tls";
import type { UpstreamConfig, UpstreamTlsConfig } from "../config/index.ts";
import { CappedCount } from "../leases/caps/capped-count.ts";
import { capKey } from "../leases/caps/places.ts";
import { type Soon, whenThere } from "../leases/caps/soon.ts";
import type { GoneSignal } from "../net/gone-signal.ts";
import type { OwnAddresses } from "../net/own-addresses.ts";
import type { HealthChange } from "./balance/target-health.ts";
import { createWaitingLine, type Schedule, type WaitingLine } from "./balance/waiting-line.ts";
import type { Transport } from "./dial/connect.ts";
import { createDnsCache, type LookupAll } from "./dial/dns-cache.ts";
import { UpstreamError } from "./dial/errors.ts";
import { type ChoiceParts, type CountedServer, type Server, ServerChoice } from "./server-choice.ts";

/** A refused connection must not look like a fast answer. */
const FAILURE_COUNTS_AS_MS = 1_000;

export interface UpstreamParts extends ChoiceParts {
  readonly schedule: Schedule;
  readonly lookupAll?: LookupAll;
  /** Where no connection may lead. */
  readonly own: OwnAddresses;
  onHealthChange(upstream: string, target: string, change: "up" | "down", reason: string): void;
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

/** One upstream in one worker: who gets the next connection, who is healthy, who waits. Does no I/O. */
export class Upstream {
  readonly #parts: UpstreamParts;
  readonly #line: WaitingLine<ServerPlace>;
  /** Those in line, over all processes. */
  readonly #queued: CappedCount;
  readonly #choice: ServerChoice;
  #config: UpstreamConfig;
  #transport: Transport;

  constructor(config: UpstreamConfig, parts: UpstreamParts) {
    this.#parts = parts;
    this.#line = createWaitingLine(parts.schedule);
    this.#queued = new CappedCount(parts.places, capKey("machine", "queue", parts.counted, config.name));
    this.#choice = new ServerChoice(config, parts);
    this.#config = config;
    this.#transport = createTransport(config, parts);
  }

  get config(): UpstreamConfig {
    return this.#config;
  }

  get servers(): readonly Server[] {
    return this.#choice.servers;
  }

  get transport(): Transport {
    return this.#transport;
  }

  /** Take a new config; servers that stay keep their connections and their health. */
  update(config: UpstreamConfig): void {
    if (JSON.stringify(config) === JSON.stringify(this.#config)) return;
    this.#config = config;
    this.#transport = createTransport(config, this.#parts);
    this.#choice.update(config);
    this.#offer();
  }

  /** These get no new connections; those that they have stay. */
  drain(isDrained: (target: string) => boolean): void {
    this.#choice.drain(isDrained);
    this.#offer();
  }

  isDrained(target: string): boolean {
    return this.#choice.isDrained(target);
  }

  /** A place at a server, when there is room at once or in time. @throws UpstreamError when there is not */
  enter(hashKey: string | undefined, signal: GoneSignal): Soon<ServerPlace> {
    if (this.servers.every(({ config }) => this.isDrained(config.url)))
      throw new UpstreamError("ERR_UPSTREAM_DRAINED", `upstream "${this.#config.name}": it is being drained`);
    const free = this.#line.length === 0 ? this.take(noServers, hashKey) : undefined;
    return whenThere(free, (place) => place ?? this.#waitForPlace(hashKey, signal));
  }

  async #waitForPlace(hashKey: string | undefined, signal: GoneSignal): Promise<ServerPlace> {
    const result = await this.#wait(hashKey, signal);
    if (typeof result !== "string") return result;
    const { name, queue, maxConnections } = this.#config;
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

  /** A place at another server, if one has room now. */
  take(tried: ReadonlySet<Server>, hashKey: string | undefined): Soon<ServerPlace | undefined> {
    const server = this.#choice.pick(tried, hashKey, (room) => room !== "none");
    if (server === undefined) return undefined;
    return whenThere(server.count.enter(), (isIn) =>
      isIn ? this.#occupy(server) : this.take(new Set([...tried, server]), hashKey),
    );
  }

  /** Whether one of its servers at least is to be had, as far as is known. */
  get isHealthy(): boolean {
    return this.servers.some(({ health }) => health.isHealthy());
  }

  /** What an active check has found. */
  check(server: Server, isGood: boolean, reason: string): void {
    this.#tell(server, server.health.check(isGood), reason);
    if (isGood) this.#offer();
  }

  /** In line, if there is room in that. */
  async #wait(
    hashKey: string | undefined,
    signal: GoneSignal,
  ): Promise<ServerPlace | "full" | "timeout" | "aborted"> {
    const { queue } = this.#config;
    this.#queued.limit(queue.size);
    if (queue.size === 0) return "full";
    const entered = this.#queued.enter();
    if (!(entered instanceof Promise ? await entered : entered)) return "full";
    // What has come free for who waits here is here.
    const take = (): ServerPlace | undefined => {
      const server = this.#choice.pick(noServers, hashKey, (room) => room === "some");
      return server?.count.enter() === true ? this.#occupy(server) : undefined;
    };
    const waiting = this.#line.wait(take, queue, signal);
    this.#expect();
    const result = await waiting;
    this.#queued.leave();
    this.#expect();
    return result;
  }

  /** There may be room, or other servers whose turn it is. */
  #offer(): void {
    this.#line.offer();
    this.#expect();
  }

  /** Who waits here is to get what comes free at a server whose turn it is, in the order of those who wait anywhere. */
  #expect(): void {
    const first = this.#choice.first(noServers);
    for (const server of this.#choice.servers) {
      const count = first.includes(server) ? this.#line.length : 0;
      server.count.expect(count, () => this.#line.offer());
    }
  }

  #occupy(server: CountedServer): ServerPlace {
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
        server.count.leave();
      },
    };
  }

  #tell(server: Server, change: HealthChange, reason: string): void {
    if (change !== undefined)
      this.#parts.onHealthChange(this.#config.name, server.config.url, change, reason);
  }
}

const noServers: ReadonlySet<Server> = new Set();

function createTransport(config: UpstreamConfig, { now, lookupAll, own }: UpstreamParts): Transport {
  const { name, tls, dnsMaxAgeMs, proxy } = config;
  return {
    upstream: name,
    ...(tls !== undefined && { tls: createTls(tls) }),
    lookup: createDnsCache(dnsMaxAgeMs, now, lookupAll),
    own,
    ...(proxy !== undefined && { proxy: { url: proxy, proxyOf: name } }),
  };
}

function createTls({ servername, verify, ...files }: UpstreamTlsConfig): NonNullable<Transport["tls"]> {
  return { secureContext: createSecureContext(files), servername, verify };
}
