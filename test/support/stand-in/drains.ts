import type { DrainsView, UpstreamViews } from "../../../core/admin/api/drains/drain-schema.ts";
import type { SteeringJobView } from "../../../core/admin/api/steering-schema.ts";
import { routeNames, servers } from "./records.ts";

type Mutable<T> = { -readonly [Key in keyof T]: T[Key] };

/** One of each: waiting, on its way, and done. */
export function makeDrains(now: number): Mutable<DrainsView> {
  return {
    gateway: false,
    routes: ["telemetry"],
    servers: [{ upstream: "trading", target: "ws://10.4.0.13:8080" }],
    closing: [
      { kind: "route", name: "telemetry", target: "", state: "running", sessions: 24, done: 16, left: 8 },
    ],
    waiting: [{ kind: "route", name: "prices", target: "", at: now + 90_000 }],
  };
}

export function makeUpstreams(): UpstreamViews["upstreams"] {
  return routeNames.map((name, index) => {
    const urls = name === "trading" ? [servers[name]!, "ws://10.4.0.13:8080"] : [servers[name]!];
    const own = urls.map((url, at) => ({ url, sessions: at === 0 ? 12 * (4 - index) : 0 }));
    return { name, servers: own, sessions: own.reduce((sum, { sessions }) => sum + sessions, 0) };
  });
}

export function makeJobs(now: number): SteeringJobView[] {
  return [
    {
      ...{ id: "5f3a91c0", what: "drain route telemetry", state: "running" },
      ...{ filter: '{"route":"telemetry"}', which: "route=telemetry" },
      ...{ perSecond: 2, overMs: 0, startedAt: now - 8000, sessions: 24, done: 16, left: 8, outcomes: {} },
      ...{ node: "gate-1", unanswered: [] },
    },
  ];
}
