import type { Side } from "../../../sandbox/contract/hooks.ts";
import { MessageMeter } from "./message-meter.ts";
import type { PowerCounts } from "./power-histogram.ts";

/** Of more the later ones share one: a metric's label has few values. */
const MOST_ROUTES = 1000;

/** By who sends. */
export type SideMeters = Readonly<Record<Side, MessageMeter>>;

/** What was measured of one side's messages in a route. */
export interface MeterReading {
  /** "": of all routes beyond the first thousand. */
  readonly route: string;
  readonly origin: Side;
  /** In bytes of payload, as on the wire. */
  readonly sizes: PowerCounts;
  /** In microseconds. */
  readonly latencies: PowerCounts;
}

/** The meters of all routes of a process. A session holds on to its route's: measuring looks nothing up. */
export class RouteMeters {
  readonly #routes = new Map<string, SideMeters>();

  of(route: string): SideMeters {
    const known = this.#routes.get(route);
    if (known !== undefined) return known;
    if (route !== "" && this.#routes.size >= MOST_ROUTES) return this.of("");
    const meters = { client: new MessageMeter(), server: new MessageMeter() };
    this.#routes.set(route, meters);
    return meters;
  }

  /** How many messages were how long in the gateway, of all routes and both sides: by the buckets of `latencyBounds`. */
  latencies(): readonly number[] {
    const totals: number[] = [];
    for (const { client, server } of this.#routes.values()) {
      client.latencies.addTo(totals);
      server.latencies.addTo(totals);
    }
    return totals;
  }

  read(): readonly MeterReading[] {
    return [...this.#routes].flatMap(([route, meters]) =>
      (["client", "server"] as const).map((origin) => ({
        ...{ route, origin },
        sizes: meters[origin].sizes.read(),
        latencies: meters[origin].latencies.read(),
      })),
    );
  }
}
