import type { Drained, DrainedServer } from "../engine/engine-plan.ts";

/** What operators drain: routes and servers that get no new connections, until they say otherwise or the gateway ends. */
export class DrainBook {
  readonly #routes = new Set<string>();
  readonly #servers = new Map<string, DrainedServer>();

  setRoute(name: string, isDrained: boolean): void {
    if (isDrained) this.#routes.add(name);
    else this.#routes.delete(name);
  }

  setServer(server: DrainedServer, isDrained: boolean): void {
    if (isDrained) this.#servers.set(keyOf(server), server);
    else this.#servers.delete(keyOf(server));
  }

  read(): Drained {
    return { routes: [...this.#routes], servers: [...this.#servers.values()] };
  }
}

function keyOf({ upstream, target = "" }: DrainedServer): string {
  return `${upstream}\n${target}`;
}
