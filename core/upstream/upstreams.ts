import type { UpstreamConfig } from "../config/index.ts";
import { type AllowList, createAllowList } from "./allow-list.ts";
import type { Transport } from "./dial/connect.ts";
import { createHealthChecks } from "./health-checks.ts";
import { type ServerName, Upstream, type UpstreamParts } from "./upstream.ts";

/** All upstreams of one worker, as the plan that runs has them. */
export interface Upstreams {
  /**
   * @param named those that a policy may name
   * @param ofRoutes what each route has as its upstream
   * @param drained what gets no new connections: an upstream, or the server of it with this URL
   * @param ofMirrors what gets copies: no policy's word leads there
   */
  update(
    named: readonly UpstreamConfig[],
    ofRoutes: readonly (string | UpstreamConfig)[],
    drained?: readonly { readonly upstream: string; readonly target?: string }[],
    ofMirrors?: readonly (string | UpstreamConfig)[],
  ): void;
  /** Undefined: the server is none of an upstream's. */
  isDrained(server: ServerName | undefined): boolean;
  /** What runs for a config of the plan. */
  of(config: UpstreamConfig): Upstream;
  /** What a policy names in its `connect`. */
  named(name: string): Upstream | undefined;
  /** What is asked when an upstream cannot be had; undefined: nothing. Tells of it. @param reason why */
  standIn(upstream: Upstream, reason: string): Upstream | undefined;
  readonly allowList: AllowList;
  /** How a server is reached that is a URL and no upstream. */
  readonly plainTransport: Transport;
  health(): readonly ServerHealth[];
  /** End the active checks. */
  close(): void;
}

export interface ServerHealth {
  readonly upstream: string;
  readonly target: string;
  readonly isHealthy: boolean;
}

export interface UpstreamsParts extends UpstreamParts {
  /** Another upstream is asked in place of one that cannot be had. */
  onFailover(upstream: string, to: string, reason: string): void;
}

export function createUpstreams({ onFailover, ...parts }: UpstreamsParts): Upstreams {
  const running = new Map<string, Upstream>();
  const names = new Set<string>();
  const checks = createHealthChecks();
  let allowList = createAllowList([]);

  return {
    update(named, ofRoutes, drained = [], ofMirrors = []) {
      const configs = [...named, ...[...ofRoutes, ...ofMirrors].filter((each) => typeof each !== "string")];
      const wanted = new Set(configs.map(({ name }) => name));
      for (const name of running.keys()) if (!wanted.has(name)) running.delete(name);
      for (const config of configs) of(config).update(config);
      for (const [name, upstream] of running) {
        const here = drained.filter((each) => each.upstream === name);
        upstream.drain((url) => here.some(({ target }) => target === undefined || target === url));
      }
      names.clear();
      for (const { name } of named) names.add(name);
      allowList = createAllowList([...named, ...ofRoutes]);
      checks.update([...running.values()]);
    },
    of,
    isDrained: (server) =>
      server !== undefined && running.get(server.name)?.isDrained(server.target) === true,
    named: (name) => (names.has(name) ? running.get(name) : undefined),
    standIn({ config: { name, onFailure } }, reason) {
      const other = onFailure === undefined ? undefined : running.get(onFailure);
      if (other !== undefined) onFailover(name, other.config.name, reason);
      return other;
    },
    get allowList() {
      return allowList;
    },
    plainTransport: { own: parts.own },
    health() {
      return [...running.values()].flatMap(({ config, servers }) =>
        servers.map(({ config: { url }, health }) => ({
          upstream: config.name,
          target: url,
          isHealthy: health.isHealthy(),
        })),
      );
    },
    close: () => checks.close(),
  };

  function of(config: UpstreamConfig): Upstream {
    let upstream = running.get(config.name);
    if (upstream === undefined) {
      upstream = new Upstream(config, parts);
      running.set(config.name, upstream);
    }
    return upstream;
  }
}
