/** By who sent it. */
export interface BySide {
  readonly client: number;
  readonly server: number;
}

export interface TrafficSum {
  /** Open now. */
  readonly sessions: number;
  readonly messages: BySide;
  readonly bytes: BySide;
  /** Waiting for the other side. */
  readonly bufferedBytes: BySide;
}

export interface RouteTraffic extends TrafficSum {
  readonly route: string;
}

/** One entry a route, of sessions or of workers. */
export function sumByRoute(parts: Iterable<RouteTraffic>): RouteTraffic[] {
  const byRoute = Map.groupBy(parts, ({ route }) => route);
  return [...byRoute].map(([route, traffic]) => ({ route, ...sumTraffic(traffic) }));
}

export function sumTraffic(parts: readonly TrafficSum[]): TrafficSum {
  return {
    sessions: parts.reduce((sum, { sessions }) => sum + sessions, 0),
    messages: sumSides(parts.map(({ messages }) => messages)),
    bytes: sumSides(parts.map(({ bytes }) => bytes)),
    bufferedBytes: sumSides(parts.map(({ bufferedBytes }) => bufferedBytes)),
  };
}

function sumSides(parts: readonly BySide[]): BySide {
  let client = 0;
  let server = 0;
  for (const part of parts) {
    client += part.client;
    server += part.server;
  }
  return { client, server };
}
