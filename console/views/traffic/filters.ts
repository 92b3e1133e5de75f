import type { TrafficFilter } from "../../../core/traffic/records.ts";
import type { Query } from "../../state/query.ts";
import type { Kind } from "../../state/row-list.ts";

export const OPCODES: readonly (readonly [string, string])[] = [
  ["1", "text"],
  ["2", "binary"],
  ["9", "ping"],
  ["10", "pong"],
  ["8", "close"],
  ["0", "continuation"],
];

export const HTTP_CHOICES: readonly (readonly [string, string])[] = [
  ["upgrade", "upgrades"],
  ["request", "plain requests"],
  ["close", "closes"],
];

/** Who sent it. What policies send by themselves is kept as what their hooks have said. */
export const SENDERS: readonly (readonly [string, string])[] = [
  ["client", "client"],
  ["server", "server"],
  ["policy", "a policy by itself"],
];

export const OUTCOMES = [
  "spliced",
  "passed",
  "replaced",
  "dropped",
  "closed",
  "failed",
  "sent",
  "renewed",
] as const;

/** How far back, as the filter says it. */
export const SPANS: readonly (readonly [string, string, number])[] = [
  ["1m", "last minute", 60_000],
  ["15m", "last 15 minutes", 15 * 60_000],
  ["1h", "last hour", 60 * 60_000],
  ["24h", "last day", 24 * 60 * 60_000],
];

/** Names of the parameters of the URL that make the filter, with what a chip calls them. */
export const FILTER_NAMES: Readonly<Record<string, string>> = {
  origin: "from",
  opcode: "type",
  outcome: "outcome",
  kind: "only",
  status: "status",
  route: "route",
  node: "machine",
  session: "session",
  policy: "policy",
  within: "in the",
  from: "since",
  to: "until",
};

/** The filter that the URL says, and a key that changes with it and with nothing else. */
export function toFilter(query: Query): { readonly filter: TrafficFilter; readonly key: string } {
  const { kind, origin, opcode, outcome, status, route, node, session, policy, within, filter, from, to } =
    query;
  const reach = SPANS.find(([name]) => name === within)?.[2];
  const only = HTTP_CHOICES.map(([name]) => name).find((name) => name === kind);
  const asked: TrafficFilter = {
    ...(only === undefined ? {} : { kind: only as Kind }),
    ...(origin === "client" || origin === "server" ? { origin } : {}),
    ...(origin === "policy" ? { kind: "hook" as const } : {}),
    ...numeric("opcode", opcode),
    ...numeric("status", status),
    ...numeric("from", from),
    ...numeric("to", to),
    ...(outcome ? { outcome } : {}),
    ...(route ? { route } : {}),
    ...(node ? { node } : {}),
    ...(session ? { session } : {}),
    ...(policy ? { policy } : {}),
    ...(filter ? { filter } : {}),
    ...(reach === undefined ? {} : { from: Date.now() - reach }),
  };
  const given = [
    kind,
    origin,
    opcode,
    outcome,
    status,
    route,
    node,
    session,
    policy,
    within,
    filter,
    from,
    to,
  ];
  return { filter: asked, key: given.every((value) => !value) ? "" : JSON.stringify(given) };
}

/** A close has no opcode, outcome or origin, an upgrade no payload: kinds that cannot match are not asked for. */
export function kindsFor(kinds: readonly Kind[], filter: TrafficFilter): readonly Kind[] {
  if (kinds.includes("frame") && filter.kind !== "hook") {
    if (filter.origin !== undefined || filter.opcode !== undefined) return ["frame"];
    return filter.outcome === undefined ? kinds : ["frame", "hook"];
  }
  const fitting = filter.kind === undefined ? kinds : kinds.filter((kind) => kind === filter.kind);
  return filter.status === undefined ? fitting : fitting.filter((kind) => kind !== "close");
}

function numeric(name: string, text: string | undefined): Readonly<Record<string, number>> {
  const value = Number(text);
  return text === undefined || text === "" || Number.isNaN(value) ? {} : { [name]: value };
}

/** What of a filter a breakpoint can ask for, in words of the filter language. */
export function wordsOf({ session, route, origin, policy, outcome, text, filter }: TrafficFilter): string {
  const terms = Object.entries({ session, route, origin, policy, outcome }).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}:${JSON.stringify(value)}`],
  );
  return [...terms, text && JSON.stringify(text), filter].filter(Boolean).join(" ");
}
