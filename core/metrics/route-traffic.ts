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
  let sessions = 0;
  const [messages, bytes, bufferedBytes] = [nothing(), nothing(), nothing()];
  for (const part of parts) {
    sessions += part.sessions;
    addSides(messages, part.messages);
    addSides(bytes, part.bytes);
    addSides(bufferedBytes, part.bufferedBytes);
  }
  return { sessions, messages, bytes, bufferedBytes };
}

type Sum = { -readonly [Key in keyof BySide]: BySide[Key] };

function nothing(): Sum {
  return { client: 0, server: 0 };
}

function addSides(sum: Sum, { client, server }: BySide): void {
  sum.client += client;
  sum.server += server;
}
