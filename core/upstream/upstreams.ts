import type { UpstreamConfig } from "../config/index.ts";
import { type AllowList, createAllowList } from "./allow-list.ts";
import type { Transport } from "./dial/connect.ts";
import { createHealthChecks } from "./health-checks.ts";
import type { ServerName } from "./server-choice.ts";
import type { Upstream, UpstreamParts } from "./upstream.ts";
import { type DrainedUpstream, UpstreamSet } from "./upstream-set.ts";

/** How servers are found for a connection. */
export interface UpstreamWays {
  /** What runs for a config of the plan. */
  of(config: UpstreamConfig): Upstream;
  /** What a policy names in its `connect`. */
  named(name: string): Upstream | undefined;
  /** What is asked when an upstream cannot be had; undefined: nothing. Tells of it. @param reason why */
  standIn(upstream: Upstream, reason: string): Upstream | undefined;
  readonly allowList: AllowList;
  /** How a server is reached that is a URL and no upstream. */
  readonly plainTransport: Transport;
}

/** All upstreams of one worker, as the plan that runs has them. */
export interface Upstreams extends UpstreamWays {
  /**
   * @param named those that a policy may name
   * @param ofRoutes what each route has as its upstream
   * @param drained what gets no new connections
   */
  update(
    named: readonly UpstreamConfig[],
    ofRoutes: readonly (string | UpstreamConfig)[],
    drained?: readonly DrainedUpstream[],
  ): void;
  /** Undefined: the server is none of an upstream's. */
  isDrained(server: ServerName | undefined): boolean;
  /** The ways of copies: what they take of a server, and what they find of its health, is no matter of the clients'. */
  readonly ofMirrors: UpstreamWays;
  health(): readonly ServerHealth[];
  /** End the active checks. */
  close(): void;
}

export interface ServerHealth {
  readonly upstream: string;
  readonly target: string;
  readonly isHealthy: boolean;
}

export interface UpstreamsParts extends Omit<UpstreamParts, "counted"> {
  /** Another upstream is asked in place of one that cannot be had. */
  onFailover(upstream: string, to: string, reason: string): void;
}

export function createUpstreams({ onFailover, ...parts }: UpstreamsParts): Upstreams {
  const running = new UpstreamSet({ ...parts, counted: "clients" });
  const mirrored = new UpstreamSet({ ...parts, counted: "mirrors", onHealthChange() {} });
  const names = new Set<string>();
  const checks = createHealthChecks();
  let allowList = createAllowList([]);
  const plainTransport = { own: parts.own };

  return {
    update(named, ofRoutes, drained = []) {
      const configs = [...named, ...ofRoutes.filter((each) => typeof each !== "string")];
      running.update(configs, drained);
      for (const config of configs) running.of(config);
      mirrored.update(configs, drained);
      names.clear();
      for (const { name } of named) names.add(name);
      allowList = createAllowList([...named, ...ofRoutes]);
      checks.update(running.all());
    },
    of: (config) => running.of(config),
    isDrained: (server) =>
      server !== undefined && running.find(server.name)?.isDrained(server.target) === true,
    named: (name) => (names.has(name) ? running.find(name) : undefined),
    standIn({ config: { name, onFailure } }, reason) {
      const other = onFailure === undefined ? undefined : running.find(onFailure);
      if (other !== undefined) onFailover(name, other.config.name, reason);
      return other;
    },
    get allowList() {
      return allowList;
    },
    plainTransport,
    ofMirrors: {
      of: (config) => mirrored.of(config),
      named: () => undefined,
      standIn({ config: { onFailure } }) {
        const other = onFailure === undefined ? undefined : running.find(onFailure);
        return other && mirrored.of(other.config);
      },
      get allowList() {
        return allowList;
      },
      plainTransport,
    },
    health() {
      return running.all().flatMap(({ config, servers }) =>
        servers.map(({ config: { url }, health }) => ({
          upstream: config.name,
          target: url,
          isHealthy: health.isHealthy(),
        })),
      );
    },
    close: () => checks.close(),
  };
}
