import type { UpstreamConfig } from "../config/index.ts";
import { Upstream, type UpstreamParts } from "./upstream.ts";

/** What gets no new connections: an upstream, or the server of it with this URL. */
export interface DrainedUpstream {
  readonly upstream: string;
  readonly target?: string;
}

/** Upstreams by their names, each made when it is first asked for. */
export class UpstreamSet {
  readonly #parts: UpstreamParts;
  readonly #running = new Map<string, Upstream>();
  #drained: readonly DrainedUpstream[] = [];

  constructor(parts: UpstreamParts) {
    this.#parts = parts;
  }

  of(config: UpstreamConfig): Upstream {
    let upstream = this.#running.get(config.name);
    if (upstream === undefined) {
      upstream = new Upstream(config, this.#parts);
      this.#drain(upstream);
      this.#running.set(config.name, upstream);
    }
    return upstream;
  }

  /** One that has been asked for. */
  find(name: string): Upstream | undefined {
    return this.#running.get(name);
  }

  all(): readonly Upstream[] {
    return [...this.#running.values()];
  }

  /** Those that are there go by their new configs; what has none any more is forgotten. */
  update(configs: readonly UpstreamConfig[], drained: readonly DrainedUpstream[]): void {
    this.#drained = drained;
    const wanted = new Map(configs.map((config) => [config.name, config]));
    for (const [name, upstream] of this.#running) {
      const config = wanted.get(name);
      if (config === undefined) {
        this.#running.delete(name);
        continue;
      }
      upstream.update(config);
      this.#drain(upstream);
    }
  }

  #drain(upstream: Upstream): void {
    const here = this.#drained.filter((each) => each.upstream === upstream.config.name);
    upstream.drain((url) => here.some(({ target }) => target === undefined || target === url));
  }
}
