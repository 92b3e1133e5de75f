import type { Drained, DrainedServer } from "../engine/engine-plan.ts";
import type { DrainPlace } from "../steering/drain-schedule.ts";

/** What operators drain: what gets no new connections, until they say otherwise or the gateway ends. */
export class DrainBook {
  readonly #routes = new Set<string>();
  readonly #servers = new Map<string, DrainedServer>();
  #isAll = false;

  set(place: DrainPlace, isDrained: boolean): void {
    switch (place.kind) {
      case "gateway":
        this.#isAll = isDrained;
        return;
      case "route":
        if (isDrained) this.#routes.add(place.name);
        else this.#routes.delete(place.name);
        return;
      case "upstream": {
        const { name: upstream, target } = place;
        const key = `${upstream}\n${target ?? ""}`;
        if (isDrained) this.#servers.set(key, { upstream, ...(target !== undefined && { target }) });
        else this.#servers.delete(key);
      }
    }
  }

  read(): Drained {
    return { isAll: this.#isAll, routes: [...this.#routes], servers: [...this.#servers.values()] };
  }
}
